import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { TokenService } from '../auth';
import type { JoinCodeGuesses, OrphanService, SessionAudience, SessionCompanion, SessionOversight, SessionService } from '../sessions';
import type { UserService } from '../users';
import { Attendance } from './attendance';
import type { AttendeeRecord } from './attendee.repository';
import { AttendeeRepository } from './attendee.repository';
import { AttendeeResolver } from './attendee.resolver';
import { attendeeIds, AttendeeService } from './attendee.service';
import { toAttendee } from './attendee.type';
import { AdmissionResolver, SessionLinesResolver, WaitingConnectionResolver } from './admission.resolver';
import { AdmissionService } from './admission.service';
import { ConnectionRepository } from './connection.repository';
import { DuplicateRepository } from './duplicate.repository';
import { ModerationResolver } from './moderation.resolver';
import { ModerationService } from './moderation.service';
import { EngagementResolver } from './engagement.resolver';
import type { EngagementSource } from './engagement.service';
import { EngagementService } from './engagement.service';
import { LostSweeper } from './lost-sweeper';
import { OrphanSweeper } from './orphan-sweeper';
import { PresenceResolver, SessionPresenceResolver } from './presence.resolver';
import { PresenceService } from './presence.service';
import { Rosters } from './rosters';
import { Seating } from './seating';
import { SessionCallResolver } from './session-call.resolver';
import { SessionAttendeesResolver } from './session-attendees.resolver';
import { SessionPresence } from './session-presence';
import { WaitingRepository } from './waiting.repository';

/** How long somebody may be without a connection before they have left. */
const GRACE_MS = 20_000;

export const attendeesResolvers = [
  AttendeeResolver,
  ModerationResolver,
  SessionAttendeesResolver,
  AdmissionResolver,
  SessionLinesResolver,
  WaitingConnectionResolver,
  PresenceResolver,
  SessionPresenceResolver,
  EngagementResolver,
  SessionCallResolver,
] as const;

export interface AttendeesDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'presence'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly tokens: TokenService;
  readonly sessions: SessionService;
  readonly guesses: JoinCodeGuesses;
  readonly oversight: SessionOversight;
  readonly orphans: OrphanService;
  /** Of higher rooms, asked late: they are built after this one. */
  readonly engagement: () => readonly EngagementSource[];
  /** When sessions end that nobody is connected to. Null: never. */
  readonly orphanAfterMs: number | null;
  /** How long somebody may be without a connection before they have left; 20 seconds when left out, null: for ever. */
  readonly graceMs?: number | null;
  /** Told when looking for them failed. */
  readonly onError?: (error: unknown) => void;
  /** How often at most somebody is told of a state that changes all the time; a second when left out. */
  readonly tellEveryMs?: number;
  /** How often who is connected is said again. */
  readonly heartbeatMs?: number;
}

export interface AttendeesRoom extends RoomParts {
  readonly attendees: AttendeeService;
  readonly moderation: ModerationService;
  readonly admissions: AdmissionService;
  readonly attendance: Attendance;
  readonly presence: SessionPresence;
  readonly presences: PresenceService;
  readonly engagements: EngagementService;
  /** Null when nobody is lost. */
  readonly lostSweeper: LostSweeper | null;
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
  const connections = new ConnectionRepository();
  const rosters = new Rosters(deps.kernel, repository);
  const presence = createPresence(deps, rosters, connections);
  const orphanSweeper = createSweeper(deps, presence);
  const comeBack = (place: AttendeeRecord): Promise<AttendeeRecord> => attendees.comeBack(place);
  const attendance = new Attendance(deps.kernel, repository, rosters, presence, deps.sessions, deps.oversight, comeBack);
  const tables = { attendees: repository, connections, waiting: new WaitingRepository(), duplicates: new DuplicateRepository() };
  const graceMs = deps.graceMs ?? GRACE_MS;
  const losesNobody = deps.graceMs === null;
  const seating = new Seating({ ...deps, ...tables });
  const attendees: AttendeeService = new AttendeeService({ ...deps, ...tables, attendance, seating, graceMs });
  const moderation = new ModerationService({ ...deps, attendance, attendees: repository, seating });
  const admissions = new AdmissionService({
    ...deps,
    ...tables,
    attendance,
    seating,
    people: attendees,
    moderation,
    intervalMs: deps.tellEveryMs,
  });
  const onError = deps.onError ?? (() => undefined);
  const lostSweeper = losesNobody ? null : new LostSweeper({ ...deps, presence, connections, people: attendees, graceMs, onError });
  const presences = new PresenceService({ ...deps, attendance, people: attendees, presence, connections, intervalMs: deps.tellEveryMs });
  const engagements = new EngagementService({ ...deps, attendees: repository, people: attendees });
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
    new AdmissionResolver(admissions),
    new SessionLinesResolver(admissions, attendees),
    new WaitingConnectionResolver(admissions),
    new PresenceResolver(presences),
    new SessionPresenceResolver(presences),
    new EngagementResolver(engagements),
    new SessionCallResolver(attendees),
  ];
  const close = async (): Promise<void> => {
    await Promise.all([orphanSweeper?.close(), lostSweeper?.close()]);
    await presence.close();
  };
  const wired = { companion: attendees, audience: attendance };
  return {
    attendees,
    moderation,
    admissions,
    attendance,
    presence,
    presences,
    engagements,
    orphanSweeper,
    lostSweeper,
    ...wired,
    resolvers,
    nodes,
    close,
  };
}

function createPresence(
  { kernel, orphans, orphanAfterMs, heartbeatMs }: AttendeesDeps,
  rosters: Rosters,
  connections: ConnectionRepository,
): SessionPresence {
  const onConnected = (ids: readonly string[], since: 'now' | 'before') =>
    since === 'now' ? connections.seen(kernel.database, ids) : connections.stillSeen(kernel.database, ids);
  const onOccupied = orphanAfterMs === null ? undefined : (ids: readonly string[]) => orphans.occupied(ids);
  return new SessionPresence({ store: kernel.presence, rosters, onOccupied, onConnected, heartbeatMs });
}

function createSweeper({ orphans, orphanAfterMs, onError }: AttendeesDeps, presence: SessionPresence): OrphanSweeper | null {
  if (orphanAfterMs === null) return null;
  return new OrphanSweeper({ orphans, presence, afterMs: orphanAfterMs, onError: onError ?? (() => undefined) });
}
