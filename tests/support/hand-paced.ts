import type { Pace } from '../../src/realtime/state-boards';

/** Time that goes on by hand: what waits for the next interval is done when the test says so. */
export class HandPaced {
  private readonly due = new Set<() => void>();

  readonly pace: Pace = (tell) => {
    this.due.add(tell);
    return () => this.due.delete(tell);
  };

  /** How many wait for the end of an interval. */
  get waiting(): number {
    return this.due.size;
  }

  /** Ends the intervals that run now. */
  tick(): void {
    const tellings = [...this.due];
    this.due.clear();
    for (const tell of tellings) tell();
  }
}
