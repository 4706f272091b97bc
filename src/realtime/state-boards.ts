import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import type { Ending } from '../lib/ending';
import type { Unsubscribe } from './bus';
import type { StreamEvent, StreamId } from './event';
import type { FanOut } from './fan-out';
import type { Pace } from './pace';
import { paceOf } from './pace';

/** Nobody is told of one thing more often than this. */
export const TELL_EVERY_MS = 100;

/** Whoever was away for no longer than this ends with the exact states without reading everything again. */
export const STATE_MEMORY_MS = 2 * 60 * 1_000;

export interface StateBoardsOptions<State> {
  readonly fanOut: Pick<FanOut, 'watch'>;
  /** The durable stream that tells every change of what one board shows. */
  readonly streamOf: (id: string) => StreamId;
  /** The state that an event has led to; null when it tells of something else. */
  readonly stateOf: (event: StreamEvent) => State | null;
  /** What it is the state of: of each thing the newest state alone matters. */
  readonly keyOf: (state: State) => string;
  /** What changed within so many milliseconds, as it is now. */
  readonly listRecent: (id: string, milliseconds: number) => Promise<readonly State[]>;
  /** Between two tellings; `TELL_EVERY_MS` by the clock when left out. */
  readonly pace?: Pace;
}

interface Remembered<State> {
  readonly state: State;
  readonly at: number;
}

/**
 * Live state, not history: one board for all in this process who look at the same things.
 *
 * Promises to each reader: first the states that changed lately, then every change, at most one for each thing and interval and the
 * newest of it; the last state always comes, because the changes come from the log. A slow reader holds one state for each thing.
 */
export class StateBoards<State> {
  private readonly boards = new Map<string, StateBoard<State>>();

  constructor(private readonly options: StateBoardsOptions<State>) {}

  /** Ends when the signal aborts or the reader returns. The board ends with its last reader. */
  async follow(id: string, signal: Ending): Promise<AsyncIterableIterator<State>> {
    const board = this.boardOf(id);
    const reader = new BoardReader<State>(signal, () => this.onEnd(id, board, reader));
    board.readers.add(reader);
    if (signal.aborted) await reader.return();
    try {
      await board.ready;
    } catch (error) {
      await reader.return();
      throw error;
    }
    for (const [key, state] of board.recent()) reader.offer(key, state);
    return reader;
  }

  /** How many boards are being looked at. */
  get size(): number {
    return this.boards.size;
  }

  private boardOf(id: string): StateBoard<State> {
    let board = this.boards.get(id);
    if (board === undefined) {
      board = new StateBoard(id, this.options);
      this.boards.set(id, board);
    }
    return board;
  }

  private onEnd(id: string, board: StateBoard<State>, reader: BoardReader<State>): void {
    board.readers.delete(reader);
    if (board.readers.size > 0) return;
    board.close();
    if (this.boards.get(id) === board) this.boards.delete(id);
  }
}

const BY_THE_CLOCK = paceOf(TELL_EVERY_MS);

class StateBoard<State> {
  readonly readers = new Set<BoardReader<State>>();
  /** Attached to the stream, and knows what changed lately. */
  readonly ready: Promise<void>;
  private readonly latest = new Map<string, Remembered<State>>();
  private readonly changed = new Set<string>();
  /** Set while a telling is due. */
  private callOff: (() => void) | null = null;
  private unsubscribe: Unsubscribe | null = null;
  private closed = false;

  constructor(
    private readonly id: string,
    private readonly options: StateBoardsOptions<State>,
  ) {
    this.ready = this.open();
  }

  /** What changed lately, forgetting what did not. */
  recent(): [string, State][] {
    const since = Date.now() - STATE_MEMORY_MS;
    for (const [key, { at }] of this.latest) if (at < since) this.latest.delete(key);
    return [...this.latest].map(([key, { state }]) => [key, state]);
  }

  close(): void {
    this.closed = true;
    this.unsubscribe?.();
    this.callOff?.();
  }

  /** Attached first, read after: a change in between is seen at least one way, and what came live is not put back by what was read. */
  private async open(): Promise<void> {
    const { fanOut, streamOf, stateOf, keyOf, listRecent } = this.options;
    this.unsubscribe = await fanOut.watch(streamOf(this.id), (event) => {
      if (event === null) return void this.reread().catch(() => undefined);
      const state = stateOf(event);
      if (state !== null) this.note(state);
    });
    if (this.closed) return this.unsubscribe();
    for (const state of await listRecent(this.id, STATE_MEMORY_MS)) {
      const key = keyOf(state);
      if (!this.latest.has(key)) this.latest.set(key, { state, at: Date.now() });
    }
  }

  /** The stream was lost: what it told may be out of date. */
  private async reread(): Promise<void> {
    for (const state of await this.options.listRecent(this.id, STATE_MEMORY_MS)) this.note(state);
  }

  private note(state: State): void {
    const key = this.options.keyOf(state);
    this.latest.set(key, { state, at: Date.now() });
    this.changed.add(key);
    if (this.callOff === null) this.tell();
  }

  /** The first change is told at once, those within the interval after it together at its end: no timer runs while nothing changes. */
  private tell(): void {
    this.callOff = null;
    if (this.changed.size === 0 || this.closed) return;
    for (const key of this.changed) {
      const remembered = this.latest.get(key);
      if (remembered !== undefined) for (const reader of this.readers) reader.offer(key, remembered.state);
    }
    this.changed.clear();
    this.callOff = (this.options.pace ?? BY_THE_CLOCK)(() => this.tell());
  }
}

class BoardReader<State> implements AsyncIterableIterator<State> {
  /** The newest state of each thing that this reader was not told yet. */
  private readonly pending = new Map<string, State>();
  private wake: Deferred | null = null;
  private ended = false;

  constructor(
    private readonly signal: Ending,
    private readonly onEnd: () => void,
  ) {
    signal.addEventListener('abort', this);
  }

  offer(key: string, state: State): void {
    this.pending.set(key, state);
    this.wake?.resolve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<State, undefined>> {
    while (!this.ended) {
      const [first] = this.pending;
      if (first !== undefined) {
        const [key, value] = first;
        this.pending.delete(key);
        return { value, done: false };
      }
      this.wake = deferred();
      await this.wake.promise;
    }
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<State, undefined>> {
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
