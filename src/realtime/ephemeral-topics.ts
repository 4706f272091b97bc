import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import type { Ending } from '../lib/ending';
import type { Bus, Unsubscribe } from './bus';
import type { Json } from './event';

const MAX_WAITING = 100;

/**
 * News that is worth nothing later: typing, pointers. At most once, no log, no cursor; a reader that lags loses the oldest.
 * Delivered to whoever follows at that moment, on every instance.
 */
export class EphemeralTopics {
  constructor(private readonly bus: Bus) {}

  publish(topic: string, payload: Json): void {
    this.bus.publish(busTopic(topic), JSON.stringify(payload));
  }

  /** Resolves when attached; ends when the signal aborts or the reader returns. */
  async follow<T extends Json>(topic: string, signal: Ending): Promise<AsyncIterableIterator<T>> {
    const queue = new LossyQueue<T>();
    const unsubscribe = await this.bus.subscribe(busTopic(topic), (message) => queue.push(JSON.parse(message) as T));
    queue.onEnd(unsubscribe, signal);
    return queue;
  }
}

function busTopic(topic: string): string {
  return `ephemeral:${topic}`;
}

class LossyQueue<T> implements AsyncIterableIterator<T> {
  private waiting: T[] = [];
  private wake: Deferred | null = null;
  private ended = false;
  private cleanUp: Unsubscribe = () => undefined;

  onEnd(unsubscribe: Unsubscribe, signal: Ending): void {
    this.cleanUp = () => {
      signal.removeEventListener('abort', this);
      unsubscribe();
    };
    if (signal.aborted) this.end();
    else signal.addEventListener('abort', this);
  }

  push(value: T): void {
    if (this.waiting.length === MAX_WAITING) this.waiting.shift();
    this.waiting.push(value);
    this.wake?.resolve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (!this.ended) {
      const value = this.waiting.shift();
      if (value !== undefined) return { value, done: false };
      this.wake = deferred();
      await this.wake.promise;
    }
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  handleEvent(): void {
    this.end();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.waiting = [];
    this.cleanUp();
    this.wake?.resolve();
  }
}
