import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const attendeesAccess: AccessTable = {
  Mutation: {
    // A token would come of it, and tokens know no scopes.
    joinSession: allow('joiner'),
    renewAttendeeToken: allow('presentAttendee'),
    leaveSession: allow('placeHolder', 'attendees:write'),
    removeAttendee: allow('attendeeRemover', 'attendees:write'),
    banAttendee: allow('attendeeRemover', 'attendees:write'),
    unbanAttendee: allow('attendeeRemover', 'attendees:write'),
    setAttendeeRole: allow('host', 'attendees:write'),
    raiseHand: allow('presentAttendee', 'attendees:write'),
  },
  Session: {
    attendees: allow('sessionReader', 'attendees:read'),
    callStatus: allow('sessionReader'),
    viewerAttendee: allow('self', 'attendees:read'),
  },
  Attendee: { '*': allow('sessionReader') },
  AttendeeConnection: { '*': allow('parent'), totalCount: allow('sessionReader') },
  AttendeeEdge: AS_PARENT,
  AttendeePayload: AS_PARENT,
  JoinSessionPayload: AS_PARENT,
  AttendeeTokenPayload: AS_PARENT,
  AttendeeJoined: { ...AS_PARENT, attendee: allow('parent', 'attendees:read') },
  AttendeeLeft: { ...AS_PARENT, attendee: allow('parent', 'attendees:read') },
  AttendeeChanged: { ...AS_PARENT, attendee: allow('parent', 'attendees:read') },
};
