import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { AuditAction, AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import type { Oversight } from './session.policy';
import { oversightOf } from './session.policy';
import type { SessionRecord } from './session.repository';

export interface SessionOversightDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
}

export type Overseen = Pick<SessionRecord, 'id' | 'organizationId'>;

/**
 * Who looks after sessions without a place in them (docs/decisions/0022). Asked only when a place, or being the host, gives no right:
 * nobody's usual request pays for it.
 */
export class SessionOversight {
  constructor(private readonly deps: SessionOversightDeps) {}

  async find(db: Db, viewer: Viewer, session: Overseen): Promise<Oversight | null> {
    if (viewer.kind !== 'user') return null;
    const role = await this.deps.organizations.roleOf(db, viewer, session.organizationId);
    return oversightOf(role, false) ?? oversightOf(null, await this.deps.users.isPlatformAdmin(db, viewer));
  }

  /** For reading: what somebody reads as an administrator of the platform alone is audited. */
  async findReading(actor: Actor, session: Overseen, action: AuditAction): Promise<Oversight | null> {
    const oversight = await this.find(this.deps.kernel.database.as(viewerIds(actor.viewer)), actor.viewer, session);
    if (oversight === 'platform') await this.recordReading(actor, session, action);
    return oversight;
  }

  /**
   * For subscriptions: aborts with `parent`, or as soon as the viewer's role in the organization ends, on whichever instance. Null when
   * they do not look after the session.
   */
  async follow(actor: Actor, session: Overseen, parent: Ending): Promise<{ oversight: Oversight; end: Ending } | null> {
    const end = await this.deps.organizations.followRole(actor.viewer, session.organizationId, 'ADMIN', parent);
    if (end !== null) return { oversight: 'organization', end };
    const oversight = await this.findReading(actor, session, 'session.followed');
    return oversight && { oversight, end: parent };
  }

  private recordReading(actor: Actor, { id, organizationId }: Overseen, action: AuditAction): Promise<void> {
    const { kernel, audit } = this.deps;
    return kernel.unitOfWork.run((tx) => Promise.resolve(audit.record(tx, actor, { action, organizationId, targetId: id })));
  }
}
