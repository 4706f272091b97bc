import type { AttendeeRecord } from '../attendees';

/** Who presents or keeps order, and both parties of a call, see how everybody is connected; the others, how they are. */
export function seesAll({ role }: Pick<AttendeeRecord, 'role'>): boolean {
  return role !== 'ATTENDEE';
}
