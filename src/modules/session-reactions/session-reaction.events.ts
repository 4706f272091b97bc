import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { ReactionTotals } from './session-reaction.repository';

/** What a session's reactions come to at a moment. */
export interface ReactionState {
  readonly sessionId: string;
  readonly totals: ReactionTotals;
}

/** All that was sent to one instance within an interval, as one event: who sent it is not kept. */
export const sessionReacted = defineEvent<ReactionState>('session.reacted');

/** Away from the session's own stream: it is kept for a few minutes only. */
export function reactionsStream(sessionId: string): StreamId {
  return `reactions:${sessionId}`;
}
