import type { EventLog } from './event-log';

/** How long the events of one kind of stream can be replayed. */
export interface RetentionRule {
  /** The part of the stream id before the colon. */
  readonly kind: string;
  readonly keepMs: number;
}

const SWEEP_MS = 15_000;

/** Trims old events on a timer. Every instance sweeps: trimming twice changes nothing. */
export class RetentionSweeper {
  private readonly timer: NodeJS.Timeout;
  private sweeping: Promise<void> | null = null;

  constructor(
    private readonly log: EventLog,
    private readonly rules: readonly RetentionRule[],
    private readonly onError: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS);
    this.timer.unref();
  }

  sweep(): Promise<void> {
    this.sweeping ??= this.trimAll().finally(() => {
      this.sweeping = null;
    });
    return this.sweeping;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async trimAll(): Promise<void> {
    try {
      for (const { kind, keepMs } of this.rules) await this.log.trim(kind, keepMs);
    } catch (error) {
      this.onError(error);
    }
  }
}
