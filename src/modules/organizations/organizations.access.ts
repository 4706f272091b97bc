import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** Who belongs to an organization is decided by people, never by keys. */
export const organizationsAccess: AccessTable = {
  // What a key may see of an organization is its audit log.
  Query: { organization: allow('organizationMember', 'audit:read') },
  Mutation: {
    createOrganization: allow('user'),
    updateOrganization: allow('organizationAdmin'),
    inviteMember: allow('organizationAdmin'),
    acceptInvitation: allow('invited'),
    revokeInvitation: allow('organizationAdmin'),
    changeMemberRole: allow('organizationAdmin'),
    removeMember: allow('organizationAdmin'),
    leaveOrganization: allow('organizationMember'),
  },
  Organization: {
    '*': allow('organizationMember'),
    members: allow('organizationMember'),
    invitations: allow('organizationAdmin'),
  },
  Membership: { '*': allow('organizationMember'), user: allow('organizationMember') },
  MembershipConnection: AS_PARENT,
  MembershipEdge: AS_PARENT,
  MembershipPayload: AS_PARENT,
  Invitation: { '*': allow('organizationAdmin') },
  InvitationConnection: AS_PARENT,
  InvitationEdge: AS_PARENT,
  InvitationPayload: AS_PARENT,
  InviteMemberPayload: AS_PARENT,
  OrganizationPayload: AS_PARENT,
};
