/**
 * Who takes part in a session. Rights in a session are those of the attendee's row at the moment of asking, never of a token. Every
 * subscription within a session runs on `Attendance.follow`, so that leaving and removal end it everywhere.
 */
export { Attendance, refusalOf } from './attendance';
export type { Standpoint } from './attendance';
export type { EngagementSource } from './engagement.service';
export { ModerationService } from './moderation.service';
export { attendeeIds, AttendeeService } from './attendee.service';
export type { AttendeeRecord, AttendeeRole, AttendeeStatus } from './attendee.repository';
/** Pure: whether this attendee keeps order (removes people, hides and answers questions). */
export { canModerate } from './attendee.policy';
/** Pure: whether this attendee may present in this session. */
export { canPresent } from './attendee.policy';
export {
  attendeeChanged,
  attendeeJoined,
  attendeeLeft,
  attendeeStoppedWaiting,
  attendeeWaiting,
  isForAttendee,
  isForEverybody,
} from './attendee.events';
export { attendeeNotFound, attendeeSilenced, moderatorsOnly } from './attendee.errors';
export {
  Attendee,
  AttendeeChanged,
  AttendeeJoined,
  AttendeeLeft,
  AttendeeStoppedWaiting,
  AttendeeWaiting,
  toAttendee,
  toAttendeeChanged,
  toAttendeeJoined,
  toAttendeeLeft,
  toAttendeeStoppedWaiting,
  toAttendeeWaiting,
} from './attendee.type';
