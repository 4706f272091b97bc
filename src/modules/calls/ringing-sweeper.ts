/** A call rings this much longer than it was given, at most. */
const SWEEP_MS = 1_000;

/** Ends on time what nobody answers. One timer; a sweep that takes longer than the pause is not begun twice. */
export class RingingSweeper {
  private readonly timer: NodeJS.Timeout;
  private sweeping: Promise<void> | null = null;

  constructor(
    private readonly calls: { sweep(): Promise<void> },
    private readonly onError: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private sweep(): Promise<void> {
    this.sweeping ??= this.calls
      .sweep()
      .catch(this.onError)
      .finally(() => {
        this.sweeping = null;
      });
    return this.sweeping;
  }
}
