import { unavailable } from '../errors/domain-error';

/** Gives the place back. Call it exactly once. */
export type Leave = () => void;

/**
 * Who may be at the database at the same time: at most `width`, in order of arrival, and nobody new once it is closing.
 * Waiting longer than `patienceMs` is UNAVAILABLE, so that a caller who waits for itself (the outer database used inside
 * a transaction of the one-connection store) gets an error and not silence.
 */
export class Gate {
  private inside = 0;
  private closing = false;
  private readonly queue: (() => void)[] = [];
  private readonly emptied: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly patienceMs: number,
  ) {}

  get busy(): number {
    return this.inside;
  }

  get waiting(): number {
    return this.queue.length;
  }

  async run<T>(work: () => Promise<T>, patienceMs = this.patienceMs): Promise<T> {
    const leave = await this.enter(patienceMs);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  async enter(patienceMs = this.patienceMs): Promise<Leave> {
    if (this.closing) throw unavailable('SHUTTING_DOWN');
    if (this.inside < this.width) this.inside += 1;
    else await this.turn(patienceMs);
    return () => {
      this.leave();
    };
  }

  /** Refuses newcomers, lets in whoever waits already, and resolves when the last one has left. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.inside > 0) await new Promise<void>((resolve) => this.emptied.push(resolve));
  }

  /** A place is handed over by whoever leaves, so nobody can overtake. */
  private turn(patienceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(admit), 1);
        reject(unavailable('DATABASE_BUSY'));
      }, patienceMs);
      this.queue.push(admit);
    });
  }

  private leave(): void {
    const next = this.queue.shift();
    if (next) {
      next();
      return;
    }
    this.inside -= 1;
    if (this.closing && this.inside === 0) for (const resolve of this.emptied.splice(0)) resolve();
  }
}
