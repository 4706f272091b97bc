import { erasesPast } from './event';
import type { Position, StreamEvent, StreamId } from './event';
import type { EventLog, StreamState } from './event-log';

/** Events read from the log at a time: what one catching-up reader may hold in memory. */
export const PAGE_SIZE = 200;

const TAIL_EVENTS = 1_000;
const TAIL_BYTES = 1_000_000;

export interface LiveListener {
  /** Called for each event as it becomes known, in order; `null` when the stream was lost and starts again elsewhere. */
  hear(event: StreamEvent | null): void;
}

export interface LiveStreamStats {
  /** Times an offset jump or a head check showed that news had been missed. */
  gaps: number;
  logReads: number;
}

/**
 * One stream as this process sees it: how far it has been read, and its newest events, shared by all local subscribers.
 *
 * News comes three ways: from a local commit, from the bus, from the head check. All meet in `seen`; whichever is late finds its
 * offsets known. Whatever is missing is read from the log, by one reader at a time. So events appear here exactly once, in order.
 */
export class LiveStream {
  readonly listeners = new Set<LiveListener>();
  /** When the last listener left; null while there is one. For whoever decides to let go. */
  idleSince: number | null = Date.now();
  /** Bytes of all events that ever passed, so that a subscriber's lag in bytes is a subtraction. */
  passedBytes = 0;

  private state: Position;
  private target: number;
  private tail: StreamEvent[] = [];
  private tailBytes: number[] = [];
  private keptBytes = 0;
  private reading: Promise<void> | null = null;
  private extending: Promise<void> | null = null;
  /** Times the tail was dropped because it was not true any more. */
  private forgotten = 0;

  constructor(
    readonly id: StreamId,
    opened: StreamState,
    private readonly log: EventLog,
    private readonly stats: LiveStreamStats,
  ) {
    this.state = { epoch: opened.epoch, offset: opened.head };
    this.target = opened.head;
  }

  get position(): Position {
    return this.state;
  }

  listen(listener: LiveListener): () => void {
    this.listeners.add(listener);
    this.idleSince = null;
    return () => this.unlisten(listener);
  }

  /** Idempotent. What the function that `listen` returns does, for who has no room for one. */
  unlisten(listener: LiveListener): void {
    if (this.listeners.delete(listener) && this.listeners.size === 0) this.idleSince = Date.now();
  }

  /** Events of a local commit: taken directly when they are the next ones. */
  committed(events: readonly StreamEvent[]): void {
    for (const event of events) this.take(event);
    const last = events.at(-1);
    if (last !== undefined) this.seen(last);
  }

  /** Somebody says the stream reaches `position`. Returns whether that was news. */
  seen(position: Position): boolean {
    if (position.epoch !== this.state.epoch) return false;
    if (position.offset <= this.state.offset) return false;
    this.target = Math.max(this.target, position.offset);
    void this.catchUp();
    return true;
  }

  /**
   * The database's own word, asked for when we stood at `since`. Another epoch, or a head behind that place, means the log was lost and
   * replaced. A head behind where we stand by now means nothing: commits have come in while the answer was on its way.
   */
  checked(state: StreamState, since: Position): void {
    if (since.epoch !== this.state.epoch) return;
    if (state.epoch !== since.epoch || state.head < since.offset) this.restart(state);
    else if (this.seen({ epoch: state.epoch, offset: state.head })) this.stats.gaps += 1;
  }

  /** At most so many events after `offset` from memory, or null when memory does not reach back that far. */
  recent(offset: number, limit: number): StreamEvent[] | null {
    const from = offset - this.tailStart;
    return from < 0 ? null : this.tail.slice(from, from + limit);
  }

  /**
   * Reads memory further back until it holds everything after `offset`, where that is not more than it keeps anyway. However many come
   * back to the same place at once, the log is read once. Returns whether memory reaches there.
   */
  async reach(offset: number): Promise<boolean> {
    while (offset < this.tailStart && this.state.offset - offset <= TAIL_EVENTS && this.keptBytes <= TAIL_BYTES) {
      const { tailStart } = this;
      this.extending ??= this.extendTail().finally(() => (this.extending = null));
      await this.extending;
      if (this.tailStart >= tailStart) break;
    }
    return offset >= this.tailStart;
  }

  /** The place before the oldest event in memory. */
  private get tailStart(): number {
    return this.state.offset - this.tail.length;
  }

  /** By one page. What was forgotten meanwhile (another epoch, an erased text) must not come back with it. */
  private async extendTail(): Promise<void> {
    const { tailStart, forgotten } = this;
    const from = Math.max(0, tailStart - PAGE_SIZE);
    this.stats.logReads += 1;
    const events = await this.log.read(this.id, from, tailStart - from);
    if (forgotten !== this.forgotten || events.at(-1)?.offset !== this.tailStart) return;
    const sizes = events.map(sizeOf);
    this.tail = [...events, ...this.tail];
    this.tailBytes = [...sizes, ...this.tailBytes];
    this.keptBytes += sizes.reduce((sum, size) => sum + size, 0);
  }

  private take(event: StreamEvent): void {
    if (event.epoch !== this.state.epoch || event.offset !== this.state.offset + 1) return;
    this.state = { epoch: event.epoch, offset: event.offset };
    if (erasesPast(event)) this.forgetTail();
    this.keep(event);
    for (const listener of this.listeners) listener.hear(event);
  }

  private keep(event: StreamEvent): void {
    const bytes = sizeOf(event);
    this.tail.push(event);
    this.tailBytes.push(bytes);
    this.keptBytes += bytes;
    this.passedBytes += bytes;
    if (this.tail.length > 2 * TAIL_EVENTS || this.keptBytes > 2 * TAIL_BYTES) this.dropOldest();
  }

  /** Drops in halves, so that keeping an event costs constant time on average. */
  private dropOldest(): void {
    let drop = Math.max(0, this.tail.length - TAIL_EVENTS);
    let bytes = this.tailBytes.slice(0, drop).reduce((sum, size) => sum + size, 0);
    while (this.keptBytes - bytes > TAIL_BYTES && drop < this.tail.length) bytes += this.tailBytes[drop++] ?? 0;
    this.tail = this.tail.slice(drop);
    this.tailBytes = this.tailBytes.slice(drop);
    this.keptBytes -= bytes;
  }

  private restart(state: StreamState): void {
    this.state = { epoch: state.epoch, offset: state.head };
    this.target = state.head;
    this.forgetTail();
    for (const listener of this.listeners) listener.hear(null);
  }

  private forgetTail(): void {
    this.forgotten += 1;
    this.tail = [];
    this.tailBytes = [];
    this.keptBytes = 0;
  }

  private catchUp(): Promise<void> {
    this.reading ??= this.readMissing().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  /** Gives up silently when the database is away: the next head check comes back to it. */
  private async readMissing(): Promise<void> {
    try {
      while (this.state.offset < this.target) {
        this.stats.logReads += 1;
        const events = await this.log.read(this.id, this.state.offset, PAGE_SIZE);
        const before = this.state.offset;
        for (const event of events) this.take(event);
        if (this.state.offset === before && this.state.offset < this.target) return this.skipTrimmed(events[0]);
      }
    } catch {
      this.target = this.state.offset;
    }
  }

  /** The events in between were trimmed before this process read them: its subscribers must be told. */
  private skipTrimmed(next: StreamEvent | undefined): void {
    const head = next === undefined ? this.target : Math.max(this.target, next.offset);
    this.restart({ epoch: next?.epoch ?? this.state.epoch, head, tail: 0 });
  }
}

function sizeOf({ payload }: StreamEvent): number {
  return JSON.stringify(payload).length;
}
