import type { Json, StreamEvent, StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { SignalType } from './signal-payload';

export interface SignalSent {
  /** The attendee who sent it: set by the server. */
  readonly from: string;
  /** The attendee it was addressed to; null for everybody. */
  readonly to: string | null;
  /** The devices, as their clients call them; null: any. */
  readonly fromPeer: string | null;
  readonly toPeer: string | null;
  readonly type: SignalType;
  readonly payload: Json;
}

export const signalSent = defineEvent<SignalSent>('signal.sent', { upgrade: (signal) => ({ ...ANY_PEER, ...signal }) });

/** Of signals from before devices had names. */
const ANY_PEER = { fromPeer: null, toPeer: null };

/** Whether it is for this device; those without a name get what is for any. */
export function isForPeer(event: StreamEvent, peerId: string | null): boolean {
  const { toPeer } = signalSent.read(event);
  return toPeer === null || toPeer === peerId;
}

/** One attendee's inbox. Kept for 60 seconds: longer than a socket is away, shorter than an offer is worth anything. */
export function inboxStream(attendeeId: string): StreamId {
  return `signals:${attendeeId}`;
}
