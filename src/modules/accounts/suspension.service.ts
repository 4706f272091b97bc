import { notFound } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { Revocations } from '../auth';
import type { SuspensionRecord, UserService } from '../users';
import { cannotSuspendYourself } from './accounts.errors';

export interface SuspensionDeps {
  readonly kernel: Pick<Kernel, 'unitOfWork'>;
  readonly users: UserService;
  readonly revocations: Revocations;
  readonly audit: AuditTrail;
}

/** Closing an account and opening it again, by the administrators of the platform. What it has made stays. */
export class SuspensionService {
  constructor(private readonly deps: SuspensionDeps) {}

  /** Ends all that the account has open, everywhere. Suspending twice is the same as once. */
  suspend(actor: Actor, userId: string, reason: string): Promise<SuspensionRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      const admin = await this.deps.users.requirePlatformAdmin(tx, actor.viewer);
      if (admin.userId === userId) throw cannotSuspendYourself();
      const user = await this.deps.users.setSuspended(tx, userId, true);
      if (user === null) throw notFound('User');
      this.deps.revocations.record(tx, { kind: 'user', ids: [userId] });
      this.deps.audit.record(tx, actor, { action: 'user.suspended', targetId: userId, details: { reason } });
      return user;
    });
  }

  /** What had not run out or been ended meanwhile is good again. */
  reinstate(actor: Actor, userId: string): Promise<SuspensionRecord> {
    return this.deps.kernel.unitOfWork.run(async (tx) => {
      await this.deps.users.requirePlatformAdmin(tx, actor.viewer);
      const user = await this.deps.users.setSuspended(tx, userId, false);
      if (user === null) throw notFound('User');
      this.deps.audit.record(tx, actor, { action: 'user.reinstated', targetId: userId });
      return user;
    });
  }
}
