import type { Actor } from '../../lib/actor';
import type { Keyset } from '../../lib/keyset';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditTrail } from '../audit';
import type { MemberRecord, MembershipRecord, MembershipRepository, MembershipRole } from './membership.repository';
import { lastOwner, memberNotFound, roleTooLow } from './organization.errors';
import { membershipChanged, organizationStream } from './organization.events';
import { leastToGrant, reaches, seesEmailOf } from './organization.policy';
import type { OrganizationCompanion } from './organization.ports';
import type { OrganizationService } from './organization.service';

export interface MembershipServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly organizations: OrganizationService;
  readonly memberships: MembershipRepository;
  /** Asked late: these rooms are built after this one. */
  readonly companions: () => readonly OrganizationCompanion[];
}

/** A member as another may see them: without the address, where it is not for them. */
export type SeenMember = MembershipRecord & { readonly email: string | null };

/**
 * Who belongs to an organization, and as what. Every change holds the organization's row first, so changes of one organization go one
 * after the other, and there is an owner after each. They act as the server: who may is decided here, under that row.
 */
export class MembershipService {
  constructor(private readonly deps: MembershipServiceDeps) {}

  async changeRole(actor: Actor, organizationId: string, userId: string, role: MembershipRole): Promise<MemberRecord> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const member = await this.requireGoverned(tx, actor.viewer, organizationId, userId, role);
      if (member.role === role) return member;
      if (member.role === 'OWNER') await this.requireOtherOwner(tx, member);
      await this.deps.memberships.updateRole(tx, member, role);
      tx.record(organizationStream(organizationId), membershipChanged.record({ userId, role }));
      const details = { from: member.role, to: role };
      this.deps.audit.record(tx, actor, { action: 'member.role_changed', organizationId, targetId: userId, details });
      return { ...member, role };
    });
  }

  async remove(actor: Actor, organizationId: string, userId: string): Promise<void> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      await this.part(tx, actor, await this.requireGoverned(tx, actor.viewer, organizationId, userId), 'member.removed');
    });
  }

  async leave(actor: Actor, organizationId: string): Promise<void> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      await this.deps.organizations.lock(tx, organizationId);
      const { userId } = await this.deps.organizations.requireRole(tx, actor.viewer, organizationId, 'MEMBER');
      const member = await this.deps.memberships.find(tx, organizationId, userId);
      if (member === null) throw memberNotFound();
      await this.part(tx, actor, member, 'member.left');
    });
  }

  /** Longest-standing first, for members. */
  async list(viewer: Viewer, organizationId: string, page: { after: Keyset | null; limit: number }): Promise<SeenMember[]> {
    const database = this.deps.kernel.database.as(viewerIds(viewer));
    const reader = await this.deps.organizations.requireRole(database, viewer, organizationId, 'MEMBER');
    const members = await this.deps.memberships.list(database, organizationId, page.after, page.limit);
    return members.map((member) => (seesEmailOf(reader, member) ? member : { ...member, email: null }));
  }

  /** The membership of somebody whose role, as it is and as it shall be, the viewer may give and take. */
  private async requireGoverned(
    tx: RecordingTx,
    viewer: Viewer,
    organizationId: string,
    userId: string,
    role?: MembershipRole,
  ): Promise<MemberRecord> {
    await this.deps.organizations.lock(tx, organizationId);
    const governor = await this.deps.organizations.requireRole(tx, viewer, organizationId, 'ADMIN');
    const member = await this.deps.memberships.find(tx, organizationId, userId);
    if (member === null) throw memberNotFound();
    for (const each of [member.role, role ?? member.role]) {
      if (!reaches(governor.role, leastToGrant(each))) throw roleTooLow(leastToGrant(each));
    }
    return member;
  }

  private async requireOtherOwner(tx: RecordingTx, { organizationId, userId }: MembershipRecord): Promise<MembershipRecord> {
    const owner = await this.deps.memberships.findOtherOwner(tx, organizationId, userId);
    if (owner === null) throw lastOwner();
    return owner;
  }

  /** Takes along what they had by belonging to it. */
  private async part(tx: RecordingTx, actor: Actor, member: MembershipRecord, action: 'member.removed' | 'member.left'): Promise<void> {
    const heir = await this.requireOtherOwner(tx, member);
    await this.deps.memberships.delete(tx, member);
    const { organizationId, userId, role } = member;
    for (const companion of this.deps.companions()) await companion.memberLeft(tx, actor, { organizationId, userId, heirId: heir.userId });
    tx.record(organizationStream(organizationId), membershipChanged.record({ userId, role: null }));
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: userId, details: { role } });
  }
}
