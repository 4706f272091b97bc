import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { TokenService } from '../auth';
import type { JoinCodeGuesses, OrphanService, SessionAudience, SessionCompanion, SessionOversight, SessionService } from '../sessions';
import type { UserService } from '../users';
import { Attendance } from './attendance';
import { AttendeeRepository } from './attendee.repository';
import { AttendeeResolver } from './attendee.resolver';
import { attendeeIds, AttendeeService } from './attendee.service';
import { toAttendee } from './attendee.type';
import { ModerationResolver } from './moderation.resolver';
import { ModerationService } from './moderation.service';
import { OrphanSweeper } from './orphan-sweeper';
import { Rosters } from './rosters';
import { SessionCallResolver } from './session-call.resolver';
import { SessionAttendeesResolver } from './session-attendees.resolver';
import { SessionPresence } from './session-presence';

export const attendeesResolvers = [AttendeeResolver, ModerationResolver, SessionAttendeesResolver, SessionCallResolver] as const;

export interface AttendeesDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'presence'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly tokens: TokenService;
  readonly sessions: SessionService;
  readonly guesses: JoinCodeGuesses;
  readonly oversight: SessionOversight;
  readonly orphans: OrphanService;
  /** When sessions end that nobody is connected to. Null: never. */
  readonly orphanAfterMs: number | null;
  /** Told when looking for them failed. */
  readonly onError?: (error: unknown) => void;
  /** How often who is connected is said again. */
  readonly heartbeatMs?: number;
}

export interface AttendeesRoom extends RoomParts {
  readonly attendees: AttendeeService;
  readonly moderation: ModerationService;
  readonly attendance: Attendance;
  readonly presence: SessionPresence;
  /** Null when orphans are left alone. */
  readonly orphanSweeper: OrphanSweeper | null;
  /** For `createSessionsRoom`. */
  readonly companion: SessionCompanion;
  readonly audience: SessionAudience;
  /** Takes leave of the presence store. Idempotent. */
  close(): Promise<void>;
}

export function createAttendeesRoom(deps: AttendeesDeps): AttendeesRoom {
  const repository = new AttendeeRepository();
  const rosters = new Rosters(deps.kernel, repository);
  const presence = createPresence(deps, rosters);
  const orphanSweeper = createSweeper(deps, presence);
  const attendance = new Attendance(deps.kernel, repository, rosters, presence, deps.sessions, deps.oversight);
  const attendees = new AttendeeService({ ...deps, attendance, attendees: repository });
  const moderation = new ModerationService({ ...deps, attendance, attendees: repository, people: attendees });
  const nodes: NodeLoaders = {
    [attendeeIds.prefix]: async (id, context) => {
      const attendee = await attendees.findFor(context, id);
      return attendee && toAttendee(attendee);
    },
  };
  const resolvers = [
    new AttendeeResolver(attendees, deps.guesses),
    new ModerationResolver(moderation),
    new SessionAttendeesResolver(attendees, attendance),
    new SessionCallResolver(attendees),
  ];
  const close = async (): Promise<void> => {
    await orphanSweeper?.close();
    await presence.close();
  };
  const wired = { companion: attendees, audience: attendance };
  return { attendees, moderation, attendance, presence, orphanSweeper, ...wired, resolvers, nodes, close };
}

function createPresence({ kernel, orphans, orphanAfterMs, heartbeatMs }: AttendeesDeps, rosters: Rosters): SessionPresence {
  const onOccupied = orphanAfterMs === null ? undefined : (ids: readonly string[]) => orphans.occupied(ids);
  return new SessionPresence({ store: kernel.presence, rosters, onOccupied, heartbeatMs });
}

function createSweeper({ orphans, orphanAfterMs, onError }: AttendeesDeps, presence: SessionPresence): OrphanSweeper | null {
  if (orphanAfterMs === null) return null;
  return new OrphanSweeper({ orphans, presence, afterMs: orphanAfterMs, onError: onError ?? (() => undefined) });
}
