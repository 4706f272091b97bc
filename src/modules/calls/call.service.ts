import { RATE_RULES } from '../../graphql/rate-rules';
import type { Ending } from '../../lib/ending';
import { idKind } from '../../lib/ids';
import type { Keyset } from '../../lib/keyset';
import { viewerKey } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Position, StreamItem } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { attendeeIds, attendeeNotFound, refusalOf } from '../attendees';
import type { SessionCompanion, SessionRecord, SessionService } from '../sessions';
import { alreadyInCall, answeredElsewhere, callingOneself, callNotFound, illegalCallCommand, tooManyCalls } from './call.errors';
import { callChanged, callStream } from './call.events';
import { isGlare, isRepeated, sideOf } from './call.policy';
import type { CallRecord, CallRepository } from './call.repository';
import type { CallAct, CallSide, SideCommand } from './call-state';
import { stateAfter } from './call-state';

export const callIds = idKind('cal');

export interface CallDraft {
  readonly sessionId: string;
  readonly calleeId: string;
  readonly peerId: string;
  readonly ringSeconds: number;
}

export interface CallServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly calls: CallRepository;
}

interface Held {
  readonly call: CallRecord;
  readonly side: CallSide;
}

/** As many as one sweep ends in one transaction. */
const SWEEP_SIZE = 100;

/** Calls between two attendees of a session. Nobody is in two: `call_parties` has a row for whoever is in one, from ringing to the end. */
export class CallService implements SessionCompanion {
  constructor(private readonly deps: CallServiceDeps) {}

  /**
   * Rings every device of the callee. When the callee is in a call already, the call is there all the same, ENDED as BUSY. When it is the
   * callee who rings the caller at this moment, this answers: of two calls there is one.
   */
  async start(viewer: Viewer, { sessionId, calleeId, peerId, ringSeconds }: CallDraft): Promise<CallRecord> {
    await this.limit(viewer);
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const caller = await this.deps.attendance.require(tx, viewer, sessionId);
      await this.deps.sessions.requireLive(tx, sessionId);
      const callee = await this.requireCallee(tx, caller, calleeId);
      const made = await this.deps.calls.insert(tx, {
        id: callIds.create(),
        sessionId,
        callerId: caller.id,
        callerName: caller.displayName,
        callerPeer: peerId,
        calleeId: callee.id,
        calleeName: callee.displayName,
        ringsMs: ringSeconds * 1_000,
        participants: [participantOf(caller), participantOf(callee)],
      });
      return made.status === 'RINGING' ? this.told(tx, made) : this.busy(tx, made, participantOf(caller));
    });
  }

  /** Of the callee's devices one answers: the others get CONFLICT ANSWERED_ELSEWHERE. */
  async answer(viewer: Viewer, callId: string, peerId: string): Promise<CallRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => this.answerHeld(tx, await this.hold(tx, viewer, callId), peerId));
  }

  /** What was done already is done: the call is then as it was. */
  async command(viewer: Viewer, callId: string, command: Exclude<SideCommand, 'answer' | 'leave'>): Promise<CallRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const { call, side } = await this.hold(tx, viewer, callId);
      const done = await this.act(tx, call, `${side} ${command}`);
      if (done === null) throw illegalCallCommand(call.status, command);
      return done;
    });
  }

  async follow(viewer: Viewer, sessionId: string, after: Position | null, signal: Ending): Promise<AsyncIterableIterator<StreamItem>> {
    const { attendee, end } = await this.deps.attendance.follow(viewer, sessionId, signal);
    return this.deps.kernel.fanOut.follow(callStream(attendee.id), { after, signal: end });
  }

  /** The same events by polling. */
  async listEvents(viewer: Viewer, sessionId: string, after: Position | null, first: number): Promise<StreamItem[]> {
    const { kernel, attendance } = this.deps;
    const attendee = await attendance.require(kernel.database, viewer, sessionId);
    attendance.see(attendee);
    return kernel.fanOut.page(callStream(attendee.id), { after, first });
  }

  /** The viewer's own, newest first. */
  async list(viewer: Viewer, sessionId: string, page: { olderThan: Keyset | null; limit: number }): Promise<CallRecord[]> {
    const { kernel, attendance, calls } = this.deps;
    const attendee = await attendance.require(kernel.database, viewer, sessionId);
    return calls.list(kernel.database, attendee.id, page);
  }

  /** Whatever they were in with each other could not be held up: FAILED. */
  async fail(tx: RecordingTx, sessionId: string, attendeeIds: readonly [string, string]): Promise<void> {
    const call = await this.deps.calls.lockBetween(tx, sessionId, ...attendeeIds);
    if (call !== null) await this.act(tx, call, 'server fail');
  }

  async sessionCreated(): Promise<void> {
    // Nobody is there to be called.
  }

  /** As if its callers had gone. */
  async sessionOver(tx: RecordingTx, { id }: SessionRecord): Promise<void> {
    for (const call of await this.deps.calls.lockUnder(tx, id)) await this.act(tx, call, 'caller leave');
  }

  /**
   * Ends calls that nobody answered in time, and those of people who are not in the session any more. Every instance may sweep at the same
   * time: a call that one of them holds is passed over by the others, so each ends once.
   */
  async sweep(): Promise<void> {
    const swept = await this.deps.kernel.unitOfWork.run(async (tx) => {
      const due = await this.deps.calls.lockDue(tx, SWEEP_SIZE);
      for (const { call, gone } of due) await this.act(tx, call, gone === null ? 'server expire' : `${gone} leave`);
      return due.length;
    });
    if (swept === SWEEP_SIZE) await this.sweep();
  }

  /** Somebody was in a call already. When it is the caller, they are told so, unless it is this very call that they are in. */
  private async busy(tx: RecordingTx, made: CallRecord, caller: string): Promise<CallRecord> {
    const { calls } = this.deps;
    const engaging = await calls.findEngaging(tx, caller, made.id);
    if (engaging === null) {
      await calls.disengage(tx, made.id);
      return this.told(tx, made);
    }
    await calls.forget(tx, made.id);
    if (isRepeated(engaging, made)) return engaging;
    const ringing = isGlare(engaging, made) ? await calls.lock(tx, engaging.id) : null;
    if (ringing?.status !== 'RINGING') throw alreadyInCall();
    return this.answerHeld(tx, { call: ringing, side: 'callee' }, made.callerPeer);
  }

  private async answerHeld(tx: RecordingTx, { call, side }: Held, peerId: string): Promise<CallRecord> {
    if (side === 'callee' && call.calleePeer !== null && call.calleePeer !== peerId) throw answeredElsewhere();
    const answered = await this.act(tx, call, `${side} answer`, peerId);
    if (answered === null) throw illegalCallCommand(call.status, 'answer');
    return answered;
  }

  /** The call is locked. Null when this cannot be done. */
  private async act(tx: RecordingTx, call: CallRecord, act: CallAct, answeredBy: string | null = null): Promise<CallRecord | null> {
    const next = stateAfter(call, act);
    if (next === null || next === call) return next && call;
    return this.told(tx, await this.deps.calls.change(tx, call.id, next, answeredBy));
  }

  private told(tx: RecordingTx, call: CallRecord): CallRecord {
    const event = callChanged.record({ call });
    tx.record(callStream(call.callerId), event);
    tx.record(callStream(call.calleeId), event);
    return call;
  }

  /** Whoever is on neither side does not learn that there is such a call. */
  private async hold(tx: Tx, viewer: Viewer, callId: string): Promise<Held> {
    const call = callIds.is(callId) ? await this.deps.calls.lock(tx, callId) : null;
    const place = call && (await this.deps.attendance.find(tx, viewer, call.sessionId));
    const side = place && sideOf(call, place.id);
    if (call === null || place === null || side === null) throw callNotFound();
    const refusal = refusalOf(place);
    if (refusal !== null) throw refusal;
    return { call, side };
  }

  private async requireCallee(tx: Tx, caller: AttendeeRecord, calleeId: string): Promise<AttendeeRecord> {
    if (calleeId === caller.id) throw callingOneself();
    const callee = attendeeIds.is(calleeId) ? await this.deps.attendance.findById(tx, caller.sessionId, calleeId) : null;
    if (callee?.status !== 'PRESENT') throw attendeeNotFound();
    return callee;
  }

  private async limit(viewer: Viewer): Promise<void> {
    const decision = await this.deps.kernel.rateLimiter.consume(RATE_RULES.call, viewerKey(viewer) ?? '');
    if (!decision.allowed) throw tooManyCalls(decision.retryAfterMs);
  }
}

/** A user is one person in all their sessions. */
function participantOf({ userId, id }: AttendeeRecord): string {
  return userId ?? id;
}
