import { deferred } from '../../lib/deferred';
import type { Deferred } from '../../lib/deferred';

/** Nobody is given frames more often than this. */
export const FRAME_INTERVAL_MS = 100;
/** A pointer that has not moved for so long is gone: news may get lost, and so may whoever pointed. */
export const POINTER_LAPSES_MS = 10_000;

/** What travels on the bus; an alias, not an interface, so that it counts as JSON. */
export type PointerNews = {
  readonly attendeeId: string;
  readonly displayName: string;
  readonly x: number;
  readonly y: number;
  readonly target: string | null;
  readonly visible: boolean;
};

export interface PointerFramesOptions {
  readonly source: AsyncIterableIterator<PointerNews>;
  /** Is not told of their own. */
  readonly readerId: string | null;
  readonly intervalMs?: number;
  readonly lapsesMs?: number;
  readonly now?: () => number;
}

/**
 * One reader's view of the pointers: each frame has the newest of all that moved since the one before. A reader who is slow, or many who
 * point, cost frames and no memory: one pointer each is kept.
 */
export class PointerFrames implements AsyncIterableIterator<PointerNews[]> {
  private readonly pending = new Map<string, PointerNews>();
  /** Those that are seen, the longest silent first, with when they are gone. */
  private readonly visible = new Map<string, { readonly news: PointerNews; readonly lapsesAt: number }>();
  private readonly now: () => number;
  private readonly intervalMs: number;
  private readonly lapsesMs: number;
  private nextAt = 0;
  private wake: Deferred | null = null;
  private ended = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: PointerFramesOptions) {
    this.now = options.now ?? (() => performance.now());
    this.intervalMs = options.intervalMs ?? FRAME_INTERVAL_MS;
    this.lapsesMs = options.lapsesMs ?? POINTER_LAPSES_MS;
    void this.pump();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<PointerNews[], undefined>> {
    while (!this.ended) {
      const wait = this.untilFrame();
      if (wait <= 0) return { value: this.takeFrame(), done: false };
      await this.sleep(wait);
    }
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<PointerNews[], undefined>> {
    this.end();
    await this.options.source.return?.();
    return { value: undefined, done: true };
  }

  /** Milliseconds until there is something to be told; Infinity while nothing moves and nothing is seen. */
  private untilFrame(): number {
    const now = this.now();
    if (this.pending.size > 0) return this.nextAt - now;
    const [oldest] = this.visible.values();
    return oldest === undefined ? Infinity : oldest.lapsesAt - now;
  }

  private takeFrame(): PointerNews[] {
    const now = this.now();
    for (const { news, lapsesAt } of this.visible.values()) {
      if (lapsesAt > now) break;
      this.visible.delete(news.attendeeId);
      this.pending.set(news.attendeeId, { ...news, visible: false });
    }
    const frame = [...this.pending.values()];
    this.pending.clear();
    this.nextAt = now + this.intervalMs;
    return frame;
  }

  private async sleep(milliseconds: number): Promise<void> {
    this.wake = deferred();
    if (milliseconds !== Infinity) this.timer = setTimeout(() => this.wake?.resolve(), milliseconds);
    await this.wake.promise;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private async pump(): Promise<void> {
    for await (const news of this.options.source) this.note(news);
    this.end();
  }

  private note(news: PointerNews): void {
    const { attendeeId, visible } = news;
    if (attendeeId === this.options.readerId) return;
    const wasVisible = this.visible.delete(attendeeId);
    if (visible) this.visible.set(attendeeId, { news, lapsesAt: this.now() + this.lapsesMs });
    if (!visible && !wasVisible) return;
    const first = this.pending.size === 0;
    this.pending.set(attendeeId, news);
    if (first) this.wake?.resolve();
  }

  private end(): void {
    this.ended = true;
    this.wake?.resolve();
  }
}
