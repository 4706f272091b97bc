import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { CreateChannelInput } from './channel.input';
import type { ChannelService } from './channel.service';
import { Channel, ChannelPayload, toChannel, toChannelPayload } from './channel.type';

@Resolver(() => Channel)
export class ChannelResolver {
  constructor(private readonly channels: ChannelService) {}

  @Query(() => Channel, {
    nullable: true,
    description: 'A channel the caller is a member of, or of a session the caller attends; null otherwise.',
  })
  async channel(@Arg('id', () => ID, { description: 'The channel.' }) id: string, @Ctx() { viewer }: Context): Promise<Channel | null> {
    const place = await this.channels.findFor(viewer, id);
    return place && toChannel(place.channel, place);
  }

  @Mutation(() => ChannelPayload, {
    description:
      'Makes a channel. CONFLICT CHANNEL_NAME_TAKEN when the organization has one of this name; FAILED_PRECONDITION CHANNEL_LIMIT_REACHED ' +
      'when its plan allows no more.',
  })
  async createChannel(
    @Arg('input', () => CreateChannelInput, { description: 'The new channel.' }) input: CreateChannelInput,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.channels.create(context, input));
  }
}
