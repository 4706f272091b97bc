import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import { LiveStates } from '../../realtime/live-state';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditAction, AuditTrail } from '../audit';
import type { SessionRecord, SessionService } from '../sessions';
import { sessionNotFound, sessionStream } from '../sessions';
import type { Attendance } from './attendance';
import { moderatorsOnly, notWaiting, sessionFull } from './attendee.errors';
import { attendeeNewsIn } from './attendee.events';
import type { AttendeeRecord, AttendeeRepository, WaitReason } from './attendee.repository';
import type { AttendeeService } from './attendee.service';
import type { ModerationService } from './moderation.service';
import type { Seating } from './seating';
import type { WaitingRepository } from './waiting.repository';

/** As many as are let in, or sent away, at once. */
export const MAX_AT_ONCE = 1_000;
const MAX_LINE = 10_000;
/** Nobody is told where they stand more often than this. */
const INTERVAL_MS = 1_000;

/** Somebody, and where they stand among those who wait for the same: 1 is next; null for who does not wait. */
export interface Wait {
  readonly attendee: AttendeeRecord;
  readonly place: number | null;
}

export interface AdmissionServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly attendees: AttendeeRepository;
  readonly waiting: WaitingRepository;
  readonly seating: Seating;
  readonly people: AttendeeService;
  readonly moderation: ModerationService;
  readonly intervalMs?: number;
}

/** The lobby and the line for a seat: who waits sees where they stand, who keeps order sees all who do, and lets them in. */
export class AdmissionService {
  private readonly lines: LiveStates<ReadonlyMap<string, Wait>>;

  constructor(private readonly deps: AdmissionServiceDeps) {
    this.lines = new LiveStates({
      watch: (sessionId, onNews) =>
        deps.kernel.fanOut.watch(sessionStream(sessionId), (event) => {
          if (event === null || attendeeNewsIn(event) !== null || event.type === 'session.changed') onNews();
        }),
      read: (sessionId) => this.readLines(sessionId),
      intervalMs: deps.intervalMs ?? INTERVAL_MS,
    });
  }

  /** Lets one in who waits in the lobby: on a seat, or into the line for one. FAILED_PRECONDITION NOT_WAITING, SESSION_FULL. */
  admit(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.deps.moderation.moderate(actor, attendeeId, async (tx, { session, target }) => {
      if (target.waitingFor === 'SEAT' || target.status === 'PRESENT') return target;
      if (target.waitingFor !== 'ADMISSION') throw notWaiting();
      return (await this.letIn(tx, actor, session, target)).attendee;
    });
  }

  /** Lets in all who wait in the lobby, the longest first; of those for whom there is neither seat nor line none. */
  admitAll(actor: Actor, sessionId: string): Promise<AttendeeRecord[]> {
    return this.command(actor, sessionId, async (tx, session) => {
      const lobby = { sessionId, waitFor: 'ADMISSION', after: 0, limit: MAX_AT_ONCE } as const;
      const admitted: AttendeeRecord[] = [];
      let now = session;
      for (const target of await this.deps.waiting.list(tx, lobby)) {
        if (!now.waitingList && now.attendeeCount >= now.capacity) break;
        const entered = await this.letIn(tx, actor, now, target);
        now = entered.session;
        admitted.push(entered.attendee);
      }
      if (admitted.length === 0 && (await this.deps.waiting.count(tx, sessionId, 'ADMISSION')) > 0) throw sessionFull();
      return admitted;
    });
  }

  /** Sends one away who waits. They do not come again until somebody lifts it, as after a removal. */
  deny(actor: Actor, attendeeId: string): Promise<AttendeeRecord> {
    return this.deps.moderation.moderate(actor, attendeeId, async (tx, { session, target }) => {
      if (target.status === 'REMOVED') return target;
      const [denied] = await this.sendAway(tx, actor, session, [attendeeId]);
      if (denied === undefined) throw notWaiting();
      return denied;
    });
  }

  /** The same with all who wait in the lobby. */
  denyAll(actor: Actor, sessionId: string): Promise<AttendeeRecord[]> {
    return this.command(actor, sessionId, (tx, session) => this.sendAway(tx, actor, session, null));
  }

  /** Who waits for this, the longest first. For who keeps order. */
  async list(
    actor: Actor,
    session: SessionRecord,
    page: { readonly waitFor: WaitReason; readonly after: number; readonly limit: number },
  ): Promise<AttendeeRecord[]> {
    await this.requireOverview(actor, session);
    return this.deps.waiting.list(this.deps.kernel.database, { sessionId: session.id, ...page });
  }

  async count(actor: Actor, session: SessionRecord, waitFor: WaitReason): Promise<number> {
    await this.requireOverview(actor, session);
    return this.deps.waiting.count(this.deps.kernel.database, session.id, waitFor);
  }

  /** The viewer's own place, in whatever status. Throws NOT_FOUND when there is none. */
  async find(actor: Actor, sessionId: string): Promise<Wait> {
    const { attendance, waiting, kernel } = this.deps;
    const attendee = await attendance.ask({ viewer: actor.viewer, sessionId });
    if (attendee === null) throw sessionNotFound();
    return { attendee, place: await waiting.placeOf(kernel.database, attendee) };
  }

  /** The same, first as it is and then after each change, at most one a second. Ends when they do not wait any more, and has said so. */
  async follow(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<Wait>> {
    const own = await this.find(actor, sessionId);
    const asked = { viewer: actor.viewer, sessionId };
    const view = {
      of: async (lines: ReadonlyMap<string, Wait>): Promise<Wait> =>
        lines.get(own.attendee.id) ?? { attendee: (await this.deps.attendance.ask(asked)) ?? own.attendee, place: null },
      equal: (one: Wait, other: Wait) => one.place === other.place && one.attendee.waitingFor === other.attendee.waitingFor,
      isLast: ({ attendee }: Wait) => attendee.waitingFor === null,
    };
    return this.lines.follow(sessionId, view, signal);
  }

  private async letIn(tx: RecordingTx, actor: Actor, session: SessionRecord, target: AttendeeRecord) {
    const entered = await this.deps.seating.sit(tx, session, target, session.waitingList);
    this.record(tx, actor, session, target, 'attendee.admitted');
    return entered;
  }

  private async sendAway(tx: RecordingTx, actor: Actor, session: SessionRecord, ids: readonly string[] | null): Promise<AttendeeRecord[]> {
    const denied = await this.deps.waiting.deny(tx, session.id, ids, MAX_AT_ONCE);
    for (const attendee of denied) {
      this.record(tx, actor, session, attendee, 'attendee.denied');
      this.deps.seating.stoppedWaiting(tx, session, attendee, 'denied');
    }
    return denied;
  }

  private command(
    actor: Actor,
    sessionId: string,
    work: (tx: RecordingTx, session: SessionRecord) => Promise<AttendeeRecord[]>,
  ): Promise<AttendeeRecord[]> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const session = await this.deps.sessions.lock(tx, sessionId);
      await this.deps.moderation.requireModerator(tx, actor.viewer, session, sessionNotFound);
      return work(tx, session);
    });
  }

  /** To whoever may not read the session it does not exist. */
  private async requireOverview(actor: Actor, session: SessionRecord): Promise<void> {
    const { people, sessions } = this.deps;
    if (!(await sessions.admits(actor, session, 'session.attendees_read'))) throw sessionNotFound();
    if (!(await people.sight(actor, session)).waiting) throw moderatorsOnly();
  }

  private async readLines(sessionId: string): Promise<ReadonlyMap<string, Wait>> {
    const { waiting, kernel } = this.deps;
    const lines = await Promise.all(
      (['ADMISSION', 'SEAT'] as const).map((waitFor) => waiting.list(kernel.database, { sessionId, waitFor, after: 0, limit: MAX_LINE })),
    );
    return new Map(lines.flatMap((line) => line.map((attendee, index) => [attendee.id, { attendee, place: index + 1 }] as const)));
  }

  private record(tx: RecordingTx, actor: Actor, { id, organizationId }: SessionRecord, target: AttendeeRecord, action: AuditAction): void {
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: target.id, details: { sessionId: id } });
  }
}
