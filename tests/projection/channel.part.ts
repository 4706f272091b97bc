import type { Connection } from './lists';
import { byId, nodesOf, withOne } from './lists';
import type { Holder } from './part';
import { part } from './part';

const TEXT = 'id channelId body mentions { id displayName } replyToId createdAt editedAt deletedAt pinnedAt sender { id displayName }';
const REACTIONS = 'reactions { emoji count viewerReacted }';

interface Told {
  readonly id: string;
  readonly body: string;
  readonly replyToId: string | null;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly pinnedAt: string | null;
  readonly sender: { readonly id: string };
}

interface Reaction {
  readonly emoji: string;
  readonly count: number;
  readonly viewerReacted: boolean;
}

interface Edit {
  readonly body: string;
  readonly editedAt: string | null;
}

interface Message extends Told {
  readonly reactions: readonly Reaction[];
  readonly edits: readonly Edit[];
  readonly replyCount: number;
}

export interface Conversation {
  readonly messages: readonly Message[];
  readonly unreadCount: number;
}

type Found = Omit<Message, 'edits'> & { readonly edits: Connection<Edit> };

interface MessageEvent {
  readonly message: Told;
}

/** What is written in a channel, with all that hangs on it, and how much of it is unread. */
export const messages = part<
  Conversation,
  { readonly messages: Connection<Found>; readonly unreadCount: number },
  {
    MessageAdded: MessageEvent;
    MessageEdited: MessageEvent;
    MessageDeleted: MessageEvent;
    ReactionsChanged: { readonly messageId: string; readonly reactions: readonly Reaction[] };
    MessagePinChanged: { readonly messageId: string; readonly pinnedAt: string | null };
  }
>({
  name: 'messages',
  of: 'channel',
  selection: `id unreadCount messages(last: 50) { edges { node { ${TEXT} ${REACTIONS} replyCount edits(first: 10) { edges { node { body editedAt } } } } } }`,
  read: (found) => ({
    messages: nodesOf(found.messages).map((message) => ({ ...message, edits: nodesOf(message.edits) })),
    unreadCount: found.unreadCount,
  }),
  events: {
    MessageAdded: `message { ${TEXT} }`,
    MessageEdited: `message { ${TEXT} }`,
    MessageDeleted: `message { ${TEXT} }`,
    ReactionsChanged: `messageId ${REACTIONS}`,
    MessagePinChanged: 'messageId pinnedAt',
  },
  on: {
    MessageAdded: added,
    MessageEdited: (state, { message }) =>
      changed(state, message.id, (before) => ({
        ...before,
        ...message,
        edits: [...before.edits, { body: before.body, editedAt: message.editedAt }],
      })),
    MessageDeleted: deleted,
    ReactionsChanged: (state, { messageId, reactions }) => changed(state, messageId, (before) => ({ ...before, reactions })),
    MessagePinChanged: (state, { messageId, pinnedAt }) => changed(state, messageId, (before) => ({ ...before, pinnedAt })),
  },
});

interface Use {
  readonly archivedAt: string | null;
  readonly slowModeSeconds: number;
}

/** Whether it is in use, and how fast it may be written in. */
export const use = part<Use, Use, { ChannelChanged: Use }>({
  name: 'use',
  of: 'channel',
  selection: 'id archivedAt slowModeSeconds',
  read: ({ archivedAt, slowModeSeconds }) => ({ archivedAt, slowModeSeconds }),
  events: { ChannelChanged: 'archivedAt slowModeSeconds' },
  on: { ChannelChanged: (_, { archivedAt, slowModeSeconds }) => ({ archivedAt, slowModeSeconds }) },
});

/** What is pinned, whoever looks only at that. */
export const pins = part<
  readonly { readonly id: string; readonly pinnedAt: string | null }[],
  { readonly pinnedMessages: Connection<{ readonly id: string; readonly pinnedAt: string | null }> },
  { MessageDeleted: MessageEvent; MessagePinChanged: { readonly messageId: string; readonly pinnedAt: string | null } }
>({
  name: 'pins',
  of: 'channel',
  selection: 'id pinnedMessages(first: 100) { edges { node { id pinnedAt } } }',
  read: (found) => nodesOf(found.pinnedMessages),
  events: { MessageDeleted: `message { ${TEXT} }`, MessagePinChanged: 'messageId pinnedAt' },
  on: {
    MessageDeleted: (list, { message }) => list.filter(({ id }) => id !== message.id),
    MessagePinChanged: (list, { messageId: id, pinnedAt }) =>
      pinnedAt === null ? list.filter((one) => one.id !== id) : withOne(list, { id, pinnedAt }),
  },
  shown: byId,
});

/** What has been deleted since comes as it is now, and counts for nothing. */
function added({ messages: list, unreadCount }: Conversation, { message }: MessageEvent, { participantId }: Holder): Conversation {
  const counts = message.deletedAt === null;
  const answered = counts ? counting(list, message.replyToId, 1) : list;
  const written = { ...message, reactions: [], edits: [], replyCount: 0 };
  return { messages: [...answered, written], unreadCount: unreadCount + (counts && message.sender.id !== participantId ? 1 : 0) };
}

/** Takes with it whatever hung on it; of what is unread, only where it was. */
function deleted(state: Conversation, { message }: MessageEvent, { participantId }: Holder): Conversation {
  const counted = state.messages.some(({ id, deletedAt }) => id === message.id && deletedAt === null);
  const wasUnread = unreadIds(state, participantId).includes(message.id);
  const left = changed(state, message.id, (before) => ({ ...before, ...message, reactions: [], edits: [] }));
  const messages = counted ? counting(left.messages, message.replyToId, -1) : left.messages;
  return { messages, unreadCount: state.unreadCount - (wasUnread ? 1 : 0) };
}

/** Those of others that came last. */
function unreadIds({ messages: list, unreadCount }: Conversation, participantId: string): string[] {
  const ofOthers = list.filter(({ sender, deletedAt }) => deletedAt === null && sender.id !== participantId);
  return ofOthers.slice(ofOthers.length - unreadCount).map(({ id }) => id);
}

function counting(list: readonly Message[], id: string | null, by: 1 | -1): readonly Message[] {
  return list.map((message) => (message.id === id ? { ...message, replyCount: message.replyCount + by } : message));
}

function changed(state: Conversation, id: string, change: (before: Message) => Message): Conversation {
  return { ...state, messages: state.messages.map((message) => (message.id === id ? change(message) : message)) };
}
