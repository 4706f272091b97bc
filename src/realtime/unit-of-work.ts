import type { Database, RowViewer, ScopedDatabase, Tx } from '../persistence/database';
import type { NewEvent, StreamEvent, StreamId } from './event';
import type { EventLog, HeldStream, Recording } from './event-log';

/** A transaction that can also record events: rows and events commit together or not at all. */
export interface RecordingTx extends Tx {
  /**
   * Records events when the work is done, together with COMMIT, so that a busy stream's lock is held for the shortest time. Order of calls is order in
   * the stream.
   */
  record(stream: StreamId, ...events: NewEvent[]): void;

  /** Records events now, for rows that store their own offset. Takes the stream's lock until the end of the transaction. */
  append(stream: StreamId, ...events: NewEvent[]): Promise<StreamEvent[]>;

  /** Takes the stream's lock now, without recording: whoever holds it is the only writer of that stream. */
  lock(stream: StreamId): Promise<HeldStream>;
}

/**
 * The only way to change durable state, and the only durable publisher.
 *
 * `run` resolves after COMMIT; the recorded events are then handed to `committed` (fan-out), in log order, never awaited. When the
 * process dies in between, subscribers still get them from the log. When `work` throws, nothing has happened.
 * `work` may run more than once (serialisation failures), so it must have no effect outside its transaction.
 */
export class UnitOfWork {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly committed: (events: readonly StreamEvent[]) => void,
  ) {}

  /** On behalf of nobody: for work that does not touch tables with row security. */
  run<T>(work: (tx: RecordingTx) => Promise<T>): Promise<T> {
    return this.runOn(this.database, work);
  }

  as(viewer: RowViewer): Pick<UnitOfWork, 'run'> {
    return { run: (work) => this.runOn(this.database.as(viewer), work) };
  }

  private async runOn<T>(database: ScopedDatabase, work: (tx: RecordingTx) => Promise<T>): Promise<T> {
    const { result, events } = await database.transaction(async (tx) => {
      const recorder = new Recorder(tx, this.log);
      const value = await work(recorder);
      return { result: value, events: recorder.finish() };
    });
    if (events.length > 0) this.committed(events);
    return result;
  }
}

class Recorder implements RecordingTx {
  readonly inTransaction = true;
  private readonly waiting: Recording[] = [];
  /** Streams whose lock was taken before anything was recorded in them. */
  private readonly held = new Map<StreamId, HeldStream>();
  private readonly appended: StreamEvent[] = [];

  constructor(
    private readonly tx: Tx,
    private readonly log: EventLog,
  ) {}

  sql: Tx['sql'] = (text, values) => this.tx.sql(text, values);

  atCommit: Tx['atCommit'] = (text, values, take) => {
    this.tx.atCommit(text, values, take);
  };

  record(stream: StreamId, ...events: NewEvent[]): void {
    this.waiting.push(...events.map((event) => ({ stream, event })));
  }

  async append(stream: StreamId, ...events: NewEvent[]): Promise<StreamEvent[]> {
    const appended = await this.log.append(
      this.tx,
      events.map((event) => ({ stream, event })),
    );
    this.held.delete(stream);
    this.appended.push(...appended);
    return appended;
  }

  async lock(stream: StreamId): Promise<HeldStream> {
    const held = await this.log.lock(this.tx, stream);
    this.held.set(stream, held);
    return held;
  }

  /** All that was recorded, complete once the transaction has committed. */
  finish(): readonly StreamEvent[] {
    for (const [stream, held] of this.held) {
      const events = this.waiting.flatMap((recording) => (recording.stream === stream ? [recording.event] : []));
      if (events.length > 0) this.appended.push(...this.log.appendHeldAtCommit(this.tx, stream, held, events));
    }
    const others = this.waiting.filter(({ stream }) => !this.held.has(stream));
    this.log.appendAtCommit(this.tx, others, (events) => this.appended.push(...events));
    return this.appended;
  }
}
