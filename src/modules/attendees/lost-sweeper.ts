import type { Kernel } from '../../realtime/kernel';
import type { AttendeeService } from './attendee.service';
import type { ConnectionRepository } from './connection.repository';
import type { SessionPresence } from './session-presence';

const PAGE_SIZE = 500;
const SWEEPS_PER_GRACE = 4;

export interface LostSweeperOptions {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly presence: Pick<SessionPresence, 'list'>;
  readonly connections: ConnectionRepository;
  readonly people: Pick<AttendeeService, 'loseAbsent'>;
  /** How long somebody may be without a connection. */
  readonly graceMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Those leave who were connected and have not been for the whole grace, wherever they were and whatever became of that instance. Every
 * instance sweeps: what one sees of the presence store only marks somebody as absent, by the database's clock, and whichever instance has
 * them takes the mark away. While the presence store is away nobody is marked, and nobody is lost.
 */
export class LostSweeper {
  private readonly timer: NodeJS.Timeout;
  private sweeping: Promise<void> | null = null;

  constructor(private readonly options: LostSweeperOptions) {
    this.timer = setInterval(() => void this.sweep(), options.graceMs / SWEEPS_PER_GRACE).unref();
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
    const { connections, kernel } = this.options;
    for (let after = ''; ;) {
      const page = await connections.listSessionIds(kernel.database, after, PAGE_SIZE);
      for (const sessionId of page) await this.sweepSession(sessionId);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE) return;
      after = last;
    }
  }

  private async sweepSession(sessionId: string): Promise<void> {
    const { connections, kernel, presence, people, graceMs } = this.options;
    const here = await presence.list(sessionId);
    if (await connections.compare(kernel.database, sessionId, here, graceMs)) await people.loseAbsent(sessionId);
  }
}
