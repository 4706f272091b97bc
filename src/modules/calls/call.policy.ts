import type { CallSide } from './call-state';
import type { CallRecord } from './call.repository';

/** On which side of the call this attendee is; null on neither. */
export function sideOf({ callerId, calleeId }: CallRecord, attendeeId: string): CallSide | null {
  if (attendeeId === callerId) return 'caller';
  return attendeeId === calleeId ? 'callee' : null;
}

/** Whether this device of the attendee is to stop ringing, because another of theirs took the call. */
export function isAnsweredElsewhere(call: CallRecord, attendeeId: string, peerId: string): boolean {
  return call.calleePeer !== null && sideOf(call, attendeeId) === 'callee' && call.calleePeer !== peerId;
}

/** They ring each other at once: the call that rings already is the one they meant. */
export function isGlare(ringing: CallRecord, { callerId, calleeId }: Pick<CallRecord, 'callerId' | 'calleeId'>): boolean {
  return ringing.status === 'RINGING' && ringing.callerId === calleeId && ringing.calleeId === callerId;
}

/** The same device rings the same person: a retry, whose answer got lost. */
export function isRepeated(ringing: CallRecord, asked: Pick<CallRecord, 'callerId' | 'calleeId' | 'callerPeer'>): boolean {
  return ringing.callerId === asked.callerId && ringing.calleeId === asked.calleeId && ringing.callerPeer === asked.callerPeer;
}
