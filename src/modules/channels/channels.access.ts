import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const channelsAccess: AccessTable = {
  Query: { channel: allow('channelViewer', 'channels:read'), channels: allow('user', 'channels:read') },
  Mutation: {
    createChannel: allow('user', 'channels:write'),
    addChannelMember: allow('channelInviter', 'channels:write'),
    removeChannelMember: allow('channelOwner', 'channels:write'),
    leaveChannel: allow('channelMember', 'channels:write'),
    handOverChannel: allow('channelOwner', 'channels:write'),
    archiveChannel: allow('channelOwner', 'channels:write'),
    unarchiveChannel: allow('channelOwner', 'channels:write'),
    updateChannelSettings: allow('channelOwner', 'channels:write'),
  },
  Session: { channel: allow('sessionCard', 'channels:read') },
  Channel: {
    '*': allow('channelViewer'),
    members: allow('channelSpeaker', 'channels:read'),
    archivedAt: allow('channelViewer'),
    slowModeSeconds: allow('channelViewer'),
  },
  ChannelConnection: AS_PARENT,
  ChannelEdge: AS_PARENT,
  ChannelMember: AS_PARENT,
  ChannelMemberConnection: AS_PARENT,
  ChannelMemberEdge: AS_PARENT,
  ChannelChanged: AS_PARENT,
  ChannelPayload: AS_PARENT,
  Sender: AS_PARENT,
  ChannelMemberJoined: AS_PARENT,
  ChannelMemberLeft: AS_PARENT,
  ChannelOwnerChanged: AS_PARENT,
};
