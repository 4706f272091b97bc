import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import { loadUser } from './user.loader';
import { canReadUser } from './user.policy';
import { UserRepository } from './user.repository';
import { userIds, UserService } from './user.service';

/** This room has types, no operations of its own. */
export const usersResolvers = [] as const;

export interface UsersRoom extends RoomParts {
  readonly users: UserService;
}

export function createUsersRoom({ kernel }: { kernel: Pick<Kernel, 'database'> }): UsersRoom {
  const users = new UserService(kernel.database, new UserRepository());
  const nodes: NodeLoaders = {
    [userIds.prefix]: async (id, { viewer, loaders }) => (canReadUser(viewer) ? loadUser(users, loaders, id) : null),
  };
  return { users, resolvers: [], nodes };
}
