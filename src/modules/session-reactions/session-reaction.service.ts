import type { DomainError } from '../../errors/domain-error';
import { RATE_RULES } from '../../graphql/rate-rules';
import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import { viewerKey } from '../../lib/viewer';
import { failed, GroupCommit, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import type { Pace } from '../../realtime/pace';
import { paceOf } from '../../realtime/pace';
import { StateBoards, TELL_EVERY_MS } from '../../realtime/state-boards';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance, AttendeeRecord } from '../attendees';
import { refusalOf } from '../attendees';
import type { SessionRecord, SessionService } from '../sessions';
import { LIVE_STATUSES, sessionIds, sessionNotFound, sessionNotLive } from '../sessions';
import { FrameReader } from './frame-reader';
import type { ReactionFrame } from './frame-reader';
import { reactionNotAllowed, tooManyReactions } from './session-reaction.errors';
import type { ReactionState } from './session-reaction.events';
import { reactionsStream, sessionReacted } from './session-reaction.events';
import type { ReactionTotals, SessionReactionRepository } from './session-reaction.repository';

const MAX_BATCH = 10_000;

interface Request {
  readonly viewer: Viewer;
  readonly emoji: string;
}

export interface SessionReactionServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly reactions: SessionReactionRepository;
  /** Between two commits of one session, and between two frames of one reader; by the clock when left out. */
  readonly pace?: Pace;
}

/**
 * Bursts of reactions: counted, not kept. What is sent to one instance within an interval becomes one transaction and one event, and each
 * reader is told the totals once an interval. They come from the log, so that the last frame always arrives, and is exact.
 */
export class SessionReactionService {
  private readonly sending: GroupCommit<Request, void>;
  private readonly boards: StateBoards<ReactionState>;

  constructor(private readonly deps: SessionReactionServiceDeps) {
    const { kernel, reactions, pace = paceOf(TELL_EVERY_MS) } = deps;
    this.sending = new GroupCommit(kernel.unitOfWork, {
      maxBatch: MAX_BATCH,
      pace,
      write: (tx, sessionId, batch) => this.writeBatch(tx, sessionId, batch),
    });
    this.boards = new StateBoards({
      fanOut: kernel.fanOut,
      streamOf: reactionsStream,
      stateOf: (event) => (sessionReacted.is(event) ? sessionReacted.read(event) : null),
      keyOf: ({ sessionId }) => sessionId,
      listRecent: async (sessionId) => [{ sessionId, totals: await reactions.total(kernel.database, sessionId) }],
      pace,
    });
  }

  /** Answers once it is counted. */
  async send(viewer: Viewer, sessionId: string, emoji: string): Promise<void> {
    const sender = viewerKey(viewer);
    if (sender === null || !sessionIds.is(sessionId)) throw sessionNotFound();
    const decision = await this.deps.kernel.rateLimiter.consume(RATE_RULES.sessionReaction, `${sessionId}:${sender}`);
    if (!decision.allowed) throw tooManyReactions(decision.retryAfterMs);
    await this.sending.submit(sessionId, { viewer, emoji });
  }

  /** First the totals as they are, then each change. */
  async follow(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<ReactionFrame>> {
    const { end } = await this.deps.attendance.watch(actor, sessionId, signal);
    return new FrameReader(await this.boards.follow(sessionId, end));
  }

  async total(actor: Actor, sessionId: string): Promise<ReactionTotals> {
    await this.deps.attendance.requireStandpoint(actor, sessionId, 'session.followed');
    return this.deps.reactions.total(this.deps.kernel.database, sessionId);
  }

  private async writeBatch(tx: RecordingTx, sessionId: string, batch: readonly Request[]): Promise<Outcome<void>[]> {
    const { sessions, attendance, reactions } = this.deps;
    const session = await sessions.get(tx, sessionId);
    const viewers = batch.map(({ viewer }) => viewer);
    const attendees = await attendance.findEach(tx, viewers, sessionId);
    const refusals = batch.map(({ emoji }, index) => refusalOfReaction(session, attendees[index] ?? null, emoji));
    const counts = countEach(batch.flatMap(({ emoji }, index) => (refusals[index] === null ? [emoji] : [])));
    if (Object.keys(counts).length > 0) {
      await tx.lock(reactionsStream(sessionId));
      tx.record(reactionsStream(sessionId), sessionReacted.record({ sessionId, totals: await reactions.add(tx, sessionId, counts) }));
    }
    return refusals.map((refusal) => (refusal == null ? succeeded(undefined) : failed(refusal)));
  }
}

/** Strangers learn nothing; then whether the person and the session are in a state for it. */
function refusalOfReaction(session: SessionRecord, attendee: AttendeeRecord | null, emoji: string): DomainError | null {
  if (attendee === null) return sessionNotFound();
  const refusal = refusalOf(attendee);
  if (refusal !== null) return refusal;
  if (!LIVE_STATUSES.includes(session.status)) return sessionNotLive();
  return session.reactionEmojis.includes(emoji) ? null : reactionNotAllowed();
}

function countEach(emojis: readonly string[]): ReactionTotals {
  const counts: Record<string, number> = {};
  for (const emoji of emojis) counts[emoji] = (counts[emoji] ?? 0) + 1;
  return counts;
}
