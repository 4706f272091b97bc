import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

export const messagesAccess: AccessTable = {
  Query: { channelEvents: allow('channelReader', 'messages:read') },
  Mutation: {
    sendMessage: allow('channelWriter', 'messages:write'),
    editMessage: allow('messageAuthor', 'messages:write'),
    deleteMessage: allow('messageEraser', 'messages:write'),
    addReaction: allow('channelReactor', 'messages:write'),
    removeReaction: allow('channelReactor', 'messages:write'),
    pinMessage: allow('channelModerator', 'messages:write'),
    unpinMessage: allow('channelModerator', 'messages:write'),
    acknowledge: allow('channelReader', 'messages:write'),
    setTyping: allow('channelWriter', 'messages:write'),
  },
  Subscription: {
    channelEvents: allow('channelReader', 'messages:read'),
    typing: allow('channelReader', 'messages:read'),
  },
  Channel: {
    messages: allow('channelReader', 'messages:read'),
    pinnedMessages: allow('channelReader', 'messages:read'),
    unreadCount: allow('self', 'messages:read'),
  },
  Message: {
    '*': allow('channelReader'),
    replyTo: allow('channelReader'),
    replies: allow('channelReader'),
    replyCount: allow('channelReader'),
    edits: allow('channelReader'),
    reactions: allow('channelReader'),
  },
  ReactionCount: { '*': allow('parent'), viewerReacted: allow('self') },
  MessageConnection: AS_PARENT,
  MessageEdge: AS_PARENT,
  MessageEdit: AS_PARENT,
  MessageEditConnection: AS_PARENT,
  MessageEditEdge: AS_PARENT,
  MessagePayload: AS_PARENT,
  AcknowledgePayload: AS_PARENT,
  SetTypingPayload: AS_PARENT,
  TypingState: AS_PARENT,
  MessageAdded: AS_PARENT,
  MessageEdited: AS_PARENT,
  MessageDeleted: AS_PARENT,
  ReactionsChanged: AS_PARENT,
  MessagePinChanged: AS_PARENT,
};
