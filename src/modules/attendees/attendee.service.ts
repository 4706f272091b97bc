import { badInput, DomainError } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import { idKind } from '../../lib/ids';
import type { Keyset } from '../../lib/keyset';
import type { GuestViewer, Viewer } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import { failed, GroupCommit, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditTrail } from '../audit';
import type { IssuedToken, TokenService } from '../auth';
import type { SessionCompanion, SessionRecord, SessionService } from '../sessions';
import { OPEN_STATUSES, sessionNotFound, sessionOver, sessionStream } from '../sessions';
import type { UserService } from '../users';
import type { Attendance } from './attendance';
import { attendeeRemoved, attendeeTokenNeeded, notAttending, notInvited, sessionFull } from './attendee.errors';
import { attendeeChanged, attendeeJoined, attendeeLeft } from './attendee.events';
import { takesSeat } from './attendee.policy';
import type { Arrival, AttendeeRecord, AttendeeRepository, AttendeeRole, AttendeeStatus } from './attendee.repository';

export const attendeeIds = idKind('att');

export interface JoinRequest {
  readonly code: string;
  readonly displayName?: string | null;
  readonly email?: string | null;
}

export interface Joined {
  readonly attendee: AttendeeRecord;
  readonly session: SessionRecord;
  readonly token: IssuedToken;
}

export interface AttendeeToken {
  readonly attendee: AttendeeRecord;
  readonly token: IssuedToken;
}

interface Arriving {
  readonly viewer: Viewer;
  readonly request: JoinRequest;
}

const MAX_BATCH = 32;

export interface AttendeeServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly tokens: TokenService;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly attendees: AttendeeRepository;
}

/**
 * Every change of who is present holds the session's row first, so changes of one session go one after the other, and the seat count
 * and the rows of the people always agree.
 */
export class AttendeeService implements SessionCompanion {
  private readonly joining: GroupCommit<Arriving, Omit<Joined, 'token'>>;

  constructor(private readonly deps: AttendeeServiceDeps) {
    this.joining = new GroupCommit(deps.kernel.unitOfWork, {
      maxBatch: MAX_BATCH,
      write: (tx, code, batch) => this.admitAll(tx, code, batch),
    });
  }

  /** The host is there from the beginning; the parties of a call are expected. */
  async sessionCreated(tx: RecordingTx, session: SessionRecord): Promise<void> {
    const { attendees } = this.deps;
    if (session.kind === 'CONFERENCE') {
      await attendees.arrive(tx, await this.arrivalOf(tx, session, session.hostId, 'HOST'));
      return;
    }
    await attendees.expect(tx, await this.arrivalOf(tx, session, session.hostId, 'CLIENT'));
    if (session.advisorId !== null) await attendees.expect(tx, await this.arrivalOf(tx, session, session.advisorId, 'ADVISOR'));
  }

  /** Whoever is still in leaves with it. The session's own event tells it of all of them (docs/decisions/0015). */
  async sessionOver(tx: RecordingTx, session: SessionRecord): Promise<void> {
    await this.deps.attendees.leaveAll(tx, session.id);
  }

  async sessionDeleted(tx: RecordingTx, session: SessionRecord): Promise<void> {
    await this.deps.attendees.outOfDeleted(tx, session.id);
  }

  /** A crowd at the door of one session shares transactions: else all but one of them would hold a connection to wait for its row. */
  async join(viewer: Viewer, request: JoinRequest): Promise<Joined> {
    const { attendee, session } = await this.joining.submit(request.code, { viewer, request });
    return { attendee, session, token: this.tokenOf(attendee) };
  }

  /**
   * A fresh token for who is in a session that is not over: removal, the session's state and the seat count anew. Who has left has no seat,
   * and comes in again.
   */
  async renewToken(actor: Actor): Promise<AttendeeToken> {
    const { viewer } = actor;
    if (viewer.kind !== 'guest') throw attendeeTokenNeeded();
    const { kernel, sessions, attendance } = this.deps;
    try {
      await sessions.requireOpen(kernel.database, viewer.sessionId);
      const attendee = await attendance.require(kernel.database, viewer, viewer.sessionId);
      return { attendee, token: this.tokenOf(attendee) };
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'UNAVAILABLE') await this.recordRefusal(actor, viewer, error);
      throw error;
    }
  }

  /** Leaving twice is the same as leaving once. */
  async leave(viewer: Viewer, sessionId: string): Promise<AttendeeRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const { id } = await this.requirePlace(tx, viewer, sessionId);
      await this.deps.sessions.lock(tx, sessionId);
      const left = await this.deps.attendees.leave(tx, id);
      return left === null ? this.requirePlace(tx, viewer, sessionId) : this.left(tx, left, 'left');
    });
  }

  async raiseHand(viewer: Viewer, sessionId: string, raised: boolean): Promise<AttendeeRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const place = await this.deps.attendance.require(tx, viewer, sessionId);
      await this.deps.sessions.requireOpen(tx, sessionId);
      const updated = await this.deps.attendees.raiseHand(tx, place.id, raised);
      if (updated !== null) return this.changed(tx, updated);
      return this.deps.attendance.require(tx, viewer, sessionId);
    });
  }

  /** For this room's services: somebody who was PRESENT is so no longer. */
  async left(tx: RecordingTx, attendee: AttendeeRecord, reason: 'left' | 'removed'): Promise<AttendeeRecord> {
    if (takesSeat(attendee)) await this.deps.sessions.freeSeat(tx, attendee.sessionId);
    tx.record(sessionStream(attendee.sessionId), attendeeLeft.record({ attendee, reason }));
    return attendee;
  }

  /** For this room's services: something else about somebody is different. */
  changed(tx: RecordingTx, attendee: AttendeeRecord): AttendeeRecord {
    tx.record(sessionStream(attendee.sessionId), attendeeChanged.record({ attendee }));
    return attendee;
  }

  /** Null when there is none, or the viewer may not read the session. */
  async findFor(actor: Actor, id: string): Promise<AttendeeRecord | null> {
    const { kernel, sessions, attendees } = this.deps;
    const attendee = attendeeIds.is(id) ? await attendees.find(kernel.database, id) : null;
    return attendee !== null && (await sessions.findFor(actor, attendee.sessionId)) !== null ? attendee : null;
  }

  /** In the order of coming. NOT_FOUND for whoever may see no more than the session's card. */
  async list(
    actor: Actor,
    session: SessionRecord,
    page: { status: readonly AttendeeStatus[]; after: Keyset | null; limit: number },
  ): Promise<AttendeeRecord[]> {
    await this.requireReader(actor, session);
    return this.deps.attendees.list(this.deps.kernel.database, { sessionId: session.id, ...page });
  }

  /** The client and the advisor of a call; null for who may not read the session. */
  async listParties(actor: Actor, session: SessionRecord): Promise<AttendeeRecord[] | null> {
    if (!(await this.deps.sessions.admits(actor, session, 'session.read'))) return null;
    return this.deps.attendees.listParties(this.deps.kernel.database, session.id);
  }

  async count(actor: Actor, session: SessionRecord, status: readonly AttendeeStatus[]): Promise<number> {
    await this.requireReader(actor, session);
    return this.deps.attendees.count(this.deps.kernel.database, session.id, status);
  }

  private async admitAll(tx: RecordingTx, code: string, batch: readonly Arriving[]): Promise<Outcome<Omit<Joined, 'token'>>[]> {
    let session = await this.deps.sessions.lockByCode(tx, code);
    const outcomes: Outcome<Omit<Joined, 'token'>>[] = [];
    for (const arriving of batch) {
      const outcome = await this.admit(tx, session, arriving);
      if (outcome.ok) ({ session } = outcome.value);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  /** A refusal has written nothing, so the others of the batch are not touched by it. */
  private async admit(tx: RecordingTx, session: SessionRecord, { viewer, request }: Arriving): Promise<Outcome<Omit<Joined, 'token'>>> {
    try {
      if (!OPEN_STATUSES.includes(session.status)) throw sessionOver(session.status);
      const place = await this.deps.attendance.find(tx, viewer, session.id);
      if (place?.status === 'REMOVED') throw attendeeRemoved();
      if (place?.status === 'PRESENT') return succeeded({ attendee: place, session });
      return succeeded(await this.enter(tx, session, place ?? (await this.newcomer(tx, viewer, session, request))));
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'UNAVAILABLE') return failed(error);
      throw error;
    }
  }

  private async requireReader(actor: Actor, session: SessionRecord): Promise<void> {
    if (!(await this.deps.sessions.admits(actor, session, 'session.attendees_read'))) throw sessionNotFound();
  }

  /** The viewer's place, once they have come. */
  private async requirePlace(tx: Tx, viewer: Viewer, sessionId: string): Promise<AttendeeRecord> {
    const place = await this.deps.attendance.find(tx, viewer, sessionId);
    if (place === null) throw sessionNotFound();
    if (place.status === 'REMOVED') throw attendeeRemoved();
    if (place.status === 'WAITING') throw notAttending();
    return place;
  }

  private async newcomer(tx: Tx, viewer: Viewer, session: SessionRecord, { displayName, email }: JoinRequest): Promise<Arrival> {
    if (session.kind === 'CALL') throw notInvited();
    const user = viewer.kind === 'user' ? await this.deps.users.find(tx, viewer.userId) : null;
    const name = displayName?.trim() ?? user?.displayName;
    if (name === undefined) throw badInput('displayName', 'is required for a guest');
    return { id: attendeeIds.create(), sessionId: session.id, userId: user?.id ?? null, displayName: name, email, role: 'ATTENDEE' };
  }

  /** Takes the seat first: when none is free, nothing happens. */
  private async enter(tx: RecordingTx, session: SessionRecord, arrival: Arrival): Promise<Omit<Joined, 'token'>> {
    const seated = takesSeat(arrival) ? await this.deps.sessions.takeSeat(tx, session.id) : session;
    if (seated === null) throw sessionFull();
    const attendee = await this.deps.attendees.arrive(tx, arrival);
    tx.record(sessionStream(session.id), attendeeJoined.record({ attendee }));
    return { attendee, session: seated };
  }

  private recordRefusal(actor: Actor, { attendeeId, sessionId }: GuestViewer, { reason }: DomainError): Promise<void> {
    return this.deps.kernel.unitOfWork.run(async (tx) =>
      this.deps.audit.record(tx, actor, { action: 'attendee.renewal_refused', targetId: attendeeId, details: { sessionId, reason } }),
    );
  }

  private tokenOf({ id, sessionId, userId }: AttendeeRecord): IssuedToken {
    return this.deps.tokens.issueAttendee({ attendeeId: id, sessionId, userId });
  }

  private async arrivalOf(tx: Tx, session: SessionRecord, userId: string, role: AttendeeRole): Promise<Arrival> {
    const user = await this.deps.users.find(tx, userId);
    if (user === null) throw new Error('A session was created for a user who does not exist');
    return { id: attendeeIds.create(), sessionId: session.id, userId, displayName: user.displayName, role };
  }
}
