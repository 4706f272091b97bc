import { defineEvent } from '../../realtime/event';
import type { MessageRecord, MessageSnapshot } from './message.repository';
import type { Tallies } from './reaction-batch';

const dates = ['message.createdAt', 'message.editedAt', 'message.deletedAt', 'message.pinnedAt'];

/** On the channel's stream; the offset of this event is the message's own. */
export const messageAdded = defineEvent<{ message: MessageSnapshot }>('message.added', { dates });
export const messageEdited = defineEvent<{ message: MessageSnapshot }>('message.edited', { dates });
export const messageDeleted = defineEvent<{ message: MessageSnapshot }>('message.deleted', { dates, erasesPast: true });

/** All reactions to the message, after those that changed. */
export const reactionsChanged = defineEvent<{ messageId: string; tallies: Tallies }>('message.reactions_changed');

/** Without its text, so that there is nothing to take back when the message is deleted; a deletion also unpins, untold. */
export const pinChanged = defineEvent<{ messageId: string; pinnedAt: Date | null }>('message.pin_changed', { dates: ['pinnedAt'] });

export function snapshotOf({ clientId: _, clientDigest: __, ...message }: MessageRecord): MessageSnapshot {
  return message;
}
