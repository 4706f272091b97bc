import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import { idKind } from '../../lib/ids';
import type { UserViewer, Viewer } from '../../lib/viewer';
import { reachesOrganization, viewerIds } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx, UnitOfWork } from '../../realtime/unit-of-work';
import type { AuditAction, AuditFact, AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { requireUser } from '../users';
import { createJoinCode, parseJoinCode } from './join-code';
import { scheduleAfter, UNSCHEDULED, wishesSchedule } from './schedule';
import type { ScheduleWish } from './schedule';
import {
  capacityBelowAttendance,
  illegalTransition,
  notTheHost,
  sessionNotFound,
  sessionNotLive,
  sessionOver,
  sessionUnderWay,
} from './session.errors';
import { sessionChanged, sessionStream } from './session.events';
import type { LifecycleCommand } from './session.lifecycle';
import { LIFECYCLE, LIVE_STATUSES, OPEN_STATUSES, statusAfter } from './session.lifecycle';
import type { Oversight } from './session.policy';
import { canEdit, canRun, isHost } from './session.policy';
import type { SessionAudience, SessionCompanion } from './session.ports';
import { assertConsistent, assertSameRequest, blankToNull, draftOf, given, retryOf, trimmed } from './session-draft';
import type { SessionDraft } from './session-draft';
import type { SessionOversight } from './session-oversight';
import type { SessionQuota } from './session-quota';
import type {
  NewSession,
  Retry,
  SessionChanges,
  SessionEndReason,
  SessionRecord,
  SessionRepository,
  SessionSearch,
} from './session.repository';

export const sessionIds = idKind('ses');

const AUDITED: Readonly<Record<LifecycleCommand, AuditAction>> = {
  start: 'session.started',
  pause: 'session.paused',
  resume: 'session.resumed',
  end: 'session.ended',
  cancel: 'session.cancelled',
};
const CALL_CAPACITY = 2;
const CODE_ATTEMPTS = 5;

export interface SessionPage extends Omit<SessionSearch, 'hostId' | 'organizationIds' | 'ids' | 'within'> {
  readonly organizationId?: string | null;
}

export interface DuplicateWish extends ScheduleWish {
  readonly title?: string;
  readonly clientId?: string | null;
}

export type SessionWish = Omit<SessionChanges, 'schedule'> & ScheduleWish;

export interface SessionServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly oversight: SessionOversight;
  readonly sessions: SessionRepository;
  readonly quota: SessionQuota;
  /** How many attendees connect to each other before they are sent to a media server; null or left out: however many. */
  readonly sfuAbove?: number | null;
  /** Asked late: these rooms are built after this one. */
  readonly companions: () => readonly SessionCompanion[];
  readonly audience: () => SessionAudience;
}

/** Of whom a new session is. */
type Home = Pick<SessionRecord, 'hostId' | 'organizationId'>;

/** As much of a session as tells who may read it. */
type Readable = Pick<SessionRecord, 'id' | 'hostId' | 'organizationId'>;

/** A right to a session; with an `oversight` they have it by looking after the session. */
interface Granted {
  readonly session: SessionRecord;
  readonly oversight: Oversight | null;
}

export class SessionService {
  constructor(private readonly deps: SessionServiceDeps) {}

  /** The session, whoever asks. For rooms that check the viewer's right themselves. */
  find(db: Db, id: string): Promise<SessionRecord | null> {
    return sessionIds.is(id) ? this.deps.sessions.find(db, id) : Promise.resolve(null);
  }

  /** The same; throws NOT_FOUND. */
  async get(db: Db, id: string): Promise<SessionRecord> {
    const session = await this.find(db, id);
    if (session === null) throw sessionNotFound();
    return session;
  }

  /** The session while people may join and talk; FAILED_PRECONDITION SESSION_ENDED or SESSION_CANCELLED after. */
  async requireOpen(db: Db, id: string): Promise<SessionRecord> {
    return assertOpen(await this.get(db, id));
  }

  /** The session while it is LIVE or PAUSED, else FAILED_PRECONDITION SESSION_NOT_LIVE. As it was when it was read. */
  async requireLive(db: Db, id: string): Promise<SessionRecord> {
    return assertLive(await this.get(db, id));
  }

  /**
   * The same, and it stays so until the transaction ends. Only where ending in the meantime would do harm: many who hold this in
   * turn keep the session from being ended or joined.
   */
  async requireLiveLocked(tx: Tx, id: string): Promise<SessionRecord> {
    const session = sessionIds.is(id) ? await this.deps.sessions.lockShared(tx, id) : null;
    if (session === null) throw sessionNotFound();
    return assertLive(session);
  }

  /** For changes of who takes part: one at a time per session, so that what was read about its people stays true. */
  async lock(tx: Tx, id: string): Promise<SessionRecord> {
    const session = sessionIds.is(id) ? await this.deps.sessions.lock(tx, id) : null;
    if (session === null) throw sessionNotFound();
    return session;
  }

  /** The same, for who may edit it; throws as every command on a session does. */
  async lockToEdit(tx: Tx, viewer: Viewer, id: string): Promise<SessionRecord> {
    await this.requireRight(tx, viewer, id, canEdit);
    return this.lock(tx, id);
  }

  async lockByCode(tx: Tx, typed: string): Promise<SessionRecord> {
    const code = parseJoinCode(typed);
    const session = code === null ? null : await this.deps.sessions.lockByCode(tx, code);
    if (session === null) throw sessionNotFound();
    return session;
  }

  /** Null when no seat is free. Whoever comes as one too many for a mesh has everybody told to go to the media server. */
  async takeSeat(tx: RecordingTx, id: string): Promise<SessionRecord | null> {
    const seated = await this.deps.sessions.takeSeat(tx, id);
    return seated && this.handedOver(tx, seated);
  }

  /** Takes so many seats that are free, or gives them back when negative. For whoever holds the session, and so knows that it can. */
  async moveSeats(tx: RecordingTx, id: string, seats: number): Promise<SessionRecord> {
    const moved = await this.deps.sessions.moveSeats(tx, id, seats);
    if (moved === null) throw new Error(`${seats} seats of ${id} could not be taken`);
    return this.handedOver(tx, moved);
  }

  /** Hosts, attendees who were not removed, members of its organization, and whoever looks after it may read a session and who takes part. */
  async canRead(db: Db, viewer: Viewer, session: Readable): Promise<boolean> {
    return (await this.isInside(db, viewer, session)) || (await this.deps.oversight.find(db, viewer, session)) !== null;
  }

  /** The same, for reading it: that an administrator of the platform has read it is audited, as `action`. */
  async admits(actor: Actor, session: Readable, action: AuditAction): Promise<boolean> {
    if (await this.isInside(this.deps.kernel.database.as(viewerIds(actor.viewer)), actor.viewer, session)) return true;
    return (await this.deps.oversight.findReading(actor, session, action)) !== null;
  }

  /** Null when it does not exist or the viewer may not read it. */
  async findFor(actor: Actor, id: string): Promise<SessionRecord | null> {
    const session = await this.find(this.deps.kernel.database, id);
    return session !== null && (await this.admits(actor, session, 'session.read')) ? session : null;
  }

  /** Whoever knows the code may see the session's card. */
  async findCard(typed: string): Promise<SessionRecord | null> {
    const code = parseJoinCode(typed);
    return code === null ? null : this.deps.sessions.findByCode(this.deps.kernel.database, code);
  }

  /** What the viewer hosts, takes part in, or can see as a member of an organization. */
  async list(viewer: Viewer, { organizationId, ...page }: SessionPage): Promise<SessionRecord[]> {
    if (viewer.kind === 'anonymous' || (organizationId != null && !reachesOrganization(viewer, organizationId))) return [];
    const { database } = this.deps.kernel;
    const hostId = viewer.kind === 'user' ? viewer.userId : null;
    const within = organizationId ?? (viewer.kind === 'user' ? (viewer.key?.organizationId ?? null) : null);
    const organizationIds = hostId === null ? [] : await this.deps.organizations.listIdsOf(database.as([hostId]), hostId);
    const ids = await this.deps.audience().listSessionIds(database, viewer);
    return this.deps.sessions.search(database, { ...page, hostId, organizationIds, ids, within });
  }

  /** The same `clientId` from the same user is the same session. By the server, which alone may hold the organization for its plan. */
  async create(viewer: Viewer, draft: SessionDraft): Promise<SessionRecord> {
    const creator = requireUser(viewer);
    assertConsistent(draft, creator.userId);
    const retry = retryOf(draft.clientId, draft);
    return this.deps.kernel.unitOfWork
      .as('system')
      .run(
        async (tx) =>
          (await this.findMade(tx, creator.userId, retry)) ?? this.make(tx, await this.homeOf(tx, creator, draft), draft, retry),
      );
  }

  /**
   * A session of the same host with what was set up for this one: title, kind, seats, price, settings, metadata, and what other rooms prepare;
   * no people, nothing that they wrote, no notes. Not scheduled, unless the wish says when. The same `clientId` is the same copy.
   */
  async duplicate(actor: Actor, id: string, wish: DuplicateWish): Promise<SessionRecord> {
    const retry = retryOf(wish.clientId, { id, ...wish });
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { session: source, oversight } = await this.requireRight(tx, actor.viewer, id, canEdit);
      if (oversight === null) await this.deps.organizations.requireRole(tx, actor.viewer, source.organizationId, 'MEMBER');
      const made = await this.findMade(tx, source.hostId, retry);
      return made ?? this.make(tx, source, { ...draftOf(source), ...given(wish) }, retry, source);
    });
  }

  async update(actor: Actor, id: string, wish: SessionWish): Promise<SessionRecord> {
    return this.unitOfWorkOf(actor, wish.capacity !== undefined).run(async (tx) => {
      const { session, oversight } = await this.requireRight(tx, actor.viewer, id, canEdit);
      if (session.kind === 'CALL' && wish.capacity !== undefined) throw badInput('capacity', 'of a CALL cannot be changed');
      const conferenceOnly = (['questionApproval', 'lobby', 'waitingList'] as const).find((setting) => wish[setting] === true);
      if (session.kind === 'CALL' && conferenceOnly !== undefined) throw badInput(conferenceOnly, 'is for a CONFERENCE only');
      if (wish.capacity !== undefined) await this.deps.quota.requireSeats(tx, session.organizationId, wish.capacity);
      const changes = await this.changesOf(tx, id, wish);
      const updated = await this.deps.sessions.update(tx, id, trimmed(changes), OPEN_STATUSES);
      if (updated !== null) {
        this.deps.audit.record(tx, actor, {
          ...factOf('session.updated', updated),
          details: { fields: namesOf(wish), ...(oversight && { by: oversight }) },
        });
        this.changed(tx, updated);
        for (const companion of this.deps.companions()) await companion.sessionUpdated?.(tx, updated);
        return this.get(tx, id);
      }
      assertOpen(await this.get(tx, id));
      throw capacityBelowAttendance();
    });
  }

  /** To everybody it is as if it had never been. The row, what was said in it and the audit log stay. One that has not begun is cancelled first. */
  async delete(actor: Actor, id: string): Promise<void> {
    await this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const { oversight } = await this.requireRight(tx, actor.viewer, id, canEdit);
      if (LIVE_STATUSES.includes((await this.lock(tx, id)).status)) throw sessionUnderWay();
      await this.move(tx, id, 'cancel', null);
      const deleted = await this.deps.sessions.markDeleted(tx, id);
      if (deleted === null) throw sessionNotFound();
      for (const companion of this.deps.companions()) await companion.sessionDeleted?.(tx, deleted);
      this.deps.audit.record(tx, actor, { ...factOf('session.deleted', deleted), details: { ...(oversight && { by: oversight }) } });
      this.changed(tx, deleted);
    });
  }

  /** Moves the session along its life. Of commands that exclude each other one wins; the others get ILLEGAL_TRANSITION. */
  async command(actor: Actor, id: string, command: LifecycleCommand): Promise<SessionRecord> {
    return this.unitOfWorkOf(actor, command === 'start').run(async (tx) => {
      const { session, oversight } = await this.requireRight(tx, actor.viewer, id, canRun);
      if (command === 'start' && statusAfter(session.status, command) !== null)
        await this.deps.quota.requireLive(tx, session.organizationId);
      const endReason = command === 'end' ? 'REQUESTED' : null;
      const moved = await this.move(tx, id, command, endReason);
      if (moved === null) throw illegalTransition((await this.get(tx, id)).status, command);
      const details = { ...(endReason && { reason: endReason }), ...(oversight && { by: oversight }) };
      this.deps.audit.record(tx, actor, { ...factOf(AUDITED[command], moved), details });
      return moved;
    });
  }

  /** By the server itself; null when it is not under way. */
  async end(tx: RecordingTx, id: string, reason: SessionEndReason): Promise<SessionRecord | null> {
    const ended = await this.move(tx, id, 'end', reason);
    if (ended !== null) this.deps.audit.recordOwn(tx, { ...factOf('session.ended', ended), details: { reason } });
    return ended;
  }

  private async move(
    tx: RecordingTx,
    id: string,
    command: LifecycleCommand,
    endReason: SessionEndReason | null,
  ): Promise<SessionRecord | null> {
    const { from, to } = LIFECYCLE[command];
    const moved = await this.deps.sessions.transition(tx, { id, from, to, endReason });
    if (moved === null) return null;
    if (!OPEN_STATUSES.includes(to)) for (const companion of this.deps.companions()) await companion.sessionOver?.(tx, moved);
    return this.changed(tx, moved);
  }

  /** NOT_FOUND for whoever may not even read it, FORBIDDEN for who may read but not do this. */
  private async requireRight(
    tx: Tx,
    viewer: Viewer,
    id: string,
    allows: (viewer: Viewer, session: SessionRecord) => boolean,
  ): Promise<Granted> {
    const session = await this.get(tx, id);
    if (reachesOrganization(viewer, session.organizationId) && allows(viewer, session)) return { session, oversight: null };
    const oversight = await this.deps.oversight.find(tx, viewer, session);
    if (oversight === null) throw (await this.isInside(tx, viewer, session)) ? notTheHost() : sessionNotFound();
    return { session, oversight };
  }

  /** Whether a place in it, or in its organization, lets the viewer read it. */
  private async isInside(db: Db, viewer: Viewer, session: Readable): Promise<boolean> {
    if (viewer.kind === 'anonymous' || !reachesOrganization(viewer, session.organizationId)) return false;
    if (isHost(viewer, session) || (await this.deps.audience().includes(db, viewer, session.id))) return true;
    return (await this.deps.organizations.roleOf(db, viewer, session.organizationId)) !== null;
  }

  /** On the actor's behalf; by the server where the organization is held for its plan, which not everybody may who runs a session. */
  private unitOfWorkOf({ viewer }: Actor, holdsOrganization: boolean): Pick<UnitOfWork, 'run'> {
    return this.deps.kernel.unitOfWork.as(holdsOrganization ? 'system' : viewerIds(viewer));
  }

  private async homeOf(tx: Tx, creator: UserViewer, { organizationId }: SessionDraft): Promise<Home> {
    return { hostId: creator.userId, organizationId: await this.deps.organizations.requireHome(tx, creator, organizationId) };
  }

  private async findMade(tx: Tx, hostId: string, retry: Retry): Promise<SessionRecord | null> {
    if (retry.clientId === null) return null;
    const made = await this.deps.sessions.lockMade(tx, hostId, retry.clientId);
    if (made !== null) assertSameRequest(retry, made);
    return made && made.session;
  }

  /** With a source it is a copy of that. */
  private async make(tx: RecordingTx, home: Home, draft: SessionDraft, retry: Retry, source?: SessionRecord): Promise<SessionRecord> {
    const { users, quota, sessions, companions } = this.deps;
    const { organizationId, hostId } = home;
    const { kind, advisorId = null } = draft;
    if (advisorId !== null && (await users.find(tx, advisorId)) === null) throw badInput('advisorId', 'is not a user');
    const capacity = kind === 'CALL' ? CALL_CAPACITY : draft.capacity;
    const schedule = scheduleAfter(UNSCHEDULED, draft, kind);
    await quota.requireScheduled(tx, organizationId, capacity);
    if (advisorId !== null) await sessions.lockAdvisor(tx, advisorId);
    const inserted = await this.insertWithFreeCode(tx, {
      id: sessionIds.create(),
      organizationId,
      hostId,
      title: draft.title.trim(),
      description: blankToNull(draft.description),
      kind,
      medium: draft.medium,
      capacity,
      advisorId,
      ratePerMinuteMinor: draft.ratePerMinuteMinor ?? null,
      currency: draft.currency ?? null,
      ...schedule,
      ...retry,
    });
    const session = source === undefined ? inserted : await sessions.copySettings(tx, source.id, inserted.id);
    for (const companion of companions()) await companion.sessionCreated?.(tx, session);
    if (source !== undefined) for (const companion of companions()) await companion.sessionDuplicated?.(tx, source, session);
    return this.changed(tx, session);
  }

  /** Under the session's lock where a change depends on what it is now. */
  private async changesOf(tx: Tx, id: string, wish: SessionWish): Promise<SessionChanges> {
    const { scheduledFor, scheduledEndAt, scheduledForLocal, scheduledEndLocal, timeZone, ...changes } = wish;
    const times = { scheduledFor, scheduledEndAt, scheduledForLocal, scheduledEndLocal, timeZone };
    if (!wishesSchedule(times)) return changes;
    const current = await this.lock(tx, id);
    if (current.advisorId !== null) await this.deps.sessions.lockAdvisor(tx, current.advisorId);
    return { ...changes, schedule: scheduleAfter(current, times, current.kind) };
  }

  private async handedOver(tx: RecordingTx, session: SessionRecord): Promise<SessionRecord> {
    if (!this.outgrowsMesh(session)) return session;
    const handed = await this.deps.sessions.setMediaMode(tx, session.id, 'SFU');
    return handed === null ? session : this.changed(tx, handed);
  }

  private outgrowsMesh({ mediaMode, medium, attendeeCount }: SessionRecord): boolean {
    const { sfuAbove = null } = this.deps;
    return sfuAbove !== null && mediaMode === 'MESH' && medium !== 'CHAT' && attendeeCount > sfuAbove;
  }

  private async insertWithFreeCode(tx: Tx, session: Omit<NewSession, 'code'>): Promise<SessionRecord> {
    for (let attempt = 1; attempt <= CODE_ATTEMPTS; attempt += 1) {
      const inserted = await this.deps.sessions.insert(tx, { ...session, code: createJoinCode() });
      if (inserted !== null) return inserted;
    }
    throw new Error(`No free join code in ${CODE_ATTEMPTS} attempts`);
  }

  private changed(tx: RecordingTx, session: SessionRecord): SessionRecord {
    tx.record(sessionStream(session.id), sessionChanged.record({ session }));
    return session;
  }
}

function assertOpen(session: SessionRecord): SessionRecord {
  if (!OPEN_STATUSES.includes(session.status)) throw sessionOver(session.status);
  return session;
}

function assertLive(session: SessionRecord): SessionRecord {
  if (!LIVE_STATUSES.includes(session.status)) throw sessionNotLive();
  return session;
}

function factOf(action: AuditAction, { id, organizationId }: SessionRecord): AuditFact {
  return { action, organizationId, targetId: id };
}

function namesOf(changes: SessionChanges): string[] {
  return Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}
