import type { Actor } from '../../lib/actor';
import type { Kernel } from '../../realtime/kernel';
import type { UserRecord, UserService } from '../users';
import { profileComplete, tokenRevoked } from './auth.errors';
import { requirePerson } from './auth.policy';

/** A person's own name for themselves. */
export class ProfileService {
  constructor(
    private readonly kernel: Pick<Kernel, 'unitOfWork'>,
    private readonly users: UserService,
  ) {}

  /** Once: of two pages that ask, the second changes nothing. */
  complete(profile: { displayName: string }, actor: Actor): Promise<UserRecord> {
    return this.change(profile, actor, (user) => {
      if (user.profileCompletedAt !== null) throw profileComplete();
    });
  }

  update(profile: { displayName: string }, actor: Actor): Promise<UserRecord> {
    return this.change(profile, actor, () => undefined);
  }

  private change({ displayName }: { displayName: string }, actor: Actor, check: (user: UserRecord) => void): Promise<UserRecord> {
    const { userId } = requirePerson(actor.viewer);
    return this.kernel.unitOfWork.run(async (tx) => {
      const user = await this.users.lock(tx, userId);
      if (user === null) throw tokenRevoked();
      check(user);
      return (await this.users.setName(tx, userId, displayName.trim())) ?? user;
    });
  }
}
