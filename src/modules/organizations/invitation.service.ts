import type { Actor } from '../../lib/actor';
import { idKind } from '../../lib/ids';
import { digest } from '../../lib/digest';
import { newSecret } from '../../lib/secret';
import type { Keyset } from '../../lib/keyset';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { UserService } from '../users';
import { normalizeEmail, requireUser } from '../users';
import type { InvitationRecord, InvitationRepository } from './invitation.repository';
import type { MembershipRepository, MembershipRole } from './membership.repository';
import { alreadyMember, invitationNotFound, organizationNotFound } from './organization.errors';
import { membershipChanged, organizationStream } from './organization.events';
import { leastToGrant, reaches } from './organization.policy';
import type { OrganizationRecord } from './organization.repository';
import type { OrganizationService } from './organization.service';

export const invitationIds = idKind('inv');

const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

export interface InvitationDraft {
  readonly organizationId: string;
  readonly email: string;
  readonly role: MembershipRole;
}

export interface Invited {
  readonly invitation: InvitationRecord;
  /** Told this once; only its hash is kept. */
  readonly token: string;
}

export interface InvitationServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly memberships: MembershipRepository;
  readonly invitations: InvitationRepository;
}

/** The way into an organization: a token for one address, good for one use within a week. */
export class InvitationService {
  constructor(private readonly deps: InvitationServiceDeps) {}

  /** Inviting the same address again replaces the invitation of before. */
  async invite(actor: Actor, { organizationId, email: typed, role }: InvitationDraft): Promise<Invited> {
    const { kernel, audit, organizations, memberships, invitations } = this.deps;
    const email = normalizeEmail(typed);
    const token = newSecret();
    return kernel.unitOfWork.as('system').run(async (tx) => {
      await organizations.lock(tx, organizationId);
      await organizations.requireRole(tx, actor.viewer, organizationId, leastToGrant(role));
      if (await memberships.hasEmail(tx, organizationId, email)) throw alreadyMember();
      await invitations.revokeAllFor(tx, organizationId, email);
      const id = invitationIds.create();
      const invitation = await invitations.insert(tx, {
        id,
        organizationId,
        email,
        role,
        tokenHash: digest(token),
        lifetimeMs: LIFETIME_MS,
      });
      audit.record(tx, actor, { action: 'invitation.created', organizationId, targetId: id, details: { role } });
      return { invitation, token };
    });
  }

  /** Revoking twice is the same as revoking once; one that was accepted does not exist any more. */
  async revoke(actor: Actor, id: string): Promise<InvitationRecord> {
    const { kernel, audit, invitations } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const invitation = await this.find(tx, actor.viewer, id);
      if (invitation === null || invitation.acceptedAt !== null) throw invitationNotFound();
      const revoked = await invitations.revoke(tx, id);
      if (revoked === null) return invitation;
      audit.record(tx, actor, { action: 'invitation.revoked', organizationId: revoked.organizationId, targetId: id });
      return revoked;
    });
  }

  /** By the account with the address that was invited. To everybody else, and a second time, it does not exist. */
  async accept(actor: Actor, token: string): Promise<OrganizationRecord> {
    const { kernel, audit, users, organizations, memberships, invitations } = this.deps;
    const { userId, key } = requireUser(actor.viewer);
    const organizationId = await kernel.unitOfWork.as('system').run(async (tx) => {
      const user = key === undefined ? await users.find(tx, userId) : null;
      const email = user?.email ?? null;
      const found = email === null ? null : await invitations.findByToken(tx, digest(token), email);
      if (found === null) throw invitationNotFound();
      await organizations.lock(tx, found.organizationId);
      const accepted = await invitations.accept(tx, found.id);
      if (accepted === null) throw invitationNotFound();
      const { role, id } = accepted;
      if ((await memberships.insert(tx, accepted.organizationId, userId, role)) === null) throw alreadyMember();
      tx.record(organizationStream(accepted.organizationId), membershipChanged.record({ userId, role }));
      const fact = { action: 'member.joined', organizationId: accepted.organizationId, targetId: userId } as const;
      audit.record(tx, actor, { ...fact, details: { role, invitation: id } });
      return accepted.organizationId;
    });
    const organization = await organizations.findFor(actor.viewer, organizationId);
    if (organization === null) throw organizationNotFound();
    return organization;
  }

  /** Pending ones, oldest first, for who may invite. */
  async list(viewer: Viewer, organizationId: string, page: { after: Keyset | null; limit: number }): Promise<InvitationRecord[]> {
    const { kernel, organizations, invitations } = this.deps;
    const database = kernel.database.as(viewerIds(viewer));
    await organizations.requireRole(database, viewer, organizationId, 'ADMIN');
    return invitations.list(database, organizationId, page.after, page.limit);
  }

  findFor(viewer: Viewer, id: string): Promise<InvitationRecord | null> {
    return this.find(this.deps.kernel.database.as(viewerIds(viewer)), viewer, id);
  }

  /** Null for whoever may not invite: to them there is none. */
  private async find(db: Db, viewer: Viewer, id: string): Promise<InvitationRecord | null> {
    const invitation = invitationIds.is(id) ? await this.deps.invitations.find(db, id) : null;
    const role = invitation && (await this.deps.organizations.roleOf(db, viewer, invitation.organizationId));
    return role !== null && reaches(role, 'ADMIN') ? invitation : null;
  }
}
