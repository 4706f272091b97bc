import type { Pace } from '../../src/realtime/pace';

/** Time that goes on by hand: what waits for the next interval is done when the test says so. */
export class HandPaced {
  private readonly due = new Set<() => void>();

  readonly pace: Pace = (callBack) => {
    this.due.add(callBack);
    return () => this.due.delete(callBack);
  };

  /** How many wait for the end of an interval. */
  get waiting(): number {
    return this.due.size;
  }

  /** Ends the intervals that run now. */
  tick(): void {
    const calls = [...this.due];
    this.due.clear();
    for (const call of calls) call();
  }
}
