import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { DomainError } from '../errors/domain-error';
import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import type { Seat } from './connection-caps';
import type { OperationBudget } from './operation-budget';

/** How many messages may wait for a slow reader before its subscriptions are read no further. */
const MAX_UNWRITTEN = 16;

/** What graphql-sse does not keep of one event stream: how far its reader is behind, and what runs on it. */
export class EventStream {
  private operations = 0;
  private unwritten = 0;
  private room: Deferred | null = null;
  private connection: ServerResponse | null = null;
  private readonly ending = new AbortController();

  constructor(
    private readonly seat: Seat,
    private readonly budget: OperationBudget,
  ) {
    // One for each operation: many is not a leak here.
    setMaxListeners(0, this.ending.signal);
  }

  /** Aborts when the stream is over, whatever ended it. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  carriedBy(connection: ServerResponse): void {
    this.connection = connection;
  }

  /** Ends the connection of a reader that is too slow: it comes back and resumes. */
  cut(): void {
    this.connection?.destroy();
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

  /** Before a message is queued: waits until the reader has taken enough of those before it. */
  async queue(): Promise<void> {
    this.unwritten += 1;
    if (this.unwritten <= MAX_UNWRITTEN || this.signal.aborted) return;
    this.room ??= deferred();
    await this.room.promise;
  }

  written(): void {
    this.unwritten -= 1;
    if (this.unwritten < MAX_UNWRITTEN) this.makeRoom();
  }

  /** Idempotent. */
  end(): void {
    this.seat.release();
    this.ending.abort();
    this.makeRoom();
  }

  private makeRoom(): void {
    this.room?.resolve();
    this.room = null;
  }
}
