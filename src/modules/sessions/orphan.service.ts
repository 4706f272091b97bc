import type { Kernel } from '../../realtime/kernel';
import type { OrphanRepository } from './orphan.repository';
import { sessionStream } from './session.events';
import type { SessionActivity } from './session.ports';
import type { SessionService } from './session.service';

export interface OrphanServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'log'>;
  readonly sessions: SessionService;
  readonly orphans: OrphanRepository;
  /** Asked late: these rooms are built after this one. */
  readonly activity: () => readonly SessionActivity[];
}

/** Sessions under way that nobody is connected to. Who that is, is known to a higher room. */
export class OrphanService {
  constructor(private readonly deps: OrphanServiceDeps) {}

  /** The ids of sessions that are LIVE or PAUSED, in their order, after this one. */
  listUnderWay(after: string, limit: number): Promise<string[]> {
    return this.deps.orphans.listUnderWay(this.deps.kernel.database, after, limit);
  }

  /** Somebody is, or just was, connected to these. Those that are not under way, or not there, do not matter. */
  async occupied(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.deps.orphans.unmark(this.deps.kernel.database, ids);
  }

  /** Nobody is known to be connected to these now. Answers those to which nobody has been for so long. */
  async deserted(ids: readonly string[], forMs: number): Promise<string[]> {
    return ids.length === 0 ? [] : this.deps.orphans.mark(this.deps.kernel.database, ids, forMs);
  }

  /**
   * Ends the session if nobody has been connected to it for so long, and nothing has happened in it for so long. Answers whether it did:
   * of many who try at once one does.
   */
  async end(id: string, forMs: number): Promise<boolean> {
    const { kernel, sessions, orphans, activity } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      if (!(await orphans.lock(tx, id, forMs))) return false;
      const streams = await Promise.all(activity().map((room) => room.streamsOf(tx, id)));
      const at = await kernel.log.lastEventAt(tx, [sessionStream(id), ...streams.flat()]);
      if (at !== null && !(await orphans.moveMark(tx, id, at, forMs))) return false;
      return (await sessions.end(tx, id, 'ORPHANED')) !== null;
    });
  }
}
