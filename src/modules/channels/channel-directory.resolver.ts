import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { userIds } from '../users';
import { channelIds } from './channel-access';
import type { ChannelDirectory } from './channel-directory.service';
import { ChannelMemberConnection, toChannelMember } from './channel-member.type';
import { ChannelFilter } from './channel.input';
import { Channel, ChannelConnection, toChannel } from './channel.type';

const CHANNELS = 'channels';
const MEMBERS = 'members';
const FIRST = 'How many, 1 to 100; 25 when left out.';
const AFTER = 'The cursor to go on after.';

@Resolver(() => Channel)
export class ChannelDirectoryResolver {
  constructor(private readonly directory: ChannelDirectory) {}

  @Query(() => ChannelConnection, {
    complexity: pageCost,
    description: "The channels that the caller is a member of, newest first. Sessions' own are not among them: `Session.channel`.",
  })
  async channels(
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
    @Arg('filter', () => ChannelFilter, { nullable: true, description: 'Which ones.' }) filter?: ChannelFilter | null,
  ): Promise<ChannelConnection> {
    const request = pageRequest({ first, after }, CHANNELS, 2);
    const { archived = false, ...rest } = filter ?? {};
    const page = { ...rest, archived, olderThan: keysetOf(request, channelIds), limit: request.size + 1 };
    const rows = await this.directory.list(viewer, page);
    return toConnection(
      request,
      CHANNELS,
      rows,
      ({ createdAt, id }) => [createdAt.getTime(), id],
      (row) => toChannel(row),
    );
  }

  @FieldResolver(() => ChannelMemberConnection, {
    nullable: true,
    complexity: pageCost,
    description:
      'Who belongs to it, in the order of joining, and who of them is connected now. For those who write in it; null for others, and for a ' +
      "session's own: `Session.attendees`.",
  })
  async members(
    @Root() { id }: Channel,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: FIRST }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) after?: string | null,
    @Arg('onlineOnly', () => Boolean, { defaultValue: false, description: 'Only those who are connected now.' }) onlineOnly?: boolean,
  ): Promise<ChannelMemberConnection | null> {
    const request = pageRequest({ first, after }, MEMBERS, 2);
    const page = { after: keysetOf(request, userIds), limit: request.size + 1, onlineOnly: onlineOnly === true };
    const found = await this.directory.listMembers(viewer, id, page);
    if (found === null) return null;
    const rows = toConnection(request, MEMBERS, found.members, ({ joinedAt, userId }) => [joinedAt.getTime(), userId], toChannelMember);
    return Object.assign(new ChannelMemberConnection(), rows, { totalCount: found.total, onlineCount: found.online });
  }
}
