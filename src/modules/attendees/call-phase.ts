import type { SessionRecord } from '../sessions';
import { LIVE_STATUSES } from '../sessions';
import type { AttendeeRecord } from './attendee.repository';

/** How far a call under way has come, told from who is there. */
export enum CallPhase {
  CONNECTING = 'CONNECTING',
  ACTIVE = 'ACTIVE',
  ENDING = 'ENDING',
}

/** Null for a conference, and for a call that is not under way. */
export function callPhaseOf(
  { kind, status }: Pick<SessionRecord, 'kind' | 'status'>,
  parties: readonly Pick<AttendeeRecord, 'status' | 'joinedAt'>[],
): CallPhase | null {
  if (kind !== 'CALL' || !LIVE_STATUSES.includes(status)) return null;
  if (parties.every((party) => party.status === 'PRESENT')) return CallPhase.ACTIVE;
  return parties.every(({ joinedAt }) => joinedAt !== null) ? CallPhase.ENDING : CallPhase.CONNECTING;
}
