import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import type { UserService } from '../users';
import { InvitationRepository } from './invitation.repository';
import { invitationIds, InvitationService } from './invitation.service';
import { MembershipRepository } from './membership.repository';
import { MembershipService } from './membership.service';
import { toInvitation } from './membership.type';
import { MembershipResolver, OrganizationMembersResolver } from './organization-members.resolver';
import type { OrganizationCompanion } from './organization.ports';
import { OrganizationRepository } from './organization.repository';
import { OrganizationResolver } from './organization.resolver';
import { organizationIds, OrganizationService } from './organization.service';
import { toOrganization } from './organization.type';

export const organizationsResolvers = [OrganizationResolver, OrganizationMembersResolver, MembershipResolver] as const;

export interface OrganizationsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly companions: () => readonly OrganizationCompanion[];
}

export interface OrganizationsRoom extends RoomParts {
  readonly organizations: OrganizationService;
  readonly memberships: MembershipService;
  readonly invitations: InvitationService;
}

export function createOrganizationsRoom({ kernel, audit, users, companions }: OrganizationsDeps): OrganizationsRoom {
  const repository = new MembershipRepository();
  const organizations = new OrganizationService({ kernel, audit, organizations: new OrganizationRepository(), memberships: repository });
  const memberships = new MembershipService({ kernel, audit, organizations, memberships: repository, companions });
  const invited = { kernel, audit, users, organizations, memberships: repository };
  const invitations = new InvitationService({ ...invited, invitations: new InvitationRepository() });
  const nodes: NodeLoaders = {
    [organizationIds.prefix]: async (id, { viewer }) => {
      const organization = await organizations.findFor(viewer, id);
      return organization && toOrganization(organization);
    },
    [invitationIds.prefix]: async (id, { viewer }) => {
      const invitation = await invitations.findFor(viewer, id);
      return invitation && toInvitation(invitation);
    },
  };
  const resolvers = [
    new OrganizationResolver(organizations, memberships, invitations),
    new OrganizationMembersResolver(memberships, invitations),
    new MembershipResolver(users),
  ];
  return { organizations, memberships, invitations, resolvers, nodes };
}
