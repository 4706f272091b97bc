import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { notFound } from '../../errors/domain-error';
import type { Context } from '../../graphql/context';
import { inOrderOf } from '../../graphql/loaders';
import { Session } from '../sessions';
import type { ChannelRecord } from './channel.repository';
import type { ChannelService } from './channel.service';
import { Channel, toChannel } from './channel.type';

@Resolver(() => Session)
export class SessionChannelResolver {
  constructor(private readonly channels: ChannelService) {}

  @FieldResolver(() => Channel, { description: "The session's own conversation. What is written in it is for those who are present." })
  async channel(@Root() session: Session, @Ctx() { loaders }: Context): Promise<Channel> {
    const channel = await loaders
      .for<string, ChannelRecord | null>(this.channels, async (ids) => {
        const found = await this.channels.listBySessions(ids);
        return inOrderOf(ids, found, ({ sessionId }) => sessionId ?? '');
      })
      .load(session.id);
    if (channel === null) throw notFound('Channel');
    return toChannel(channel);
  }
}
