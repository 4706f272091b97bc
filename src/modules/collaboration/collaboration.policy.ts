import type { AttendeeRecord } from '../attendees';
import { canModerate, canPresent } from '../attendees';
import type { SessionRecord } from '../sessions';

/** Who edits the shared lists, and points at things: who may present, and who keeps order. */
export function canCollaborate(attendee: AttendeeRecord, session: SessionRecord): boolean {
  return canPresent(attendee, session) || canModerate(attendee);
}
