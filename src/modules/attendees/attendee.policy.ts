import type { AttendeeRecord, AttendeeRole } from './attendee.repository';

type Place = Pick<AttendeeRecord, 'role' | 'status'>;

const MODERATING: readonly AttendeeRole[] = ['HOST', 'PRESENTER', 'MODERATOR'];
const PARTIES: readonly AttendeeRole[] = ['HOST', 'CLIENT', 'ADVISOR'];

/** Who keeps order: removes people, hides and answers questions. In a call both parties are equal and nobody does. */
export function canModerate({ role, status }: Place): boolean {
  return status === 'PRESENT' && MODERATING.includes(role);
}

/** A session without its host, or a call without a party, is none: they end it instead. */
export function canBeRemoved({ role }: Pick<Place, 'role'>): boolean {
  return !PARTIES.includes(role);
}

/** The host has a place of their own. */
export function takesSeat({ role }: Pick<Place, 'role'>): boolean {
  return role !== 'HOST';
}
