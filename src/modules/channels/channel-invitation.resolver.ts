import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { channelIds } from './channel-access';
import type { ChannelInvitationService } from './channel-invitation.service';
import { ChannelInvitationConnection, toChannelInvitation } from './channel-invitation.type';
import { ChannelMemberInput } from './channel.input';
import { ChannelPayload, toChannelPayload } from './channel.type';

const LIST = 'channelInvitations';

@Resolver()
export class ChannelInvitationResolver {
  constructor(private readonly invitations: ChannelInvitationService) {}

  @Query(() => ChannelInvitationConnection, {
    complexity: pageCost,
    description: 'The channels that the caller is invited to, newest invitation first.',
  })
  async channelInvitations(
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<ChannelInvitationConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const rows = await this.invitations.list(viewer, keysetOf(request, channelIds), request.size + 1);
    return toConnection(request, LIST, rows, ({ createdAt, channelId }) => [createdAt.getTime(), channelId], toChannelInvitation);
  }

  @Mutation(() => ChannelPayload, {
    description:
      'Invites a user into the channel: a member once they join. For those who may add members. Repeating it changes nothing. CONFLICT ' +
      'ALREADY_CHANNEL_MEMBER; FAILED_PRECONDITION TOO_MANY_INVITATIONS.',
  })
  async inviteToChannel(
    @Arg('input', () => ChannelMemberInput, { description: 'Whom, and where.' }) { channelId, userId }: ChannelMemberInput,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.invitations.invite(context, channelId, userId));
  }

  @Mutation(() => ChannelPayload, {
    description: 'Takes an invitation back, for the same people. NOT_FOUND when it was accepted, declined or taken back.',
  })
  async revokeChannelInvitation(
    @Arg('input', () => ChannelMemberInput, { description: 'Whose, and where.' }) { channelId, userId }: ChannelMemberInput,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.invitations.revoke(context, channelId, userId));
  }

  @Mutation(() => ChannelPayload, {
    description: 'Makes the caller, who was invited, a member of the channel. NOT_FOUND without an invitation.',
  })
  async joinChannel(
    @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.invitations.join(context, channelId));
  }

  @Mutation(() => Boolean, { description: "Turns down the caller's invitation. NOT_FOUND without one." })
  async declineChannelInvitation(
    @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.invitations.decline(context, channelId);
    return true;
  }
}
