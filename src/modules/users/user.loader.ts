import type { Loaders } from '../../graphql/loaders';
import { inOrderOf } from '../../graphql/loaders';
import type { UserService } from './user.service';
import type { User } from './user.type';
import { toUser } from './user.type';

/** One query for all users that one request asks for. Decides no rights: whoever may see the id may see the profile. */
export function loadUser(users: UserService, loaders: Loaders, id: string): Promise<User | null> {
  return loaders
    .for<string, User | null>(users, async (ids) => {
      const found = await users.listByIds(ids);
      return inOrderOf(ids, found.map(toUser), (user) => user.id);
    })
    .load(id);
}
