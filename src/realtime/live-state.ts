import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import type { Ending } from '../lib/ending';
import type { Unsubscribe } from './bus';

export interface LiveStateSource<State> {
  /** Calls back whenever the state may be another one. Resolves when attached. */
  watch(key: string, onNews: () => void): Promise<Unsubscribe>;
  read(key: string): Promise<State>;
  /** Read no more often than this, however much happens. */
  readonly intervalMs: number;
}

/** What one reader makes of a state. */
export interface LiveView<State, Value> {
  of(state: State): Promise<Value>;
  /** Whether the reader need not be told again. */
  equal(one: Value, other: Value): boolean;
  /** Whether nothing comes after it. Left out: something always may. */
  isLast?(value: Value): boolean;
}

/**
 * State that is read anew when something happened, for all who look at it in this process together.
 *
 * Promises to each reader: first how it is, then how it is after changes, at most once per interval and without the steps between; the last
 * state always comes, because what happens while it is read has it read again. A failed reading is tried again after the interval.
 */
export class LiveStates<State> {
  private readonly boards = new Map<string, Board<State>>();

  constructor(private readonly source: LiveStateSource<State>) {}

  /** Ends when the signal aborts, the reader returns, or nothing can come any more. */
  async follow<Value>(key: string, view: LiveView<State, Value>, signal: Ending): Promise<AsyncIterableIterator<Value>> {
    const board = this.boards.get(key) ?? new Board(key, this.source);
    this.boards.set(key, board);
    const reader = new Reader(board, view, signal, () => this.onEnd(key, board, reader));
    board.readers.add(reader);
    if (signal.aborted) await reader.return();
    try {
      await board.ready;
    } catch (error) {
      await reader.return();
      throw error;
    }
    return reader;
  }

  /** How many keys are being looked at. */
  get size(): number {
    return this.boards.size;
  }

  private onEnd(key: string, board: Board<State>, reader: Wakeable): void {
    board.readers.delete(reader);
    if (board.readers.size > 0) return;
    board.close();
    if (this.boards.get(key) === board) this.boards.delete(key);
  }
}

interface Wakeable {
  wake(): void;
}

class Board<State> {
  readonly readers = new Set<Wakeable>();
  /** Attached, and read once. */
  readonly ready: Promise<void>;
  /** The last that was read, and how many were before it. */
  latest: { readonly state: State; readonly number: number } | null = null;
  private begun = 0;
  private dirty = false;
  private timer: NodeJS.Timeout | null = null;
  private unsubscribe: Unsubscribe | null = null;
  private closed = false;

  constructor(
    private readonly key: string,
    private readonly source: LiveStateSource<State>,
  ) {
    this.ready = this.open();
  }

  close(): void {
    this.closed = true;
    this.unsubscribe?.();
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Attached first, read after: nothing falls between. */
  private async open(): Promise<void> {
    this.unsubscribe = await this.source.watch(this.key, () => this.onNews());
    if (this.closed) return this.unsubscribe();
    await this.read();
  }

  private onNews(): void {
    this.dirty = true;
    if (this.timer === null && this.latest !== null) this.refresh();
  }

  /** The first change is read at once, those within the interval after it together at its end. */
  private refresh(): void {
    this.timer = null;
    if (!this.dirty || this.closed) return;
    this.dirty = false;
    this.timer = setTimeout(() => this.refresh(), this.source.intervalMs).unref();
    void this.read().catch(() => (this.dirty = true));
  }

  /** One that was begun later may be done earlier: then what it found stays. */
  private async read(): Promise<void> {
    const number = (this.begun += 1);
    const state = await this.source.read(this.key);
    if (this.latest !== null && this.latest.number > number) return;
    this.latest = { state, number };
    for (const reader of this.readers) reader.wake();
    if (this.dirty && this.timer === null) this.refresh();
  }
}

class Reader<State, Value> implements AsyncIterableIterator<Value>, Wakeable {
  private seen = 0;
  private told: { readonly value: Value } | null = null;
  private waking: Deferred | null = null;
  private ended = false;

  constructor(
    private readonly board: Board<State>,
    private readonly view: LiveView<State, Value>,
    private readonly signal: Ending,
    private readonly onEnd: () => void,
  ) {
    signal.addEventListener('abort', this);
  }

  wake(): void {
    this.waking?.resolve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    while (!this.ended) {
      const value = await this.news();
      if (value === null) continue;
      this.told = value;
      if (this.view.isLast?.(value.value) === true) this.end();
      return { value: value.value, done: false };
    }
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<Value, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  handleEvent(): void {
    this.end();
  }

  /** What is to be told now; null when it is to be asked again. */
  private async news(): Promise<{ readonly value: Value } | null> {
    const { latest } = this.board;
    if (latest === null || latest.number === this.seen) {
      this.waking = deferred();
      await this.waking.promise;
      return null;
    }
    this.seen = latest.number;
    const value = await this.view.of(latest.state);
    if (this.ended || (this.told !== null && this.view.equal(this.told.value, value))) return null;
    return { value };
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.signal.removeEventListener('abort', this);
    this.onEnd();
    this.wake();
  }
}
