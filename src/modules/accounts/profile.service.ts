import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import { requirePerson, tokenRevoked } from '../auth';
import type { UserRecord, UserService } from '../users';
import { profileComplete } from './accounts.errors';

/** A person's own account, as they see it and name it. */
export class ProfileService {
  constructor(
    private readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>,
    private readonly users: UserService,
  ) {}

  /** The account behind the viewer; null for guests and the anonymous. */
  async find(viewer: Viewer): Promise<UserRecord | null> {
    return viewer.kind === 'user' ? this.users.find(this.kernel.database, viewer.userId) : null;
  }

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
