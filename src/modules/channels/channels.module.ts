import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { OrganizationService } from '../organizations';
import type { SessionService } from '../sessions';
import type { UserService } from '../users';
import { ChannelAccess, channelIds } from './channel-access';
import { ChannelRepository } from './channel.repository';
import { ChannelResolver } from './channel.resolver';
import { ChannelService } from './channel.service';
import { toChannel } from './channel.type';
import { SessionChannelResolver } from './session-channel.resolver';

export const channelsResolvers = [ChannelResolver, SessionChannelResolver] as const;

export interface ChannelsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
}

export interface ChannelsRoom extends RoomParts {
  /** Also the `SessionCompanion` that makes each session's channel. */
  readonly channels: ChannelService;
  readonly channelAccess: ChannelAccess;
}

export function createChannelsRoom({ kernel, users, organizations, sessions, attendance }: ChannelsDeps): ChannelsRoom {
  const repository = new ChannelRepository();
  const channelAccess = new ChannelAccess(repository, sessions, attendance);
  const channels = new ChannelService({ kernel, users, organizations, channels: repository, access: channelAccess });
  const nodes: NodeLoaders = {
    [channelIds.prefix]: async (id, { viewer }) => {
      const place = await channels.findFor(viewer, id);
      return place && toChannel(place.channel, place);
    },
  };
  return { channels, channelAccess, resolvers: [new ChannelResolver(channels), new SessionChannelResolver(channels)], nodes };
}
