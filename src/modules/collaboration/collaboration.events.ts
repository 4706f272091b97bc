import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { ItemRecord, ItemSnapshot } from './item.repository';

/** What becomes of a session's shared lists, in order; apart from the session's own stream, which is not to be held up by it. */
export function collaborationStream(sessionId: string): StreamId {
  return `collaboration:${sessionId}`;
}

/** Added, edited or moved: the item as it now is, with its place. */
export const itemChanged = defineEvent<{ item: ItemSnapshot }>('collaboration.item_changed', {
  dates: ['item.createdAt', 'item.updatedAt'],
});

export const itemRemoved = defineEvent<{ id: string; list: ItemRecord['list'] }>('collaboration.item_removed');
