import type { SessionRecord } from '../sessions';
import { LIVE_STATUSES } from '../sessions';
import type { AttendeeRecord } from './attendee.repository';

/** How far a call under way has come, told from who is there. */
export enum CallStatus {
  CONNECTING = 'CONNECTING',
  ACTIVE = 'ACTIVE',
  ENDING = 'ENDING',
}

/** Null for a conference, and for a call that is not under way. */
export function callStatusOf(
  { kind, status }: Pick<SessionRecord, 'kind' | 'status'>,
  parties: readonly Pick<AttendeeRecord, 'status' | 'joinedAt'>[],
): CallStatus | null {
  if (kind !== 'CALL' || !LIVE_STATUSES.includes(status)) return null;
  if (parties.every((party) => party.status === 'PRESENT')) return CallStatus.ACTIVE;
  return parties.every(({ joinedAt }) => joinedAt !== null) ? CallStatus.ENDING : CallStatus.CONNECTING;
}
