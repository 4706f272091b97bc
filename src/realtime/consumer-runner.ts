import { DomainError } from '../errors/domain-error';
import { backoffMs } from './backoff';
import type { Consumer } from './consumer';
import type { ConsumerCheckpoints, LoggedEvent } from './consumer-checkpoints';
import type { StreamEvent } from './event';
import { describeError, OutageLog } from './outage-log';
import type { Log } from './outage-log';
import type { UnitOfWork } from './unit-of-work';

/** Events handled in one transaction. */
const BATCH = 100;
/** Longer than the commits of a busy moment are apart, so that they are read together. */
const GATHER_MS = 50;
/** Finds what other instances recorded whose runner was away, and what a failure left. */
const POLL_MS = 1_000;
/** How often an event is tried by itself before it is parked. */
const TRIES = 3;
/** How often whoever runs elsewhere is asked after a local commit, before it is left to the poll. */
const TURNS = 10;

export interface ConsumerRunnerDeps {
  readonly unitOfWork: UnitOfWork;
  readonly checkpoints: ConsumerCheckpoints;
  readonly log: Log;
}

/** What is left after an attempt at the next batch. */
type Outcome = 'more' | 'done' | 'busy';

interface Read {
  readonly outcome: Outcome;
  readonly events: readonly LoggedEvent[];
}

interface Parking {
  readonly event: LoggedEvent;
  readonly error: string;
}

/**
 * Runs one consumer on this instance. Every instance has one, and whichever holds the checkpoint's row handles the next batch; so there is no
 * leader to lose. A local commit wakes it at once, the poll finds the rest.
 */
export class ConsumerRunner {
  readonly counts = { handled: 0, failed: 0, parked: 0 };
  private readonly types: ReadonlySet<string>;
  private readonly outage: OutageLog;
  private running: Promise<void> | null = null;
  private waking: NodeJS.Timeout | null = null;
  private poll: NodeJS.Timeout | null = null;
  /** How many events are to be tried one by one, after they failed together. */
  private alone = 0;
  /** The event that was tried last by itself, and how often. */
  private tried = { seq: 0, times: 0 };
  private turns = 0;
  private registered = false;
  private closed = false;

  constructor(
    readonly consumer: Consumer,
    private readonly deps: ConsumerRunnerDeps,
  ) {
    this.types = new Set(consumer.types);
    this.outage = new OutageLog(`What the consumer "${consumer.name}" needs`, deps.log);
  }

  /** Throws what the database throws. Idempotent. */
  async register(): Promise<void> {
    if (this.registered) return;
    await this.deps.unitOfWork.run((tx) => this.deps.checkpoints.register(tx, this.consumer));
    this.registered = true;
  }

  start(): void {
    this.poll ??= setInterval(() => void this.run(), POLL_MS).unref();
    void this.run();
  }

  /** Events of a local commit. Costs nothing when none is for this consumer. */
  committed(events: readonly StreamEvent[]): void {
    if (this.poll !== null && events.some(({ type }) => this.types.has(type))) this.wakeIn(GATHER_MS);
  }

  /** Handles whatever there is; resolves when nothing is left, or another instance is at it. Never throws. */
  run(): Promise<void> {
    this.running ??= this.runAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** The batch that is under way is finished. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.poll !== null) clearInterval(this.poll);
    if (this.waking !== null) clearTimeout(this.waking);
    await this.running;
  }

  private wakeIn(milliseconds: number): void {
    if (this.closed) return;
    this.waking ??= setTimeout(() => {
      this.waking = null;
      void this.afterRun();
    }, milliseconds).unref();
  }

  /** Not joined to a run that may have looked already. */
  private async afterRun(): Promise<void> {
    await this.running;
    await this.run();
  }

  private async runAll(): Promise<void> {
    let outcome: Outcome = 'more';
    while (outcome === 'more' && !this.closed) outcome = await this.attempt();
    this.turns = outcome === 'busy' ? this.turns + 1 : 0;
    if (outcome === 'busy' && this.turns < TURNS) this.wakeIn(GATHER_MS);
  }

  private async attempt(): Promise<Outcome> {
    let batch: readonly LoggedEvent[] = [];
    try {
      await this.register();
      const outcome = await this.next((read) => (batch = read));
      this.outage.back();
      return outcome;
    } catch (error) {
      return this.failed(batch, error);
    }
  }

  /** One transaction: what it does of the events, and that it has read them. */
  private async next(onRead: (events: readonly LoggedEvent[]) => void, parking?: Parking): Promise<Outcome> {
    const { consumer, deps } = this;
    const limit = this.alone > 0 ? 1 : BATCH;
    const { outcome, events } = await deps.unitOfWork.as('system').run<Read>(async (tx) => {
      const place = await deps.checkpoints.hold(tx, consumer.name);
      if (place === null) return { outcome: 'busy', events: [] };
      if (place.isForeign) throw new Error('The database came out of a dump: this consumer must be rebuilt (docs/consumers.md).');
      const read = await deps.checkpoints.read(tx, place, consumer.types, limit);
      onRead(read);
      if (parking !== undefined && read[0]?.seq !== parking.event.seq) return { outcome: 'more', events: [] };
      if (parking !== undefined) await deps.checkpoints.park(tx, consumer.name, parking.event, parking.error);
      else if (read.length > 0) await consumer.handle(tx, read);
      const more = read.length === limit;
      deps.checkpoints.moveAtCommit(tx, consumer.name, place, read, more);
      return { outcome: more ? 'more' : 'done', events: read };
    });
    this.alone = Math.max(0, this.alone - events.length);
    this.counts[parking === undefined ? 'handled' : 'parked'] += events.length;
    return outcome;
  }

  /** What is away is waited for. What fails is tried event by event, and what still fails is parked. */
  private async failed(batch: readonly LoggedEvent[], error: unknown): Promise<Outcome> {
    const [event] = batch;
    if (event === undefined || (error instanceof DomainError && error.retryable)) {
      this.outage.away(describeError(error));
      return 'done';
    }
    this.counts.failed += 1;
    this.alone = batch.length;
    if (batch.length > 1) return 'more';
    this.tried = { seq: event.seq, times: this.tried.seq === event.seq ? this.tried.times + 1 : 1 };
    if (this.tried.times >= TRIES) return this.park({ event, error: describeError(error) });
    this.wakeIn(backoffMs(this.tried.times));
    return 'done';
  }

  private async park({ event, error }: Parking): Promise<Outcome> {
    const { stream, offset, type } = event;
    try {
      const outcome = await this.next(() => undefined, { event, error });
      this.deps.log('A consumer has parked an event that it cannot take.', {
        consumer: this.consumer.name,
        stream,
        offset,
        type,
        detail: error,
      });
      return outcome;
    } catch (again) {
      this.outage.away(describeError(again));
      return 'done';
    }
  }
}
