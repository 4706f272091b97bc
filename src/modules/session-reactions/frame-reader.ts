import type { ReactionState } from './session-reaction.events';
import type { ReactionTotals } from './session-reaction.repository';

/** The totals, and how many of them came since this reader's frame before; none in the first. */
export interface ReactionFrame extends ReactionState {
  readonly added: ReactionTotals;
}

/** One reader's view: whatever was told together, what is new for this reader is the difference. */
export class FrameReader implements AsyncIterableIterator<ReactionFrame> {
  private before: ReactionTotals | null = null;

  constructor(private readonly source: AsyncIterableIterator<ReactionState>) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ReactionFrame, undefined>> {
    const result = await this.source.next();
    if (result.done === true) return { value: undefined, done: true };
    const { totals } = result.value;
    const before = this.before ?? totals;
    this.before = totals;
    const added = Object.fromEntries(Object.entries(totals).map(([emoji, total]) => [emoji, total - (before[emoji] ?? 0)]));
    return { value: { ...result.value, added }, done: false };
  }

  async return(): Promise<IteratorResult<ReactionFrame, undefined>> {
    await this.source.return?.();
    return { value: undefined, done: true };
  }
}
