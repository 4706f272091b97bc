import { badInput, DomainError } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import { idKind } from '../../lib/ids';
import type { GuestViewer, Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import { failed, GroupCommit, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditTrail } from '../audit';
import type { IssuedToken, TokenService } from '../auth';
import type { SessionCompanion, SessionOversight, SessionRecord, SessionService } from '../sessions';
import { isHost, OPEN_STATUSES, sessionNotFound, sessionOver } from '../sessions';
import type { UserService } from '../users';
import type { Attendance } from './attendance';
import { alreadyJoined, attendeeRemoved, attendeeTokenNeeded, notAttending, notInvited } from './attendee.errors';
import { isLost, isWaiting, sees, sightOf, takesPart } from './attendee.policy';
import type { Arrival, AttendeePage, AttendeeRecord, AttendeeRepository, AttendeeRole, AttendeeStatus, Sight } from './attendee.repository';
import type { ConnectionRepository } from './connection.repository';
import type { DuplicateRepository } from './duplicate.repository';
import type { Entered, Seating } from './seating';
import type { WaitingRepository } from './waiting.repository';

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
const MAX_CAPACITY = 10_000;
/** As many raised hands as are shown. */
export const MAX_HANDS = 100;

export interface AttendeeServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly tokens: TokenService;
  readonly sessions: SessionService;
  readonly oversight: SessionOversight;
  readonly attendance: Attendance;
  readonly attendees: AttendeeRepository;
  readonly waiting: WaitingRepository;
  readonly connections: ConnectionRepository;
  readonly duplicates: DuplicateRepository;
  readonly seating: Seating;
  /** How long somebody who came in is held to be there though nobody knows of a connection. */
  readonly graceMs: number;
}

/**
 * Every change of who is present holds the session's row first, so changes of one session go one after the other, and the seat count
 * and the rows of the people always agree.
 */
export class AttendeeService implements SessionCompanion {
  private readonly joining: GroupCommit<Arriving, Entered>;

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
  /** There may be more seats, or no lobby any more: who waited there for somebody's word goes on in the order in which they came. */
  async sessionUpdated(tx: RecordingTx, session: SessionRecord): Promise<void> {
    const { seating, waiting } = this.deps;
    let now = await seating.fill(tx, session);
    if (session.lobby) return;
    const lobby = { sessionId: session.id, waitFor: 'ADMISSION', after: 0, limit: MAX_CAPACITY } as const;
    for (const attendee of await waiting.list(tx, lobby)) ({ session: now } = await seating.sit(tx, now, attendee, true));
  }

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
    const { kernel, sessions, attendees, waiting, seating } = this.deps;
    return kernel.unitOfWork.run(async (tx) => {
      const { id } = await this.requirePlace(tx, viewer, sessionId);
      const session = await sessions.lock(tx, sessionId);
      const left = await attendees.leave(tx, id, 'left');
      if (left !== null) return seating.left(tx, session, left, 'left');
      const gaveUp = await waiting.leave(tx, id);
      return gaveUp === null ? this.requirePlace(tx, viewer, sessionId) : seating.stoppedWaiting(tx, session, gaveUp, 'left');
    });
  }

  async raiseHand(viewer: Viewer, sessionId: string, raised: boolean): Promise<AttendeeRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const place = await this.deps.attendance.require(tx, viewer, sessionId);
      const session = await this.deps.sessions.requireOpen(tx, sessionId);
      const updated = await this.deps.attendees.raiseHand(tx, place.id, raised);
      if (updated !== null) return this.deps.seating.changed(tx, session, updated);
      return this.deps.attendance.require(tx, viewer, sessionId);
    });
  }

  /** Whoever of the session has been without a connection for the whole grace leaves. */
  async loseAbsent(sessionId: string): Promise<void> {
    const { kernel, sessions, connections, seating, graceMs } = this.deps;
    await kernel.unitOfWork.run(async (tx) => {
      const session = await sessions.lock(tx, sessionId);
      await seating.allLeft(tx, session, await connections.lose(tx, sessionId, graceMs), 'lost');
    });
  }

  /**
   * Who was lost is in it again, on a seat or in the line for one; throws as joining does when there is neither. Of a session that is over
   * they stay lost, and of anybody else nothing changes.
   */
  async comeBack({ id, sessionId }: AttendeeRecord): Promise<AttendeeRecord> {
    const { kernel, sessions, attendees, seating } = this.deps;
    return kernel.unitOfWork.run(async (tx) => {
      const session = await sessions.lock(tx, sessionId);
      const place = await attendees.find(tx, id);
      if (place === null) throw sessionNotFound();
      if (!isLost(place) || !OPEN_STATUSES.includes(session.status)) return place;
      return (await seating.sit(tx, session, place, session.waitingList)).attendee;
    });
  }

  /** Null when there is none, or the viewer may not read the session, or does not see this one in it. */
  async findFor(actor: Actor, id: string): Promise<AttendeeRecord | null> {
    const { kernel, sessions, attendees } = this.deps;
    const attendee = attendeeIds.is(id) ? await attendees.find(kernel.database, id) : null;
    if (attendee === null) return null;
    const session = await sessions.findFor(actor, attendee.sessionId);
    return session !== null && sees(await this.sight(actor, session), attendee) ? attendee : null;
  }

  /** In the order of coming, whom the viewer sees. NOT_FOUND for whoever may see no more than the session's card. */
  async list(actor: Actor, session: SessionRecord, page: AttendeePage): Promise<AttendeeRecord[]> {
    await this.requireReader(actor, session);
    const sight = await this.sight(actor, session);
    return this.deps.attendees.list(this.deps.kernel.database, { sessionId: session.id, sight, ...page });
  }

  /** The client and the advisor of a call; null for who may not read the session. */
  async listParties(actor: Actor, session: SessionRecord): Promise<AttendeeRecord[] | null> {
    if (!(await this.deps.sessions.admits(actor, session, 'session.read'))) return null;
    return this.deps.attendees.listParties(this.deps.kernel.database, session.id);
  }

  /** How many there are, whether the viewer sees each of them or not. */
  async count(actor: Actor, session: SessionRecord, status: readonly AttendeeStatus[]): Promise<number> {
    await this.requireReader(actor, session);
    return this.deps.attendees.count(this.deps.kernel.database, session.id, status, await this.sight(actor, session));
  }

  /** Whose hands are raised, longest first, of those whom the viewer sees. */
  async listRaisedHands(actor: Actor, session: SessionRecord): Promise<AttendeeRecord[]> {
    await this.requireReader(actor, session);
    const [sight, raised] = await Promise.all([
      this.sight(actor, session),
      this.deps.attendees.listRaisedHands(this.deps.kernel.database, session.id, MAX_HANDS),
    ]);
    return raised.filter((attendee) => sees(sight, attendee));
  }

  /** Whom of the session the viewer, who may read it, sees. */
  async sight({ viewer }: Actor, session: SessionRecord): Promise<Sight> {
    const { kernel, attendance, oversight } = this.deps;
    if (isHost(viewer, session)) return sightOf(null, session.attendeesVisible);
    const place = await attendance.ask({ viewer, sessionId: session.id });
    if (place !== null && takesPart(place)) return sightOf(place, session.attendeesVisible);
    if ((await oversight.find(kernel.database.as(viewerIds(viewer)), viewer, session)) !== null)
      return sightOf(null, session.attendeesVisible);
    return sightOf(place ?? 'nobody', session.attendeesVisible);
  }

  private async admitAll(tx: RecordingTx, code: string, batch: readonly Arriving[]): Promise<Outcome<Entered>[]> {
    let session = await this.deps.sessions.lockByCode(tx, code);
    const outcomes: Outcome<Entered>[] = [];
    for (const arriving of batch) {
      const outcome = await this.admit(tx, session, arriving);
      if (outcome.ok) ({ session } = outcome.value);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  /** A refusal has written nothing, so the others of the batch are not touched by it. */
  private async admit(tx: RecordingTx, session: SessionRecord, { viewer, request }: Arriving): Promise<Outcome<Entered>> {
    try {
      if (!OPEN_STATUSES.includes(session.status)) throw sessionOver(session.status);
      const place = await this.deps.attendance.find(tx, viewer, session.id);
      if (place?.status === 'REMOVED') throw attendeeRemoved();
      if (place?.status === 'PRESENT') return succeeded(await this.resume(tx, session, place, viewer));
      if (place !== null && isWaiting(place)) return succeeded({ attendee: place, session });
      const comer = place ?? (await this.newcomer(tx, viewer, session, request));
      return succeeded(await this.deps.seating.enter(tx, session, { ...comer, device: deviceOf(viewer) }));
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
    if (place.status === 'WAITING' && !isWaiting(place)) throw notAttending();
    return place;
  }

  private async newcomer(tx: Tx, viewer: Viewer, session: SessionRecord, { displayName, email }: JoinRequest): Promise<Arrival> {
    if (session.kind === 'CALL') throw notInvited();
    const user = viewer.kind === 'user' ? await this.deps.users.find(tx, viewer.userId) : null;
    const name = displayName?.trim() ?? user?.displayName;
    if (name === undefined) throw badInput('displayName', 'is required for a guest');
    return {
      id: attendeeIds.create(),
      sessionId: session.id,
      userId: user?.id ?? null,
      displayName: name,
      email: email?.toLowerCase(),
      role: 'ATTENDEE',
    };
  }

  /** Who is in comes again: the bearer of their token, or the same sign-in, goes on; another sign-in of theirs as the session has it. */
  private async resume(tx: RecordingTx, session: SessionRecord, place: AttendeeRecord, viewer: Viewer): Promise<Entered> {
    const { duplicates, seating, graceMs } = this.deps;
    if (viewer.kind !== 'user' || session.duplicateIdentity === 'ALLOW_MANY') return { attendee: place, session };
    const { elsewhere, held } = await duplicates.isElsewhere(tx, place.id, deviceOf(viewer), graceMs);
    if (!elsewhere) return { attendee: place, session };
    if (session.duplicateIdentity === 'REJECT_NEW' && held) throw alreadyJoined();
    return seating.resumeElsewhere(tx, session, place, deviceOf(viewer));
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

/** The sign-in, or key, by which a user comes; guests have but their token. */
function deviceOf(viewer: Viewer): string | null {
  return viewer.kind === 'user' ? (viewer.key?.id ?? viewer.familyId) : null;
}
