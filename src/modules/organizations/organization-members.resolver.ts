import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { UserService } from '../users';
import { loadUser, User, userIds } from '../users';
import type { InvitationService } from './invitation.service';
import { invitationIds } from './invitation.service';
import type { MembershipService } from './membership.service';
import { InvitationConnection, Membership, MembershipConnection, toInvitation, toMembership } from './membership.type';
import { Organization } from './organization.type';

const MEMBERS = 'members';
const INVITATIONS = 'invitations';

@Resolver(() => Organization)
export class OrganizationMembersResolver {
  constructor(
    private readonly memberships: MembershipService,
    private readonly invitationService: InvitationService,
  ) {}

  @FieldResolver(() => MembershipConnection, { complexity: pageCost, description: 'Who belongs to it, the longest-standing first.' })
  async members(
    @Root() { id }: Organization,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<MembershipConnection> {
    const request = pageRequest({ first, after }, MEMBERS, 2);
    const rows = await this.memberships.list(viewer, id, { after: keysetOf(request, userIds), limit: request.size + 1 });
    return toConnection(request, MEMBERS, rows, ({ createdAt, userId }) => [createdAt.getTime(), userId], toMembership);
  }

  @FieldResolver(() => InvitationConnection, {
    complexity: pageCost,
    description: 'Pending invitations, oldest first. For admins and owners.',
  })
  async invitations(
    @Root() { id }: Organization,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<InvitationConnection> {
    const request = pageRequest({ first, after }, INVITATIONS, 2);
    const rows = await this.invitationService.list(viewer, id, { after: keysetOf(request, invitationIds), limit: request.size + 1 });
    return toConnection(request, INVITATIONS, rows, (row) => [row.createdAt.getTime(), row.id], toInvitation);
  }
}

@Resolver(() => Membership)
export class MembershipResolver {
  constructor(private readonly users: UserService) {}

  @FieldResolver(() => User, { description: 'Who.' })
  async user(@Root() { userId }: Membership, @Ctx() { loaders }: Context): Promise<User | null> {
    return loadUser(this.users, loaders, userId);
  }
}
