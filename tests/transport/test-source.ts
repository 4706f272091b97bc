import type { Context } from '../../src/graphql/context';
import type { OverflowListener } from '../../src/realtime/subscription';

/** A subscription's source that the test feeds. */
export class TestSource implements AsyncIterableIterator<number> {
  returned = 0;
  private readonly queue: number[] = [];
  private wake: (() => void) | null = null;
  private failure: Error | null = null;
  onOverflow: OverflowListener | null = null;

  constructor(readonly context: Context) {
    context.signal?.addEventListener('abort', { handleEvent: () => this.wake?.() });
  }

  emit(tick: number): void {
    this.queue.push(tick);
    this.wake?.();
  }

  fail(error: Error): void {
    this.failure = error;
    this.wake?.();
  }

  overflowNow(): void {
    this.onOverflow?.onTooSlow();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<number, undefined>> {
    while (this.queue.length === 0) {
      if (this.failure !== null) throw this.failure;
      if (this.context.signal.aborted || this.returned > 0) return { value: undefined, done: true };
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return { value: this.queue.shift() ?? 0, done: false };
  }

  return(): Promise<IteratorResult<number, undefined>> {
    this.returned += 1;
    this.wake?.();
    return Promise.resolve({ value: undefined, done: true });
  }
}
