import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { OrphanRepository } from './orphan.repository';
import { OrphanService } from './orphan.service';
import type { SessionActivity, SessionAudience, SessionCompanion } from './session.ports';
import { SessionRepository } from './session.repository';
import { SessionResolver } from './session.resolver';
import { sessionIds, SessionService } from './session.service';
import { toSession } from './session.type';

export const sessionsResolvers = [SessionResolver] as const;

export interface SessionsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'log'>;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly companions: () => readonly SessionCompanion[];
  readonly audience: () => SessionAudience;
  readonly activity: () => readonly SessionActivity[];
}

export interface SessionsRoom extends RoomParts {
  readonly sessions: SessionService;
  readonly orphans: OrphanService;
}

export function createSessionsRoom(deps: SessionsDeps): SessionsRoom {
  const sessions = new SessionService({ ...deps, sessions: new SessionRepository() });
  const orphans = new OrphanService({ ...deps, sessions, orphans: new OrphanRepository() });
  const nodes: NodeLoaders = {
    [sessionIds.prefix]: async (id, { viewer }) => {
      const session = await sessions.findFor(viewer, id);
      return session && toSession(session);
    },
  };
  return { sessions, orphans, resolvers: [new SessionResolver(sessions, deps.users)], nodes };
}
