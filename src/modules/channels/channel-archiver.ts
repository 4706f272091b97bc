import type { ChannelStateService } from './channel-state.service';

const PAGE_SIZE = 500;
const LONGEST_PAUSE_MS = 10 * 60_000;
const SWEEPS_PER_PATIENCE = 4;

export interface ChannelArchiverOptions {
  readonly states: Pick<ChannelStateService, 'listInactive' | 'archiveInactive'>;
  /** How long nothing may be written in a channel, in milliseconds. */
  readonly afterMs: number;
  readonly onError?: (error: unknown) => void;
}

/**
 * Archives channels in which nothing was written for long. Every instance sweeps; each channel is decided under its own lock, by the
 * database's clock, so that one of them archives it, and none that is written in at that moment.
 */
export class ChannelArchiver {
  private readonly timer: NodeJS.Timeout;
  private sweeping: Promise<void> | null = null;

  constructor(private readonly options: ChannelArchiverOptions) {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, options.afterMs / SWEEPS_PER_PATIENCE);
    this.timer = setInterval(() => void this.sweep(), pauseMs).unref();
  }

  sweep(): Promise<void> {
    this.sweeping ??= this.sweepAll()
      .catch((error: unknown) => this.options.onError?.(error))
      .finally(() => {
        this.sweeping = null;
      });
    return this.sweeping;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweepAll(): Promise<void> {
    const { states, afterMs } = this.options;
    for (let after = ''; ;) {
      const page = await states.listInactive(after, afterMs, PAGE_SIZE);
      for (const id of page) await states.archiveInactive(id, afterMs);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE) return;
      after = last;
    }
  }
}
