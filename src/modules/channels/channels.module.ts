import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { SessionService } from '../sessions';
import type { UserService } from '../users';
import { ChannelAccess, channelIds } from './channel-access';
import { ChannelMembershipResolver } from './channel-membership.resolver';
import { ChannelMembershipService } from './channel-membership.service';
import { ChannelRepository } from './channel.repository';
import { ChannelResolver } from './channel.resolver';
import { ChannelService } from './channel.service';
import { toChannel } from './channel.type';
import { SessionChannelResolver } from './session-channel.resolver';

export const channelsResolvers = [ChannelResolver, ChannelMembershipResolver, SessionChannelResolver] as const;

export interface ChannelsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
}

export interface ChannelsRoom extends RoomParts {
  /** Also the `SessionCompanion` that makes each session's channel. */
  readonly channels: ChannelService;
  readonly channelAccess: ChannelAccess;
  /** Also the `OrganizationCompanion` that takes who leaves an organization out of its channels. */
  readonly channelMemberships: ChannelMembershipService;
}

export function createChannelsRoom({ kernel, audit, users, organizations, sessions, attendance }: ChannelsDeps): ChannelsRoom {
  const repository = new ChannelRepository();
  const channelAccess = new ChannelAccess(kernel, repository, sessions, attendance);
  const channels = new ChannelService({ kernel, audit, users, organizations, channels: repository, access: channelAccess });
  const channelMemberships = new ChannelMembershipService({ kernel, audit, users, channels: repository });
  const nodes: NodeLoaders = {
    [channelIds.prefix]: async (id, { viewer }) => {
      const place = await channels.findFor(viewer, id);
      return place && toChannel(place.channel, place);
    },
  };
  const resolvers = [
    new ChannelResolver(channels),
    new ChannelMembershipResolver(channelMemberships),
    new SessionChannelResolver(channels),
  ];
  return { channels, channelAccess, channelMemberships, resolvers, nodes };
}
