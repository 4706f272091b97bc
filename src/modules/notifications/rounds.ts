/** Does something now and again, one time at a time. Every instance does: whatever must happen once takes its rows by a lock. */
export class Rounds {
  private readonly timer: NodeJS.Timeout;
  private going: Promise<void> | null = null;

  constructor(
    private readonly work: () => Promise<void>,
    everyMs: number,
    private readonly onError: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => void this.go(), everyMs).unref();
  }

  /** Joins the round under way, if there is one. Never throws. */
  go(): Promise<void> {
    this.going ??= this.work()
      .catch(this.onError)
      .finally(() => {
        this.going = null;
      });
    return this.going;
  }

  /** Waits for the round under way. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.going;
  }
}
