import { isPublishable, MAX_AGE_MS, MAX_QUEUED } from './bus';
import { CircuitBreaker } from './circuit-breaker';

export interface OutgoingMessage {
  readonly topic: string;
  readonly message: string;
}

interface QueuedMessage extends OutgoingMessage {
  readonly queuedAt: number;
}

export interface OutgoingQueueOptions {
  readonly maxBatch: number;
  /** Rejects in bounded time when it cannot be known that all were sent; then all are sent again. */
  readonly send: (batch: readonly OutgoingMessage[]) => Promise<void>;
}

/**
 * What a bus has still to send: what one turn of the event loop publishes goes as one batch, in order, one batch at a time.
 * Bounded in number and age, oldest dropped first; a failing backend is asked rarely and with one message (circuit breaker).
 */
export class OutgoingQueue {
  private waiting: QueuedMessage[] = [];
  private readonly breaker = new CircuitBreaker();
  private pumping = false;
  private pause: { end: () => void } | null = null;
  private closed = false;
  private published_ = 0;
  private dropped_ = 0;

  constructor(private readonly options: OutgoingQueueOptions) {}

  get stats(): { readonly queued: number; readonly published: number; readonly dropped: number } {
    this.dropOld();
    return { queued: this.waiting.length, published: this.published_, dropped: this.dropped_ };
  }

  /** Whether the backend takes messages, as far as is known. */
  get flowing(): boolean {
    return this.breaker.state === 'closed';
  }

  push(topic: string, message: string): void {
    if (this.closed || !isPublishable(topic, message)) {
      this.dropped_ += 1;
      return;
    }
    if (this.waiting.length >= MAX_QUEUED) this.drop(1);
    this.waiting.push({ topic, message, queuedAt: performance.now() });
    if (this.pumping) return;
    this.pumping = true;
    setImmediate(() => void this.pump());
  }

  /** The backend may be back: try at once. */
  wake(): void {
    this.breaker.probeNow();
    this.pause?.end();
  }

  /** What waits, for another queue. What is on its way at this moment stays. */
  takeAll(): readonly OutgoingMessage[] {
    return this.waiting.splice(0);
  }

  close(): void {
    this.closed = true;
    this.drop(this.waiting.length);
    this.pause?.end();
  }

  private async pump(): Promise<void> {
    while (this.dropOld() > 0) {
      if (this.breaker.tryPass()) await this.sendBatch(this.breaker.state === 'closed' ? this.options.maxBatch : 1);
      else await this.rest(this.breaker.retryInMs);
    }
    this.pumping = false;
  }

  private async sendBatch(size: number): Promise<void> {
    const batch = this.waiting.splice(0, size);
    try {
      await this.options.send(batch);
      this.breaker.succeeded();
      this.published_ += batch.length;
    } catch {
      this.breaker.failed();
      this.putBack(batch);
    }
  }

  private putBack(batch: QueuedMessage[]): void {
    this.waiting = [...batch, ...this.waiting];
    this.drop(this.closed ? this.waiting.length : this.waiting.length - MAX_QUEUED);
  }

  /** How many are left. */
  private dropOld(): number {
    const oldest = performance.now() - MAX_AGE_MS;
    const young = this.waiting.findIndex(({ queuedAt }) => queuedAt >= oldest);
    this.drop(young === -1 ? this.waiting.length : young);
    return this.waiting.length;
  }

  private drop(count: number): void {
    if (count <= 0) return;
    this.waiting.splice(0, count);
    this.dropped_ += count;
  }

  private rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.pause = null;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      timer.unref();
      this.pause = { end };
    });
  }
}
