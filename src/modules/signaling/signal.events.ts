import type { Json, StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { SignalType } from './signal-payload';

export interface SignalSent {
  /** The attendee who sent it: set by the server. */
  readonly from: string;
  /** The attendee it was addressed to; null for everybody. */
  readonly to: string | null;
  readonly type: SignalType;
  readonly payload: Json;
}

export const signalSent = defineEvent<SignalSent>('signal.sent');

/** One attendee's inbox. Kept for 60 seconds: longer than a socket is away, shorter than an offer is worth anything. */
export function inboxStream(attendeeId: string): StreamId {
  return `signals:${attendeeId}`;
}
