import { deferred } from '../../lib/deferred';
import type { Deferred } from '../../lib/deferred';
import type { StreamItem } from '../../realtime/event';
import { markersMoved } from './receipt.events';
import type { MarkersMoved } from './receipt.events';
import type { Marker } from './receipt.repository';

/** Nobody is told more often than this. */
export const RECEIPT_INTERVAL_MS = 100;
/** How many readers one frame tells of; the next one tells of the others. */
export const MAX_MARKERS = 100;

/**
 * One follower's view of how far the readers of a channel have come: at most one frame in an interval, with the newest of each reader. The
 * last of each always comes, because they come from the log; and a slow follower holds one marker for each reader.
 */
export class ReceiptReader implements AsyncIterableIterator<MarkersMoved> {
  /** What this follower was not told yet, by the reader. */
  private readonly pending = new Map<string, Marker>();
  private epoch = '';
  private wake: Deferred | null = null;
  private toldAt = -Infinity;
  private ended = false;
  private onEnd: () => void = () => undefined;
  private failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly source: AsyncIterableIterator<StreamItem>,
    private readonly intervalMs = RECEIPT_INTERVAL_MS,
  ) {
    void this.readAll();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<MarkersMoved, undefined>> {
    while (!this.ended) {
      if (this.pending.size === 0) await this.news();
      else if (!(await this.waits())) return { value: this.take(), done: false };
    }
    if (this.failure !== null) throw this.failure.error;
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<MarkersMoved, undefined>> {
    await this.source.return?.();
    this.end();
    return { value: undefined, done: true };
  }

  private async readAll(): Promise<void> {
    try {
      for await (const item of this.source) if (item.kind === 'event') this.note(markersMoved.read(item.event));
    } catch (error) {
      this.failure = { error };
    }
    this.end();
  }

  private note({ epoch, markers }: MarkersMoved): void {
    // Places of a log that was lost since say nothing.
    if (epoch !== this.epoch) this.pending.clear();
    this.epoch = epoch;
    for (const marker of markers) this.pending.set(marker.participantId, furthest(marker, this.pending.get(marker.participantId)));
    this.wake?.resolve();
  }

  private take(): MarkersMoved {
    this.toldAt = performance.now();
    const markers = [...this.pending.values()].slice(0, MAX_MARKERS);
    for (const { participantId } of markers) this.pending.delete(participantId);
    return { epoch: this.epoch, markers };
  }

  private async news(): Promise<void> {
    this.wake = deferred();
    await this.wake.promise;
  }

  /** Whether it is too soon for another frame; if so, until it is not, or nobody wants one any more. */
  private async waits(): Promise<boolean> {
    const restMs = this.toldAt + this.intervalMs - performance.now();
    if (restMs <= 0) return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMs);
      this.onEnd = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return true;
  }

  private end(): void {
    this.ended = true;
    this.pending.clear();
    this.onEnd();
    this.wake?.resolve();
  }
}

function furthest(marker: Marker, before: Marker | undefined): Marker {
  if (before === undefined) return marker;
  return { ...marker, delivered: Math.max(marker.delivered, before.delivered), read: Math.max(marker.read, before.read) };
}
