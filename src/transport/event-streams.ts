import type { ServerResponse } from 'node:http';
import type { DomainError } from '../errors/domain-error';
import type { Visitor } from '../graphql/gate';
import type { Limits } from '../graphql/limits';
import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import { LightEnding } from '../lib/ending';
import type { Ending } from '../lib/ending';
import type { Batch } from '../realtime/delivery-group';
import { Backlog } from './backlog';
import type { Seat } from './connection-caps';
import { OperationBudget } from './operation-budget';
import { isNext, isWritable, writeShared } from './sse-messages';

export interface EventStreamOptions {
  readonly seat: Seat;
  /** Who asked for it. */
  readonly visitor: Visitor;
  readonly limits: Limits;
  /** Whether operations per second are limited. */
  readonly rated: boolean;
}

/** `completed`: its one operation is over; `left`: the peer is gone; `revoked`: its viewer's access has ended. */
export type StreamEnd = 'completed' | 'left' | 'restarting' | 'revoked' | 'tooSlow' | 'blocked';

/** What graphql-sse does not keep of one event stream: how far its reader is behind, and what runs on it. */
export class EventStream {
  readonly visitor: Visitor;
  private operations = 0;
  private unwritten = 0;
  private emptied: Deferred | null = null;
  private connection: ServerResponse | null = null;
  private endedBy: StreamEnd | null = null;
  private readonly seat: Seat;
  private readonly budget: OperationBudget;
  private readonly backlog: Backlog;
  private readonly ending = new LightEnding();

  constructor({ seat, visitor, limits, rated }: EventStreamOptions) {
    this.seat = seat;
    this.visitor = visitor;
    this.budget = new OperationBudget(limits, rated);
    this.backlog = new Backlog(limits);
  }

  /** Aborts when the stream is over, whatever ended it. */
  get signal(): Ending {
    return this.ending;
  }

  /** Bytes that the connection has been given and has not taken yet. */
  get unsentBytes(): number {
    return this.connection?.writableLength ?? 0;
  }

  /** Counts one more operation; says why it may not begin, or null. */
  begin(): DomainError | null {
    this.operations += 1;
    return this.budget.take(this.operations);
  }

  /** Also for an operation that was refused. */
  completed(): void {
    this.operations -= 1;
  }

  /** Copies graphql-sse's messages to the connection, as fast as that takes them. Resolves with what ended it. */
  async carry(messages: AsyncGenerator<string>, connection: ServerResponse): Promise<StreamEnd> {
    this.connection = connection;
    const onClose = (): void => {
      this.endedBy ??= 'left';
      this.end();
      void messages.return(undefined);
    };
    connection.once('close', onClose);
    try {
      for await (const message of messages) {
        if (!(await written(connection, message))) return (this.endedBy ??= 'left');
        if (isNext(message)) this.onWritten();
      }
      return (this.endedBy ??= 'completed');
    } finally {
      connection.off('close', onClose);
      this.end();
      connection.end();
    }
  }

  /** graphql-sse is about to queue a payload. */
  queued(): void {
    this.unwritten += 1;
  }

  /** Resolves when every payload that graphql-sse has queued is written, or nobody is there to read it. */
  async allWritten(): Promise<void> {
    if (this.unwritten === 0 || this.signal.aborted) return;
    this.emptied ??= deferred();
    await this.emptied.promise;
  }

  /**
   * Takes events that others get as well, for the operation with this id; ends a reader that has fallen too far behind. A `Paced` operation
   * gets them once everything before them is written.
   */
  takeShared(id: string | null, batch: Batch<string>): void {
    if (this.connection === null || this.signal.aborted) return;
    if (!this.backlog.take(batch.items.length, this.unsentBytes)) return this.cut();
    writeShared(this.connection, id, batch);
  }

  /** Ends the connection at once, of a reader that is too slow unless told otherwise: it comes back and resumes. */
  cut(why: StreamEnd = 'tooSlow'): void {
    if (this.connection === null) return;
    this.endedBy ??= why;
    this.connection.destroy();
  }

  /** Ends a connection that leaves too much unread for too long; `now` in milliseconds. */
  checkStalled(now: number): void {
    if (this.backlog.isStalled(this.unsentBytes, now)) this.cut();
  }

  /** Ends the connection without completing its operations, so that the client comes back for the rest. */
  finish(cause: 'restarting' | 'revoked'): void {
    this.endedBy ??= cause;
    this.connection?.end();
  }

  /** Idempotent. */
  end(): void {
    this.seat.release();
    this.ending.abort();
    this.onEmptied();
  }

  private onWritten(): void {
    this.unwritten -= 1;
    if (this.unwritten === 0) this.onEmptied();
  }

  private onEmptied(): void {
    this.emptied?.resolve();
    this.emptied = null;
  }
}

/**
 * Asks for each payload when those before it are written. So a slow reader is felt by the source, and what a group writes to the stream
 * while the next payload is waited for overtakes nothing.
 */
export class Paced<Payload> implements AsyncGenerator<Payload, unknown, undefined> {
  constructor(
    private readonly payloads: AsyncGenerator<Payload, unknown, undefined>,
    private readonly stream: EventStream,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Payload, unknown>> {
    return this.stream.allWritten().then(() => this.payloads.next());
  }

  return(): Promise<IteratorResult<Payload, unknown>> {
    return this.payloads.return(undefined);
  }

  throw(error: unknown): Promise<IteratorResult<Payload, unknown>> {
    return this.payloads.throw(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** Resolves when the message has been taken, with false when there is nobody to take it any more. */
function written(response: ServerResponse, message: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (isWritable(response)) response.write(message, (error) => resolve(error == null));
    else resolve(false);
  });
}
