import type { OrphanService } from '../sessions';
import type { SessionPresence } from './session-presence';

/** As many as the presence store answers for at once. */
const PAGE_SIZE = 500;
const LONGEST_PAUSE_MS = 60_000;
const SWEEPS_PER_PATIENCE = 4;

export interface OrphanSweeperOptions {
  readonly orphans: OrphanService;
  readonly presence: Pick<SessionPresence, 'listOccupied'>;
  /** How long a session under way may be without anybody, in milliseconds. */
  readonly afterMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Ends sessions whose people are all gone. Every instance sweeps: what one sees of the presence store only marks a session as deserted, by
 * the database's clock, and whoever is connected takes the mark away again. So leases that were lost for a moment end nothing, nobody's
 * clock counts but one, and of two sweepers that find the same orphan one ends it. While the presence store is away nothing is done.
 */
export class OrphanSweeper {
  private readonly timer: NodeJS.Timeout;
  private sweeping: Promise<void> | null = null;

  constructor(private readonly options: OrphanSweeperOptions) {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, options.afterMs / SWEEPS_PER_PATIENCE);
    this.timer = setInterval(() => void this.sweep(), pauseMs).unref();
  }

  sweep(): Promise<void> {
    this.sweeping ??= this.sweepAll()
      .catch(this.options.onError)
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
    const { orphans } = this.options;
    for (let after = ''; ;) {
      const page = await orphans.listUnderWay(after, PAGE_SIZE);
      await this.sweepPage(page);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE) return;
      after = last;
    }
  }

  private async sweepPage(page: readonly string[]): Promise<void> {
    const { orphans, presence, afterMs } = this.options;
    const occupied = new Set(await presence.listOccupied(page));
    const deserted = page.filter((id) => !occupied.has(id));
    await orphans.occupied([...occupied]);
    for (const id of await orphans.deserted(deserted, afterMs)) await orphans.end(id, afterMs);
  }
}
