import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import type { ChannelMembershipService } from './channel-membership.service';
import { ChannelMemberInput } from './channel.input';
import { ChannelPayload, toChannelPayload } from './channel.type';

@Resolver()
export class ChannelMembershipResolver {
  constructor(private readonly memberships: ChannelMembershipService) {}

  @Mutation(() => ChannelPayload, {
    description:
      'Makes a user a member of the channel. For its owner; in a SHARED channel for all its members. CONFLICT ALREADY_CHANNEL_MEMBER.',
  })
  async addChannelMember(
    @Arg('input', () => ChannelMemberInput, { description: 'Whom, and where.' }) { channelId, userId }: ChannelMemberInput,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.memberships.add(context, channelId, userId));
  }

  @Mutation(() => ChannelPayload, { description: 'Sends a member out of the channel: what they follow in it ends. For its owner.' })
  async removeChannelMember(
    @Arg('input', () => ChannelMemberInput, { description: 'Whom, and where.' }) { channelId, userId }: ChannelMemberInput,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.memberships.remove(context, channelId, userId));
  }

  @Mutation(() => Boolean, {
    description: 'Leaves the channel: what the caller follows in it ends. FAILED_PRECONDITION OWNER_CANNOT_LEAVE before it is handed over.',
  })
  async leaveChannel(
    @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await this.memberships.leave(context, channelId);
    return true;
  }

  @Mutation(() => ChannelPayload, { description: 'Makes a member the owner of the channel; the caller stays a member. For its owner.' })
  async handOverChannel(
    @Arg('input', () => ChannelMemberInput, { description: 'To whom.' }) { channelId, userId }: ChannelMemberInput,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.memberships.handOver(context, channelId, userId));
  }
}
