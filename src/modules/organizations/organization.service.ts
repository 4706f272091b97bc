import { preconditionFailed } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import { idKind } from '../../lib/ids';
import type { UserViewer, Viewer } from '../../lib/viewer';
import { reachesOrganization, viewerIds } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import { Standings } from '../../realtime/standings';
import type { AuditTrail } from '../audit';
import { requireUser } from '../users';
import type { MembershipRepository, MembershipRole } from './membership.repository';
import { organizationNotFound, roleTooLow } from './organization.errors';
import { membershipChanged, organizationStream } from './organization.events';
import { reaches } from './organization.policy';
import type { OrganizationRecord, OrganizationRepository } from './organization.repository';
import type { PlanLimits } from './plans';
import { PLANS } from './plans';

export const organizationIds = idKind('org');

export interface OrganizationServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly audit: AuditTrail;
  readonly organizations: OrganizationRepository;
  readonly memberships: MembershipRepository;
}

export class OrganizationService {
  private readonly standings: Standings<MembershipRole | null>;

  constructor(private readonly deps: OrganizationServiceDeps) {
    this.standings = new Standings({
      fanOut: deps.kernel.fanOut,
      streamOf: organizationStream,
      changeOf: (event) => {
        if (!membershipChanged.is(event)) return null;
        const { userId, role } = membershipChanged.read(event);
        return { member: userId, state: role };
      },
      read: (organizationId, userId) => deps.memberships.findRole(deps.kernel.database.as([userId]), organizationId, userId),
    });
  }

  /** Everything belongs to an organization; a person alone has one of their own, made with the account, by the server. */
  async createPersonal(db: Db, owner: { id: string; displayName: string }): Promise<void> {
    await this.insert(db, owner.displayName, owner.id);
  }

  async create(actor: Actor, name: string): Promise<OrganizationRecord> {
    const { userId } = requireUser(actor.viewer);
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const organization = await this.insert(tx, name.trim(), userId);
      this.deps.audit.record(tx, actor, { action: 'organization.created', organizationId: organization.id, targetId: organization.id });
      return organization;
    });
  }

  async rename(actor: Actor, id: string, name: string): Promise<OrganizationRecord> {
    return this.deps.kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      await this.requireRole(tx, actor.viewer, id, 'ADMIN');
      const renamed = await this.deps.organizations.rename(tx, id, name.trim());
      if (renamed === null) throw organizationNotFound();
      this.deps.audit.record(tx, actor, { action: 'organization.renamed', organizationId: id, targetId: id });
      return renamed;
    });
  }

  /**
   * The organization that what the viewer makes belongs to: the one named, if they belong to it; else the one an API key is for; else
   * their own.
   */
  async requireHome(db: Db, viewer: UserViewer, named?: string | null): Promise<string> {
    const organizationId = named ?? viewer.key?.organizationId;
    if (organizationId !== undefined) {
      await this.requireRole(db, viewer, organizationId, 'MEMBER');
      return organizationId;
    }
    const [home] = await this.listIdsOf(db, viewer.userId);
    if (home === undefined) throw preconditionFailed('NO_ORGANIZATION', 'Join an organization first.');
    return home;
  }

  /** Holds the organization until the transaction ends, so that nobody else adds to what its plan counts, or changes who belongs to it. */
  async lock(tx: Tx, id: string): Promise<PlanLimits> {
    const organization = organizationIds.is(id) ? await this.deps.organizations.lock(tx, id) : null;
    if (organization === null) throw organizationNotFound();
    return PLANS[organization.plan];
  }

  async listIdsOf(db: Db, userId: string): Promise<string[]> {
    const memberships = await this.deps.memberships.listIdsOf(db, userId);
    return memberships.map(({ organizationId }) => organizationId);
  }

  /** What the viewer is in the organization, as read now; null for strangers, and for API keys of other organizations. */
  async roleOf(db: Db, viewer: Viewer, organizationId: string): Promise<MembershipRole | null> {
    return isOf(viewer, organizationId) ? this.deps.memberships.findRole(db, organizationId, viewer.userId) : null;
  }

  /** The viewer's membership, as read now. Strangers get NOT_FOUND; members of a lower role FORBIDDEN. */
  async requireRole(db: Db, viewer: Viewer, organizationId: string, least: MembershipRole): Promise<UserViewer & { role: MembershipRole }> {
    const role = await this.roleOf(db, viewer, organizationId);
    if (viewer.kind !== 'user' || role === null) throw organizationNotFound();
    if (!reaches(role, least)) throw roleTooLow(least);
    return { ...viewer, role };
  }

  /**
   * For subscriptions that somebody has by their role: aborts with `parent`, or as soon as they lose it, on whichever instance. Null
   * when they do not have it.
   */
  async followRole(viewer: Viewer, organizationId: string, least: MembershipRole, parent: Ending): Promise<Ending | null> {
    if (!isOf(viewer, organizationId)) return null;
    const suffices = (role: MembershipRole | null): boolean => role !== null && reaches(role, least);
    const standing = await this.standings.follow(organizationId, viewer.userId, suffices, parent);
    return standing && standing.end;
  }

  /** Whether `requireRole` would let the viewer pass. */
  async hasRole(db: Db, viewer: Viewer, organizationId: string, least: MembershipRole): Promise<boolean> {
    const role = await this.roleOf(db, viewer, organizationId);
    return role !== null && reaches(role, least);
  }

  /** Whether all of them belong to it. */
  async areMembers(db: Db, organizationId: string, userIds: readonly string[]): Promise<boolean> {
    const distinct = [...new Set(userIds)];
    return (await this.deps.memberships.countAmong(db, organizationId, distinct)) === distinct.length;
  }

  listOf(userId: string): Promise<OrganizationRecord[]> {
    return this.deps.organizations.listOf(this.deps.kernel.database.as([userId]), userId);
  }

  /** Members only: to everyone else it does not exist. */
  async findFor(viewer: Viewer, id: string): Promise<OrganizationRecord | null> {
    if (!isOf(viewer, id)) return null;
    return this.deps.organizations.findForMember(this.deps.kernel.database.as(viewerIds(viewer)), id, viewer.userId);
  }

  private async insert(db: Db, name: string, ownerId: string): Promise<OrganizationRecord> {
    const organization = await this.deps.organizations.insert(db, { id: organizationIds.create(), name });
    await this.deps.memberships.insert(db, organization.id, ownerId, 'OWNER');
    return organization;
  }
}

/** Whether the viewer can have a role in this organization at all. */
function isOf(viewer: Viewer, organizationId: string): viewer is UserViewer {
  return viewer.kind === 'user' && organizationIds.is(organizationId) && reachesOrganization(viewer, organizationId);
}
