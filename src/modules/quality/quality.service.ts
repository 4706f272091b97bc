import { RATE_RULES } from '../../graphql/rate-rules';
import type { Ending } from '../../lib/ending';
import { viewerKey } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Position, StreamEvent, StreamItem } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { attendeeIds, attendeeNotFound } from '../attendees';
import type { CallService } from '../calls';
import type { SessionCompanion, SessionRecord, SessionService } from '../sessions';
import type { SignalingService } from '../signaling';
import { hintAfter } from './bandwidth-hint';
import { connectedToOneself, tooManyReports } from './quality.errors';
import { qualityChanged, qualityStream } from './quality.events';
import { seesAll } from './quality.policy';
import type { ConnectionState, Pair, QualityRecord, QualityRepository } from './quality.repository';
import type { Measurement } from './quality-score';
import { bandOf, scoreOf, smoothed } from './quality-score';
import { impoliteOf, recoveryAfter } from './recovery';

/** What both sides are told when a connection is restarted, or given up. */
const REASON = { reason: 'CONNECTION_FAILED' };

export interface QualityReport extends Measurement {
  readonly sessionId: string;
  /** Left out: the media server. */
  readonly remoteId?: string | null;
  readonly state: ConnectionState;
}

export interface QualityServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly signaling: Pick<SignalingService, 'tell'>;
  readonly calls: Pick<CallService, 'fail'>;
  readonly qualities: QualityRepository;
}

/** How well attendees are connected, as they report it themselves, and what is done about it. */
export class QualityService implements SessionCompanion {
  constructor(private readonly deps: QualityServiceDeps) {}

  /**
   * Scores the report, tells of a change of band, tells the sender what rate the receiver can take, and has a connection that failed
   * restarted, three times; then it is given up.
   */
  async report(viewer: Viewer, report: QualityReport): Promise<QualityRecord> {
    await this.limit(viewer);
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const { sessionId } = report;
      const attendee = await this.deps.attendance.require(tx, viewer, sessionId);
      await this.deps.sessions.requireLive(tx, sessionId);
      const remoteId = report.remoteId == null ? '' : await this.requireRemote(tx, attendee, report.remoteId);
      const before = await this.deps.qualities.lock(tx, { sessionId, attendeeId: attendee.id, remoteId });
      const after = await this.deps.qualities.save(tx, { ...before, ...judged(before, report) });
      if (after.band !== null && after.band !== before.band) this.changed(tx, after);
      if (remoteId === '') return after;
      if (after.hintKbps !== null && after.hintKbps !== before.hintKbps) this.hint(tx, after);
      return (await this.recover(tx, before, after)) ?? after;
    });
  }

  /** What changes, for the viewer's eyes: all of it, or their own connections. */
  async follow(viewer: Viewer, sessionId: string, after: Position | null, signal: Ending): Promise<AsyncIterableIterator<StreamItem>> {
    const { kernel, attendance } = this.deps;
    const { latest, end } = await attendance.follow(viewer, sessionId, signal);
    return kernel.fanOut.follow(qualityStream(sessionId), { after, signal: end, accept: (event) => isFor(latest(), event) });
  }

  async listEvents(viewer: Viewer, sessionId: string, after: Position | null, first: number): Promise<StreamItem[]> {
    const attendee = await this.requireHere(viewer, sessionId);
    return this.deps.kernel.fanOut.page(qualityStream(sessionId), { after, first, accept: (event) => isFor(attendee, event) });
  }

  async list(viewer: Viewer, sessionId: string, page: { after: Pair | null; limit: number }): Promise<QualityRecord[]> {
    const { kernel, qualities } = this.deps;
    const attendee = await this.requireHere(viewer, sessionId);
    return qualities.list(kernel.database, sessionId, { ...page, attendeeId: seesAll(attendee) ? null : attendee.id });
  }

  async sessionCreated(): Promise<void> {
    // Nobody is connected yet.
  }

  async sessionOver(tx: RecordingTx, { id }: SessionRecord): Promise<void> {
    await this.deps.qualities.forgetSession(tx, id);
  }

  /** Null unless it was given up. Who reports that all is well again, and was not before, has recovered. */
  private async recover(tx: RecordingTx, before: QualityRecord, after: QualityRecord): Promise<QualityRecord | null> {
    const isBack = after.state === 'CONNECTED' && before.band === 'LOST';
    if (after.state !== 'FAILED' && !isBack) return null;
    const { qualities } = this.deps;
    const pair = pairOf(after);
    const state = await qualities.lockRecovery(tx, after.sessionId, pair);
    switch (recoveryAfter(state, after.state)) {
      case 'wait':
        return null;
      case 'recovered':
        await qualities.forgetRecovery(tx, pair);
        return null;
      case 'restart':
        await qualities.saveRestart(tx, pair, state.restarts + 1);
        this.askForRestart(tx, pair);
        return null;
      case 'giveUp':
        await qualities.forgetRecovery(tx, pair);
        await this.giveUp(tx, after.sessionId, pair);
        return { ...after, state: 'CLOSED' };
    }
  }

  private askForRestart(tx: RecordingTx, [one, other]: Pair): void {
    const to = impoliteOf(one, other);
    this.deps.signaling.tell(tx, { from: to === one ? other : one, to, type: 'ICE_RESTART', payload: REASON });
  }

  private async giveUp(tx: RecordingTx, sessionId: string, pair: Pair): Promise<void> {
    const [one, other] = pair;
    for (const lost of await this.deps.qualities.lose(tx, pair)) this.changed(tx, lost);
    this.deps.signaling.tell(tx, { from: other, to: one, type: 'END', payload: REASON });
    this.deps.signaling.tell(tx, { from: one, to: other, type: 'END', payload: REASON });
    await this.deps.calls.fail(tx, sessionId, pair);
  }

  private hint(tx: RecordingTx, { attendeeId, remoteId, hintKbps }: QualityRecord): void {
    this.deps.signaling.tell(tx, { from: attendeeId, to: remoteId, type: 'BANDWIDTH', payload: { maxBitrateKbps: hintKbps } });
  }

  private changed(tx: RecordingTx, quality: QualityRecord): void {
    tx.record(qualityStream(quality.sessionId), qualityChanged.record({ quality }));
  }

  private async requireHere(viewer: Viewer, sessionId: string): Promise<AttendeeRecord> {
    const { kernel, attendance } = this.deps;
    const attendee = await attendance.require(kernel.database, viewer, sessionId);
    attendance.see(attendee);
    return attendee;
  }

  private async requireRemote(tx: Tx, attendee: AttendeeRecord, remoteId: string): Promise<string> {
    if (remoteId === attendee.id) throw connectedToOneself();
    const remote = attendeeIds.is(remoteId) ? await this.deps.attendance.findById(tx, attendee.sessionId, remoteId) : null;
    if (remote?.status !== 'PRESENT') throw attendeeNotFound();
    return remote.id;
  }

  private async limit(viewer: Viewer): Promise<void> {
    const decision = await this.deps.kernel.rateLimiter.consume(RATE_RULES.quality, viewerKey(viewer) ?? '');
    if (!decision.allowed) throw tooManyReports(decision.retryAfterMs);
  }
}

type Judged = Omit<QualityRecord, 'attendeeId' | 'remoteId' | 'sessionId' | 'reportedAt'>;

/** While it is being made nothing is known; once it was lost its score begins anew. */
function judged(before: QualityRecord, { state, rttMs, lossPercent, jitterMs, bitrateKbps }: QualityReport): Judged {
  const measured = { rttMs, lossPercent, jitterMs, bitrateKbps };
  const { score, band, hintKbps, clearReports } = before;
  switch (state) {
    case 'NEW':
    case 'CONNECTING':
      return { state, ...measured, score, band, hintKbps, clearReports };
    case 'DISCONNECTED':
    case 'FAILED':
    case 'CLOSED':
      return { state, ...measured, score: null, band: 'LOST', hintKbps: null, clearReports: 0 };
    case 'CONNECTED': {
      const now = smoothed(score, scoreOf(measured));
      return { state, ...measured, score: now, band: bandOf(now, band), ...hintAfter({ hintKbps, clearReports }, measured) };
    }
  }
}

function pairOf({ attendeeId, remoteId }: QualityRecord): Pair {
  return attendeeId < remoteId ? [attendeeId, remoteId] : [remoteId, attendeeId];
}

function isFor(attendee: AttendeeRecord, event: StreamEvent): boolean {
  return seesAll(attendee) || qualityChanged.read(event).quality.attendeeId === attendee.id;
}
