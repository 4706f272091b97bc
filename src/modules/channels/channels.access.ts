import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const channelsAccess: AccessTable = {
  Query: { channel: allow('channelViewer', 'channels:read') },
  Mutation: {
    createChannel: allow('user', 'channels:write'),
    addChannelMember: allow('channelInviter', 'channels:write'),
    removeChannelMember: allow('channelOwner', 'channels:write'),
    leaveChannel: allow('channelMember', 'channels:write'),
    handOverChannel: allow('channelOwner', 'channels:write'),
  },
  Session: { channel: allow('sessionCard', 'channels:read') },
  Channel: { '*': allow('channelViewer') },
  ChannelPayload: AS_PARENT,
  Sender: AS_PARENT,
  ChannelMemberJoined: AS_PARENT,
  ChannelMemberLeft: AS_PARENT,
  ChannelOwnerChanged: AS_PARENT,
};
