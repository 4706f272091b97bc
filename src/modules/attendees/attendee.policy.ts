import type { SessionRecord } from '../sessions';
import type { AttendeeRecord, AttendeeRole } from './attendee.repository';

type Place = Pick<AttendeeRecord, 'role' | 'status' | 'leaveReason'>;

const MODERATING: readonly AttendeeRole[] = ['HOST', 'PRESENTER', 'MODERATOR'];
const PARTIES: readonly AttendeeRole[] = ['HOST', 'CLIENT', 'ADVISOR'];

/** In the session now, or until it ended: those may go on reading what they were there for. */
export function takesPart({ status, leaveReason }: Pick<Place, 'status' | 'leaveReason'>): boolean {
  return status === 'PRESENT' || (status === 'LEFT' && leaveReason === 'ended');
}

/** Who keeps order: removes people, hides and answers questions. In a call both parties are equal and nobody does. */
export function canModerate(place: Place): boolean {
  return takesPart(place) && MODERATING.includes(place.role);
}

/** A session without its host, or a call without a party, is none: they end it instead of being removed, and stay what they are. */
export function isParty({ role }: Pick<Place, 'role'>): boolean {
  return PARTIES.includes(role);
}

/** What somebody can be made. */
export function isGrantable(role: AttendeeRole): boolean {
  return !PARTIES.includes(role);
}

/** Who may present: by role, or everybody where the session lets them; in a call each party, for there is only one other. */
export function canPresent({ role }: Pick<Place, 'role'>, { kind, presenting }: Pick<SessionRecord, 'kind' | 'presenting'>): boolean {
  return kind === 'CALL' || presenting === 'EVERYONE' || role === 'HOST' || role === 'PRESENTER';
}

/** The host has a place of their own. */
export function takesSeat({ role }: Pick<Place, 'role'>): boolean {
  return role !== 'HOST';
}
