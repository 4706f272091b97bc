import { deferred } from '../../lib/deferred';
import type { Deferred } from '../../lib/deferred';
import type { Ending } from '../../lib/ending';
import type { Unsubscribe } from '../../realtime/bus';
import type { FanOut } from '../../realtime/fan-out';
import { questionVoted, votesStream } from './question.events';

/** Nobody is told of one question more often than this. */
export const TALLY_INTERVAL_MS = 100;

/** Whoever was away for no longer than this ends with the exact tallies without reading the questions again. */
export const TALLY_MEMORY_MS = 2 * 60 * 1_000;

export interface Tally {
  readonly questionId: string;
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
}

interface Remembered {
  readonly tally: Tally;
  readonly at: number;
}

/** The tallies of a session's questions that were voted on within so many milliseconds. */
export type ListRecent = (sessionId: string, milliseconds: number) => Promise<readonly Tally[]>;

/**
 * Live tallies, one board per session and process for all who look at it.
 *
 * Promises to each reader: first the tallies that changed lately, then every change, at most one per question and interval and the
 * newest of it; the last tally always comes, because the votes come from the log. A slow reader holds one tally per question.
 */
export class TallyBoards {
  private readonly boards = new Map<string, TallyBoard>();

  constructor(
    private readonly fanOut: Pick<FanOut, 'watch'>,
    private readonly listRecent: ListRecent,
    private readonly intervalMs = TALLY_INTERVAL_MS,
  ) {}

  /** Ends when the signal aborts or the reader returns. The board ends with its last reader. */
  async follow(sessionId: string, signal: Ending): Promise<AsyncIterableIterator<Tally>> {
    const board = this.boardOf(sessionId);
    const reader = new TallyReader(signal, () => this.onEnd(sessionId, board, reader));
    board.readers.add(reader);
    if (signal.aborted) await reader.return();
    try {
      await board.ready;
    } catch (error) {
      await reader.return();
      throw error;
    }
    for (const tally of board.recent()) reader.offer(tally);
    return reader;
  }

  /** How many sessions are being looked at. */
  get size(): number {
    return this.boards.size;
  }

  private boardOf(sessionId: string): TallyBoard {
    let board = this.boards.get(sessionId);
    if (board === undefined) {
      board = new TallyBoard(sessionId, this.fanOut, this.listRecent, this.intervalMs);
      this.boards.set(sessionId, board);
    }
    return board;
  }

  private onEnd(sessionId: string, board: TallyBoard, reader: TallyReader): void {
    board.readers.delete(reader);
    if (board.readers.size > 0) return;
    board.close();
    if (this.boards.get(sessionId) === board) this.boards.delete(sessionId);
  }
}

class TallyBoard {
  readonly readers = new Set<TallyReader>();
  /** Attached to the votes, and knows the recent ones. */
  readonly ready: Promise<void>;
  private readonly latest = new Map<string, Remembered>();
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private unsubscribe: Unsubscribe | null = null;
  private closed = false;

  constructor(
    private readonly sessionId: string,
    private readonly fanOut: Pick<FanOut, 'watch'>,
    private readonly listRecent: ListRecent,
    private readonly intervalMs: number,
  ) {
    this.ready = this.open();
  }

  /** What changed lately, forgetting what did not. */
  recent(): Tally[] {
    const since = Date.now() - TALLY_MEMORY_MS;
    for (const [questionId, { at }] of this.latest) if (at < since) this.latest.delete(questionId);
    return [...this.latest.values()].map(({ tally }) => tally);
  }

  close(): void {
    this.closed = true;
    this.unsubscribe?.();
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Attached first, read after: a vote in between is seen at least one way, and what came live is not put back by what was read. */
  private async open(): Promise<void> {
    this.unsubscribe = await this.fanOut.watch(votesStream(this.sessionId), (event) => {
      if (event === null) void this.reread().catch(() => undefined);
      else if (questionVoted.is(event)) this.note(questionVoted.read(event));
    });
    if (this.closed) return this.unsubscribe();
    for (const tally of await this.listRecent(this.sessionId, TALLY_MEMORY_MS)) {
      if (!this.latest.has(tally.questionId)) this.latest.set(tally.questionId, { tally, at: Date.now() });
    }
  }

  /** The stream of votes was lost: what it told may be out of date. */
  private async reread(): Promise<void> {
    for (const tally of await this.listRecent(this.sessionId, TALLY_MEMORY_MS)) this.note(tally);
  }

  private note({ questionId, upvotes, downvotes, score }: Tally): void {
    this.latest.set(questionId, { tally: { questionId, upvotes, downvotes, score }, at: Date.now() });
    this.changed.add(questionId);
    if (this.timer === null) this.tell();
  }

  /** The first change is told at once, those within the interval after it together at its end: no timer runs while nobody votes. */
  private tell(): void {
    this.timer = null;
    if (this.changed.size === 0 || this.closed) return;
    for (const questionId of this.changed) {
      const remembered = this.latest.get(questionId);
      if (remembered !== undefined) for (const reader of this.readers) reader.offer(remembered.tally);
    }
    this.changed.clear();
    this.timer = setTimeout(() => this.tell(), this.intervalMs);
  }
}

class TallyReader implements AsyncIterableIterator<Tally> {
  /** The newest tally of each question that this reader was not told yet. */
  private readonly pending = new Map<string, Tally>();
  private wake: Deferred | null = null;
  private ended = false;

  constructor(
    private readonly signal: Ending,
    private readonly onEnd: () => void,
  ) {
    signal.addEventListener('abort', this);
  }

  offer(tally: Tally): void {
    this.pending.set(tally.questionId, tally);
    this.wake?.resolve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Tally, undefined>> {
    while (!this.ended) {
      const [tally] = this.pending.values();
      if (tally !== undefined) {
        this.pending.delete(tally.questionId);
        return { value: tally, done: false };
      }
      this.wake = deferred();
      await this.wake.promise;
    }
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<Tally, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  handleEvent(): void {
    this.end();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.pending.clear();
    this.signal.removeEventListener('abort', this);
    this.onEnd();
    this.wake?.resolve();
  }
}
