import { badInput } from '../../errors/domain-error';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { requireUser } from '../users';
import { createJoinCode, parseJoinCode } from './join-code';
import { capacityBelowAttendance, illegalTransition, notTheHost, sessionNotFound, sessionNotLive, sessionOver } from './session.errors';
import { sessionChanged, sessionStream } from './session.events';
import type { LifecycleCommand } from './session.lifecycle';
import { LIFECYCLE, LIVE_STATUSES, OPEN_STATUSES } from './session.lifecycle';
import { canEdit, canRun, isHost } from './session.policy';
import type { SessionAudience, SessionCompanion } from './session.ports';
import type {
  Keyset,
  NewSession,
  SessionChanges,
  SessionEndReason,
  SessionKind,
  SessionMedium,
  SessionRecord,
  SessionRepository,
  SessionStatus,
} from './session.repository';

export const sessionIds = idKind('ses');

const CALL_CAPACITY = 2;
const CODE_ATTEMPTS = 5;

export interface SessionDraft {
  readonly title: string;
  readonly description?: string | null;
  readonly kind: SessionKind;
  readonly medium: SessionMedium;
  readonly scheduledFor?: Date | null;
  readonly capacity: number;
  readonly advisorId?: string | null;
  readonly ratePerMinuteMinor?: number | null;
  readonly currency?: string | null;
}

export interface SessionPage {
  readonly status?: readonly SessionStatus[] | null;
  readonly kind?: SessionKind | null;
  readonly olderThan: Keyset | null;
  readonly limit: number;
}

export interface SessionServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly sessions: SessionRepository;
  /** Asked late: these rooms are built after this one. */
  readonly companions: () => readonly SessionCompanion[];
  readonly audience: () => SessionAudience;
}

export class SessionService {
  constructor(private readonly deps: SessionServiceDeps) {}

  /** The session, whoever asks; throws NOT_FOUND. For rooms that check the viewer's right themselves. */
  async get(db: Db, id: string): Promise<SessionRecord> {
    const session = sessionIds.is(id) ? await this.deps.sessions.find(db, id) : null;
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

  async lockByCode(tx: Tx, typed: string): Promise<SessionRecord> {
    const code = parseJoinCode(typed);
    const session = code === null ? null : await this.deps.sessions.lockByCode(tx, code);
    if (session === null) throw sessionNotFound();
    return session;
  }

  /** Null when no seat is free. */
  takeSeat(tx: Tx, id: string): Promise<SessionRecord | null> {
    return this.deps.sessions.takeSeat(tx, id);
  }

  async freeSeat(tx: Tx, id: string): Promise<void> {
    await this.deps.sessions.freeSeat(tx, id);
  }

  /** Hosts, attendees who were not removed, and members of its organization may read a session and who takes part in it. */
  async canRead(db: Db, viewer: Viewer, session: SessionRecord): Promise<boolean> {
    if (viewer.kind === 'anonymous') return false;
    if (isHost(viewer, session) || (await this.deps.audience().includes(db, viewer, session.id))) return true;
    return viewer.kind === 'user' && this.deps.organizations.isMember(db, session.organizationId, viewer.userId);
  }

  /** Null when it does not exist or the viewer may not read it. */
  async findFor(viewer: Viewer, id: string): Promise<SessionRecord | null> {
    const { database } = this.deps.kernel;
    const session = sessionIds.is(id) ? await this.deps.sessions.find(database, id) : null;
    return session !== null && (await this.canRead(database, viewer, session)) ? session : null;
  }

  /** Whoever knows the code may see the session's card. */
  async findCard(typed: string): Promise<SessionRecord | null> {
    const code = parseJoinCode(typed);
    return code === null ? null : this.deps.sessions.findByCode(this.deps.kernel.database, code);
  }

  /** What the viewer hosts, takes part in, or can see as a member of an organization; newest first. */
  async list(viewer: Viewer, page: SessionPage): Promise<SessionRecord[]> {
    if (viewer.kind === 'anonymous') return [];
    const { database } = this.deps.kernel;
    const hostId = viewer.kind === 'user' ? viewer.userId : null;
    const organizationIds = hostId === null ? [] : await this.deps.organizations.listIdsOf(database, hostId);
    const ids = await this.deps.audience().listSessionIds(database, viewer);
    return this.deps.sessions.search(database, { ...page, hostId, organizationIds, ids });
  }

  async create(viewer: Viewer, draft: SessionDraft): Promise<SessionRecord> {
    const { userId } = requireUser(viewer);
    assertConsistent(draft, userId);
    const { kernel, users, organizations, companions } = this.deps;
    return kernel.unitOfWork.run(async (tx) => {
      if (draft.advisorId != null && (await users.find(tx, draft.advisorId)) === null) throw badInput('advisorId', 'is not a user');
      const organizationId = await organizations.requireHome(tx, userId);
      const session = await this.insertWithFreeCode(tx, {
        id: sessionIds.create(),
        organizationId,
        hostId: userId,
        title: draft.title.trim(),
        description: blankToNull(draft.description),
        kind: draft.kind,
        medium: draft.medium,
        scheduledFor: draft.scheduledFor ?? null,
        capacity: draft.kind === 'CALL' ? CALL_CAPACITY : draft.capacity,
        advisorId: draft.advisorId ?? null,
        ratePerMinuteMinor: draft.ratePerMinuteMinor ?? null,
        currency: draft.currency ?? null,
      });
      for (const companion of companions()) await companion.sessionCreated(tx, session);
      return this.changed(tx, session);
    });
  }

  async update(viewer: Viewer, id: string, changes: SessionChanges): Promise<SessionRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const session = await this.requireRight(tx, viewer, id, canEdit);
      if (session.kind === 'CALL' && changes.capacity !== undefined) throw badInput('capacity', 'of a CALL cannot be changed');
      const updated = await this.deps.sessions.update(tx, id, trimmed(changes), OPEN_STATUSES);
      if (updated !== null) return this.changed(tx, updated);
      assertOpen(await this.get(tx, id));
      throw capacityBelowAttendance();
    });
  }

  /** Moves the session along its life. Of commands that exclude each other one wins; the others get ILLEGAL_TRANSITION. */
  async command(viewer: Viewer, id: string, command: LifecycleCommand): Promise<SessionRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      await this.requireRight(tx, viewer, id, canRun);
      const moved = await this.move(tx, id, command, command === 'end' ? 'REQUESTED' : null);
      if (moved !== null) return moved;
      throw illegalTransition((await this.get(tx, id)).status, command);
    });
  }

  /** Null when it is not under way. */
  end(tx: RecordingTx, id: string, reason: SessionEndReason): Promise<SessionRecord | null> {
    return this.move(tx, id, 'end', reason);
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
  ): Promise<SessionRecord> {
    const session = await this.get(tx, id);
    if (allows(viewer, session)) return session;
    throw (await this.canRead(tx, viewer, session)) ? notTheHost() : sessionNotFound();
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

/** A CALL has an advisor and may have a price; a CONFERENCE has neither. */
function assertConsistent({ kind, advisorId, ratePerMinuteMinor, currency }: SessionDraft, creatorId: string): void {
  if (kind === 'CONFERENCE') {
    const extra = Object.entries({ advisorId, ratePerMinuteMinor, currency }).find(([, value]) => value != null);
    if (extra !== undefined) throw badInput(extra[0], 'is for a CALL only');
    return;
  }
  if (advisorId == null) throw badInput('advisorId', 'is required for a CALL');
  if (advisorId === creatorId) throw badInput('advisorId', 'must be another user than the caller');
  if (ratePerMinuteMinor != null && currency == null) throw badInput('currency', 'is required with ratePerMinuteMinor');
  if (ratePerMinuteMinor == null && currency != null) throw badInput('ratePerMinuteMinor', 'is required with currency');
}

function trimmed({ title, description, ...rest }: SessionChanges): SessionChanges {
  return { ...rest, title: title?.trim(), description: description === undefined ? undefined : blankToNull(description) };
}

function blankToNull(text: string | null | undefined): string | null {
  const content = text?.trim() ?? '';
  return content === '' ? null : content;
}
