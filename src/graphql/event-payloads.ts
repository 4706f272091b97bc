import type { Ending } from '../lib/ending';

export interface EventPayloadsOptions<Event, Payload> {
  readonly source: AsyncIterator<Event>;
  /** Turns one event of the source into what subscribers receive. Must not reject. */
  render(event: Event): Promise<Payload>;
  /** Tells subscribers why there will be no more. */
  renderFailure(error: unknown): Payload;
  /** Whether the source gave up on its reader: then the connection ends, and no payload could be delivered anyway. */
  isTooSlow(error: unknown): boolean;
  onTooSlow(): void;
  /** Lets a group deliver for as long as it can, after which the reader goes on. False while there is something to be read first. */
  ride?(reader: PayloadReader): boolean;
  /** Called once, whatever ended the subscription. */
  onEnd(events: number): void;
  /** Aborts when the caller is gone. */
  readonly signal: Ending;
}

export interface PayloadReader {
  goOn(): void;
}

/**
 * The payloads of one subscription. Not an async generator: `return` on one would wait for the event that may never come, while this ends
 * at once, closes the source and answers a waiting `next`.
 *
 * Most of them wait, most of the time: so what waits is no async function, which would keep its whole frame.
 */
export class EventPayloads<Event, Payload> implements AsyncGenerator<Payload, undefined, undefined>, PayloadReader {
  private waiting: ((result: IteratorResult<Payload, undefined>) => void) | null = null;
  private last: Payload | null = null;
  private events = 0;
  private ended = false;

  constructor(private readonly options: EventPayloadsOptions<Event, Payload>) {
    if (options.signal.aborted) this.end();
    else options.signal.addEventListener('abort', this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Payload, undefined>> {
    if (this.ended) return Promise.resolve(this.takeLast());
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.goOn();
    });
  }

  return(): Promise<IteratorResult<Payload, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  async throw(error: unknown): Promise<IteratorResult<Payload, undefined>> {
    this.end();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  handleEvent(): void {
    this.end();
  }

  /** Ends the subscription with a last payload that says why. */
  fail(error: unknown): void {
    if (this.ended) return;
    this.last = this.options.renderFailure(error);
    this.end();
  }

  /** Not for readers: a group has let go of this one. */
  goOn(): void {
    if (this.ended) return;
    try {
      if (this.options.ride?.(this) !== true) void this.read();
    } catch (error) {
      this.fail(error);
    }
  }

  private async read(): Promise<void> {
    try {
      const result = await this.options.source.next();
      if (this.ended) return;
      if (result.done === true) return this.end();
      const payload = await this.options.render(result.value);
      this.events += 1;
      this.answer({ value: payload, done: false });
    } catch (error) {
      if (!this.options.isTooSlow(error)) return this.fail(error);
      this.options.onTooSlow();
      this.end();
    }
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.options.signal.removeEventListener('abort', this);
    this.options.onEnd(this.events);
    // A source that cannot be closed has nothing to close.
    this.options.source.return?.().catch(() => undefined);
    if (this.waiting !== null) this.answer(this.takeLast());
  }

  private answer(result: IteratorResult<Payload, undefined>): void {
    const { waiting } = this;
    this.waiting = null;
    waiting?.(result);
  }

  private takeLast(): IteratorResult<Payload, undefined> {
    const { last } = this;
    this.last = null;
    return last === null ? { value: undefined, done: true } : { value: last, done: false };
  }
}
