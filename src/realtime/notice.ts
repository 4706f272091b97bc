import type { Unsubscribe } from './bus';
import { describeError } from './outage-log';
import type { Log } from './outage-log';

/** Something that happens now and then and that several want to hear of. A listener that throws is logged and hurts nobody else. */
export class Notice {
  private readonly listeners = new Map<symbol, () => void>();

  constructor(
    private readonly what: string,
    private readonly log: Log = () => undefined,
  ) {}

  on(listener: () => void): Unsubscribe {
    const key = Symbol(this.what);
    this.listeners.set(key, listener);
    return () => void this.listeners.delete(key);
  }

  give(): void {
    for (const listener of [...this.listeners.values()]) {
      try {
        listener();
      } catch (error) {
        this.log(`A listener to "${this.what}" failed.`, { detail: describeError(error) });
      }
    }
  }

  clear(): void {
    this.listeners.clear();
  }
}
