import { defineEvent } from '../../realtime/event';
import type { AttendeeRecord, LeaveReason } from './attendee.repository';

const dates = ['attendee.joinedAt', 'attendee.leftAt', 'attendee.createdAt'];

/**
 * On the session's stream. Each joining is followed by one leaving, and none joins twice without leaving between. Those who stay to the end
 * leave with it: `session.changed` to COMPLETED or CANCELLED is the leaving of everybody still in, with the reason `ended`.
 */
export const attendeeJoined = defineEvent<{ attendee: AttendeeRecord }>('attendee.joined', { dates });
export const attendeeLeft = defineEvent<{ attendee: AttendeeRecord; reason: Exclude<LeaveReason, 'ended' | 'deleted'> }>('attendee.left', {
  dates,
});
/** Hand raised or lowered, role changed, readmitted; or removed or banned while not present. */
export const attendeeChanged = defineEvent<{ attendee: AttendeeRecord }>('attendee.changed', { dates });
