import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { TokenService } from '../auth';
import type { SessionAudience, SessionCompanion, SessionService } from '../sessions';
import type { UserService } from '../users';
import { Attendance } from './attendance';
import { AttendeeRepository } from './attendee.repository';
import { AttendeeResolver } from './attendee.resolver';
import { attendeeIds, AttendeeService } from './attendee.service';
import { toAttendee } from './attendee.type';
import { SessionAttendeesResolver } from './session-attendees.resolver';

export const attendeesResolvers = [AttendeeResolver, SessionAttendeesResolver] as const;

export interface AttendeesDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly users: UserService;
  readonly tokens: TokenService;
  readonly sessions: SessionService;
}

export interface AttendeesRoom extends RoomParts {
  readonly attendees: AttendeeService;
  readonly attendance: Attendance;
  /** For `createSessionsRoom`. */
  readonly companion: SessionCompanion;
  readonly audience: SessionAudience;
}

export function createAttendeesRoom(deps: AttendeesDeps): AttendeesRoom {
  const repository = new AttendeeRepository();
  const attendance = new Attendance(deps.kernel, repository);
  const attendees = new AttendeeService({ ...deps, attendance, attendees: repository });
  const nodes: NodeLoaders = {
    [attendeeIds.prefix]: async (id, { viewer }) => {
      const attendee = await attendees.findFor(viewer, id);
      return attendee && toAttendee(attendee);
    },
  };
  const resolvers = [new AttendeeResolver(attendees), new SessionAttendeesResolver(attendees, attendance)];
  return { attendees, attendance, companion: attendees, audience: attendance, resolvers, nodes };
}
