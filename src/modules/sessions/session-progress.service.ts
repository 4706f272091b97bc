import { inOrderOf, loaderOfTurns } from '../../graphql/loaders';
import type { Actor } from '../../lib/actor';
import type { Kernel } from '../../realtime/kernel';
import type { SessionProgress, SessionRepository } from './session.repository';
import type { SessionService } from './session.service';
import { sessionIds } from './session.service';

/** Where sessions stand, for those who ask again and again: whoever asks in one turn shares one read by primary key. */
export class SessionProgressService {
  private readonly asking = loaderOfTurns<string, SessionProgress | null>(async (ids) => {
    const { kernel, repository } = this.deps;
    return inOrderOf(ids, await repository.listProgress(kernel.database, [...new Set(ids)]), ({ id }) => id);
  });

  constructor(
    private readonly deps: {
      readonly kernel: Pick<Kernel, 'database'>;
      readonly repository: Pick<SessionRepository, 'listProgress'>;
      readonly sessions: Pick<SessionService, 'admits'>;
    },
  ) {}

  /** Null when it does not exist or the viewer may not read it. */
  async find(actor: Actor, id: string): Promise<SessionProgress | null> {
    const progress = sessionIds.is(id) ? await this.asking.load(id) : null;
    return progress !== null && (await this.deps.sessions.admits(actor, progress, 'session.read')) ? progress : null;
  }
}
