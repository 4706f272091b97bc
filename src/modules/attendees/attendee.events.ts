import { defineEvent } from '../../realtime/event';
import type { AttendeeRecord } from './attendee.repository';

const dates = ['attendee.joinedAt', 'attendee.leftAt', 'attendee.createdAt'];

export type LeaveReason = 'left' | 'removed';

/** On the session's stream. Each joining is followed by at most one leaving, and none joins twice without leaving between. */
export const attendeeJoined = defineEvent<{ attendee: AttendeeRecord }>('attendee.joined', { dates });
export const attendeeLeft = defineEvent<{ attendee: AttendeeRecord; reason: LeaveReason }>('attendee.left', { dates });
/** Hand raised or lowered; or removed while not present. */
export const attendeeChanged = defineEvent<{ attendee: AttendeeRecord }>('attendee.changed', { dates });
