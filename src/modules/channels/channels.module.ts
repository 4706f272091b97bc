import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { SessionService } from '../sessions';
import type { UserService } from '../users';
import { ChannelAccess, channelIds } from './channel-access';
import { ChannelArchiver } from './channel-archiver';
import { ChannelDirectoryResolver } from './channel-directory.resolver';
import { ChannelDirectory } from './channel-directory.service';
import { ChannelInvitationRepository } from './channel-invitation.repository';
import { ChannelInvitationResolver } from './channel-invitation.resolver';
import { ChannelInvitationService } from './channel-invitation.service';
import { ChannelMembershipResolver } from './channel-membership.resolver';
import { ChannelMembershipService } from './channel-membership.service';
import type { ChannelPresence } from './channel-presence';
import { ChannelStateResolver } from './channel-state.resolver';
import { ChannelStateService } from './channel-state.service';
import { ChannelRepository } from './channel.repository';
import { ChannelResolver } from './channel.resolver';
import { ChannelService } from './channel.service';
import { toChannel } from './channel.type';
import { SessionChannelResolver } from './session-channel.resolver';

export const channelsResolvers = [
  ChannelResolver,
  ChannelMembershipResolver,
  ChannelStateResolver,
  ChannelDirectoryResolver,
  ChannelInvitationResolver,
  SessionChannelResolver,
] as const;

export interface ChannelsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'presence'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  /** How long nothing may be written in a channel before it is archived; null, or left out: for ever. */
  readonly archiveAfterMs?: number | null;
  readonly heartbeatMs?: number;
  readonly onError?: (error: unknown) => void;
}

export interface ChannelsRoom extends RoomParts {
  /** Also the `SessionCompanion` that makes each session's channel. */
  readonly channels: ChannelService;
  readonly channelAccess: ChannelAccess;
  /** Also the `OrganizationCompanion` that takes who leaves an organization out of its channels. */
  readonly channelMemberships: ChannelMembershipService;
  readonly channelStates: ChannelStateService;
  readonly directory: ChannelDirectory;
  readonly invitations: ChannelInvitationService;
  readonly presence: ChannelPresence;
  /** Null when channels are never archived by themselves. */
  readonly archiver: ChannelArchiver | null;
  close(): Promise<void>;
}

export function createChannelsRoom(deps: ChannelsDeps): ChannelsRoom {
  const { kernel, audit, users, organizations, sessions, attendance, archiveAfterMs, heartbeatMs, onError } = deps;
  const repository = new ChannelRepository();
  const invitationRepository = new ChannelInvitationRepository();
  const channelAccess = new ChannelAccess(kernel, repository, sessions, attendance, heartbeatMs);
  const { presence } = channelAccess;
  const channels = new ChannelService({ kernel, audit, users, organizations, channels: repository, access: channelAccess });
  const channelMemberships = new ChannelMembershipService({
    kernel,
    audit,
    users,
    channels: repository,
    invitations: invitationRepository,
  });
  const channelStates = new ChannelStateService({ kernel, audit, organizations, channels: repository, access: channelAccess });
  const invitations = new ChannelInvitationService({ kernel, audit, users, channels: repository, invitations: invitationRepository });
  const directory = new ChannelDirectory({ kernel, channels: repository, access: channelAccess });
  const archiver = archiveAfterMs == null ? null : new ChannelArchiver({ states: channelStates, afterMs: archiveAfterMs, onError });
  const close = async (): Promise<void> => {
    await archiver?.close();
    await presence.close();
  };
  const nodes: NodeLoaders = {
    [channelIds.prefix]: async (id, { viewer }) => {
      const place = await channels.findFor(viewer, id);
      return place && toChannel(place.channel, place);
    },
  };
  const resolvers = [
    new ChannelResolver(channels),
    new ChannelMembershipResolver(channelMemberships),
    new ChannelStateResolver(channelStates),
    new ChannelDirectoryResolver(directory),
    new ChannelInvitationResolver(invitations),
    new SessionChannelResolver(channels),
  ];
  return {
    channels,
    channelAccess,
    channelMemberships,
    channelStates,
    directory,
    invitations,
    presence,
    archiver,
    resolvers,
    nodes,
    close,
  };
}
