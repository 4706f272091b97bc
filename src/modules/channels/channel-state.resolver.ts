import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { inOrderOf } from '../../graphql/loaders';
import { DateTime } from '../../graphql/scalars';
import type { ChannelStateService } from './channel-state.service';
import { UpdateChannelSettingsInput } from './channel.input';
import type { ChannelState } from './channel.repository';
import { Channel, ChannelPayload, toChannelPayload } from './channel.type';

@Resolver(() => Channel)
export class ChannelStateResolver {
  constructor(private readonly states: ChannelStateService) {}

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When it was archived: nobody writes in it since. Null while it is in use.',
  })
  async archivedAt(@Root() { id }: Channel, @Ctx() context: Context): Promise<Date | null> {
    return (await this.stateOf(id, context))?.archivedAt ?? null;
  }

  @FieldResolver(() => Int, {
    description: "How many seconds a member waits from one message to the next; 0: not at all. Of a session's own channel the session's.",
  })
  async slowModeSeconds(@Root() { id }: Channel, @Ctx() context: Context): Promise<number> {
    return (await this.stateOf(id, context))?.slowModeSeconds ?? 0;
  }

  @Mutation(() => ChannelPayload, {
    description:
      'Takes the channel out of use: it is read as before, but nobody writes in it (FAILED_PRECONDITION CHANNEL_ARCHIVED), and it does not count ' +
      'against the plan. For its owner. Repeating it changes nothing.',
  })
  async archiveChannel(
    @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.states.archive(context, channelId));
  }

  @Mutation(() => ChannelPayload, {
    description:
      'Brings an archived channel back into use. For its owner. FAILED_PRECONDITION CHANNEL_LIMIT_REACHED when the plan allows no more. ' +
      'Repeating it changes nothing.',
  })
  async unarchiveChannel(
    @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.states.unarchive(context, channelId));
  }

  @Mutation(() => ChannelPayload, { description: 'Sets how fast the channel may be written in. For its owner, who is not bound by it.' })
  async updateChannelSettings(
    @Arg('input', () => UpdateChannelSettingsInput, { description: 'The settings.' }) input: UpdateChannelSettingsInput,
    @Ctx() context: Context,
  ): Promise<ChannelPayload> {
    return toChannelPayload(await this.states.setSlowMode(context, input.channelId, input.slowModeSeconds));
  }

  private stateOf(id: string, { viewer, loaders }: Context): Promise<ChannelState | null> {
    return loaders
      .for<string, ChannelState | null>(this.states, async (ids) => {
        const states = await this.states.listStates(viewer, ids);
        return inOrderOf(ids, states, (state) => state.id);
      })
      .load(id);
  }
}
