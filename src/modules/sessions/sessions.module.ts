import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { JoinCodeGuesses } from './join-code-guesses';
import { OrphanRepository } from './orphan.repository';
import { OrphanService } from './orphan.service';
import { SessionOversight } from './session-oversight';
import type { SessionActivity, SessionAudience, SessionCompanion } from './session.ports';
import { SessionRepository } from './session.repository';
import { SessionResolver } from './session.resolver';
import { SessionPapersRepository } from './session-papers.repository';
import { SessionPapersResolver } from './session-papers.resolver';
import { SessionPapersService } from './session-papers.service';
import { SessionProgressService } from './session-progress.service';
import { SessionQuota } from './session-quota';
import { sessionIds, SessionService } from './session.service';
import { toSession } from './session.type';

export const sessionsResolvers = [SessionResolver, SessionPapersResolver] as const;

export interface SessionsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'log' | 'rateLimiter'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  /** The page where people join; `{code}` in it stands for the code. */
  readonly joinUrl: string;
  readonly companions: () => readonly SessionCompanion[];
  readonly audience: () => SessionAudience;
  readonly activity: () => readonly SessionActivity[];
  readonly sfuAbove?: number | null;
}

export interface SessionsRoom extends RoomParts {
  readonly sessions: SessionService;
  readonly papers: SessionPapersService;
  readonly progress: SessionProgressService;
  readonly oversight: SessionOversight;
  readonly orphans: OrphanService;
  readonly guesses: JoinCodeGuesses;
}

export function createSessionsRoom(deps: SessionsDeps): SessionsRoom {
  const oversight = new SessionOversight(deps);
  const repository = new SessionRepository();
  const quota = new SessionQuota(deps.organizations, repository);
  const sessions = new SessionService({ ...deps, oversight, sessions: repository, quota });
  const papers = new SessionPapersService({ ...deps, sessions, papers: new SessionPapersRepository() });
  const progress = new SessionProgressService({ ...deps, sessions, repository });
  const orphans = new OrphanService({ ...deps, sessions, orphans: new OrphanRepository() });
  const guesses = new JoinCodeGuesses(deps.kernel.rateLimiter);
  const nodes: NodeLoaders = {
    [sessionIds.prefix]: async (id, context) => {
      const session = await sessions.findFor(context, id);
      return session && toSession(session);
    },
  };
  const joinUrlOf = (code: string): string => deps.joinUrl.replace('{code}', code);
  const resolvers = [new SessionResolver(sessions, deps.users, guesses, joinUrlOf), new SessionPapersResolver(sessions, papers, progress)];
  return { sessions, papers, progress, oversight, orphans, guesses, resolvers, nodes };
}
