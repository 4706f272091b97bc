import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import type { InvitationService } from './invitation.service';
import type { MembershipService } from './membership.service';
import {
  InvitationPayload,
  InviteMemberPayload,
  MembershipPayload,
  toInvitationPayload,
  toInviteMemberPayload,
  toMembershipPayload,
} from './membership.type';
import {
  AcceptInvitationInput,
  ChangeMemberRoleInput,
  CreateOrganizationInput,
  InvitationInput,
  InviteMemberInput,
  MemberInput,
  UpdateOrganizationInput,
} from './organization.input';
import type { OrganizationService } from './organization.service';
import { Organization, OrganizationPayload, toOrganization, toOrganizationPayload } from './organization.type';

@Resolver(() => Organization)
export class OrganizationResolver {
  constructor(
    private readonly organizations: OrganizationService,
    private readonly memberships: MembershipService,
    private readonly invitations: InvitationService,
  ) {}

  @Query(() => Organization, { nullable: true, description: 'An organization the caller belongs to; null otherwise.' })
  async organization(
    @Arg('id', () => ID, { description: 'The organization.' }) id: string,
    @Ctx() { viewer }: Context,
  ): Promise<Organization | null> {
    const organization = await this.organizations.findFor(viewer, id);
    return organization && toOrganization(organization);
  }

  @Mutation(() => OrganizationPayload, { description: 'Makes an organization; the caller owns it.' })
  async createOrganization(
    @Arg('input', () => CreateOrganizationInput, { description: 'The new organization.' }) { name }: CreateOrganizationInput,
    @Ctx() context: Context,
  ): Promise<OrganizationPayload> {
    return toOrganizationPayload(await this.organizations.create(context, name));
  }

  @Mutation(() => OrganizationPayload, { description: 'Renames an organization. For its admins and owners.' })
  async updateOrganization(
    @Arg('input', () => UpdateOrganizationInput, { description: 'The changes.' }) { organizationId, name }: UpdateOrganizationInput,
    @Ctx() context: Context,
  ): Promise<OrganizationPayload> {
    return toOrganizationPayload(await this.organizations.rename(context, organizationId, name));
  }

  @Mutation(() => InviteMemberPayload, {
    description:
      'Invites the account with an address, for a week and one use; in place of an earlier invitation of the same address. For admins and ' +
      'owners. CONFLICT ALREADY_MEMBER.',
  })
  async inviteMember(
    @Arg('input', () => InviteMemberInput, { description: 'Whom.' }) input: InviteMemberInput,
    @Ctx() context: Context,
  ): Promise<InviteMemberPayload> {
    return toInviteMemberPayload(await this.invitations.invite(context, input));
  }

  @Mutation(() => OrganizationPayload, {
    description: "Joins the organization of an invitation. NOT_FOUND unless it is pending and for the address of the caller's account.",
  })
  async acceptInvitation(
    @Arg('input', () => AcceptInvitationInput, { description: 'The token.' }) { token }: AcceptInvitationInput,
    @Ctx() context: Context,
  ): Promise<OrganizationPayload> {
    return toOrganizationPayload(await this.invitations.accept(context, token));
  }

  @Mutation(() => InvitationPayload, { description: 'Makes an invitation worth nothing. For admins and owners.' })
  async revokeInvitation(
    @Arg('input', () => InvitationInput, { description: 'Which one.' }) { invitationId }: InvitationInput,
    @Ctx() context: Context,
  ): Promise<InvitationPayload> {
    return toInvitationPayload(await this.invitations.revoke(context, invitationId));
  }

  @Mutation(() => MembershipPayload, {
    description:
      'Makes a member something else. For admins; for owners where an owner is made or unmade. FAILED_PRECONDITION LAST_OWNER. What ' +
      'others had open by their former role ends.',
  })
  async changeMemberRole(
    @Arg('input', () => ChangeMemberRoleInput, { description: 'Who, and what.' }) { organizationId, userId, role }: ChangeMemberRoleInput,
    @Ctx() context: Context,
  ): Promise<MembershipPayload> {
    return toMembershipPayload(await this.memberships.changeRole(context, organizationId, userId, role));
  }

  @Mutation(() => Boolean, {
    description:
      "Sends a member away, out of the organization's channels too; what they own there passes to the longest-standing owner. For admins; " +
      'for owners where it is an owner. FAILED_PRECONDITION LAST_OWNER.',
  })
  async removeMember(
    @Arg('input', () => MemberInput, { description: 'Whom.' }) { organizationId, userId }: MemberInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.memberships.remove(context, organizationId, userId);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      'Leaves the organization and its channels; what the caller owns there passes on as with removeMember. FAILED_PRECONDITION LAST_OWNER.',
  })
  async leaveOrganization(
    @Arg('organizationId', () => ID, { description: 'The organization.' }) organizationId: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.memberships.leave(context, organizationId);
    return true;
  }
}
