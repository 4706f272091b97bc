import type { Ending } from '../lib/ending';

/** Tells one reader when its connection's token is about to expire: of warnings that are not read in time the latest stays. */
export class ExpiryWarnings implements AsyncIterableIterator<Date> {
  private latest: Date | null = null;
  private waiting: ((result: IteratorResult<Date, undefined>) => void) | null = null;
  private ended = false;

  constructor(
    signal: Ending,
    private readonly onEnd: (ended: ExpiryWarnings) => void,
  ) {
    if (signal.aborted) this.end();
    else signal.addEventListener('abort', this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  tell(expiresAt: Date): void {
    if (this.ended) return;
    this.latest = expiresAt;
    this.answer();
  }

  next(): Promise<IteratorResult<Date, undefined>> {
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.answer();
    });
  }

  return(): Promise<IteratorResult<Date, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  handleEvent(): void {
    this.end();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.latest = null;
    this.answer();
    this.onEnd(this);
  }

  private answer(): void {
    const { waiting, latest } = this;
    if (waiting === null || (latest === null && !this.ended)) return;
    [this.waiting, this.latest] = [null, null];
    waiting(latest === null ? { value: undefined, done: true } : { value: latest, done: false });
  }
}
