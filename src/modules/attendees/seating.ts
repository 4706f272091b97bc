import type { RecordingTx } from '../../realtime/unit-of-work';
import type { SessionRecord, SessionService } from '../sessions';
import { sessionStream } from '../sessions';
import { alreadyJoined, sessionFull } from './attendee.errors';
import type { AttendeeNews, StayEnd, WaitEnd } from './attendee.events';
import { attendeeChanged, attendeeJoined, attendeeLeft, attendeeStoppedWaiting, attendeeWaiting } from './attendee.events';
import { mustAsk, takesSeat } from './attendee.policy';
import type { Arrival, AttendeeRecord, AttendeeRepository, WaitReason } from './attendee.repository';
import type { ConnectionRepository } from './connection.repository';
import type { DuplicateRepository } from './duplicate.repository';
import type { WaitingRepository } from './waiting.repository';

/** Who gets a seat while they look elsewhere has so long, and the grace, to come. */
const SEATED_AWAY_MS = 40_000;

/** Somebody who comes; `joinedAt` says that they were in before. */
export type Comer = Arrival & { readonly joinedAt?: Date | null };

export interface Entered {
  readonly attendee: AttendeeRecord;
  readonly session: SessionRecord;
}

export interface SeatingDeps {
  readonly sessions: SessionService;
  readonly attendees: AttendeeRepository;
  readonly waiting: WaitingRepository;
  readonly connections: ConnectionRepository;
  readonly duplicates: DuplicateRepository;
}

/**
 * Who sits, and who waits. Whoever calls holds the session's row, so that seats, lines and the rows of the people always agree; and no seat
 * is free while somebody waits for one: what frees a seat gives it to the first in line, in the same transaction.
 */
export class Seating {
  constructor(private readonly deps: SeatingDeps) {}

  /** Into the lobby, on a seat, or into the line for one. A refusal has written nothing. */
  async enter(tx: RecordingTx, session: SessionRecord, comer: Comer): Promise<Entered> {
    return mustAsk(comer, session) ? this.enqueue(tx, session, comer, 'ADMISSION') : this.sit(tx, session, comer, session.waitingList);
  }

  /** On a seat, or into the line for one where there is such a line. */
  async sit(tx: RecordingTx, session: SessionRecord, comer: Comer, mayWait: boolean): Promise<Entered> {
    const former = await this.findFormer(tx, session, comer);
    if (former !== null) return this.replace(tx, session, comer, former);
    const seated = takesSeat(comer) ? await this.deps.sessions.takeSeat(tx, session.id) : session;
    if (seated !== null) return this.arrive(tx, seated, comer);
    if (mayWait) return this.enqueue(tx, session, comer, 'SEAT');
    throw sessionFull();
  }

  /** The same attendee from elsewhere: a leaving and a joining, on the same seat. */
  async resumeElsewhere(tx: RecordingTx, session: SessionRecord, place: AttendeeRecord, device: string | null): Promise<Entered> {
    const left = await this.deps.attendees.leave(tx, place.id, 'replaced');
    if (left !== null) this.tellLeft(tx, session, left, 'replaced');
    return this.arrive(tx, session, { ...place, device });
  }

  /** Somebody who was PRESENT is so no longer. */
  async left(tx: RecordingTx, session: SessionRecord, attendee: AttendeeRecord, reason: StayEnd): Promise<AttendeeRecord> {
    await this.allLeft(tx, session, [attendee], reason);
    return attendee;
  }

  async allLeft(tx: RecordingTx, session: SessionRecord, attendees: readonly AttendeeRecord[], reason: StayEnd): Promise<void> {
    for (const attendee of attendees) this.tellLeft(tx, session, attendee, reason);
    const seats = attendees.filter(takesSeat).length;
    if (seats > 0) await this.fill(tx, await this.deps.sessions.moveSeats(tx, session.id, -seats));
  }

  /** The first in line sit down on whatever is free. */
  async fill(tx: RecordingTx, session: SessionRecord): Promise<SessionRecord> {
    const { waiting, connections, sessions } = this.deps;
    const free = session.capacity - session.attendeeCount;
    const seated = free > 0 ? await waiting.seat(tx, session.id, free) : [];
    if (seated.length === 0) return session;
    await connections.expect(tx, seated, SEATED_AWAY_MS);
    for (const attendee of seated) tx.record(sessionStream(session.id), attendeeJoined.record(newsOf(session, attendee)));
    return sessions.moveSeats(tx, session.id, seated.length);
  }

  /** Waits no longer, and has not come in. */
  stoppedWaiting(tx: RecordingTx, session: SessionRecord, attendee: AttendeeRecord, reason: WaitEnd): AttendeeRecord {
    tx.record(sessionStream(session.id), attendeeStoppedWaiting.record({ ...newsOf(session, attendee), reason }));
    return attendee;
  }

  /** Something else about somebody is different. */
  changed(tx: RecordingTx, session: SessionRecord, attendee: AttendeeRecord): AttendeeRecord {
    tx.record(sessionStream(session.id), attendeeChanged.record(newsOf(session, attendee)));
    return attendee;
  }

  private async arrive(tx: RecordingTx, session: SessionRecord, comer: Comer): Promise<Entered> {
    const attendee = await this.deps.attendees.arrive(tx, comer);
    tx.record(sessionStream(session.id), attendeeJoined.record(newsOf(session, attendee)));
    return { attendee, session };
  }

  private async enqueue(tx: RecordingTx, session: SessionRecord, comer: Comer, waitFor: WaitReason): Promise<Entered> {
    const attendee = await this.deps.waiting.enqueue(tx, comer, waitFor);
    tx.record(sessionStream(session.id), attendeeWaiting.record(newsOf(session, attendee)));
    return { attendee, session };
  }

  /** Another guest who is in with the same address; null where that does not matter. */
  private async findFormer(tx: RecordingTx, { id, duplicateIdentity }: SessionRecord, comer: Comer): Promise<AttendeeRecord | null> {
    if (duplicateIdentity === 'ALLOW_MANY' || comer.userId !== null) return null;
    const former = await this.deps.duplicates.findGuest(tx, id, comer);
    if (former !== null && duplicateIdentity === 'REJECT_NEW') throw alreadyJoined();
    return former;
  }

  /** Takes the seat that the former one had. */
  private async replace(tx: RecordingTx, session: SessionRecord, comer: Comer, former: AttendeeRecord): Promise<Entered> {
    const left = await this.deps.attendees.leave(tx, former.id, 'replaced');
    if (left !== null) this.tellLeft(tx, session, left, 'replaced');
    return this.arrive(tx, session, comer);
  }

  private tellLeft(tx: RecordingTx, session: SessionRecord, attendee: AttendeeRecord, reason: StayEnd): void {
    tx.record(sessionStream(session.id), attendeeLeft.record({ ...newsOf(session, attendee), reason }));
  }
}

function newsOf({ attendeesVisible }: SessionRecord, attendee: AttendeeRecord): AttendeeNews {
  return { attendee, visible: attendeesVisible };
}
