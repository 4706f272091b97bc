import { createUnionType, Field, ID, ObjectType } from 'type-graphql';
import { connectionTypes, listCost } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase, StreamOpened, toStreamOpened } from '../../graphql/stream-event';
import type { StreamEvent, StreamItem } from '../../realtime/event';
import {
  ChannelChanged,
  ChannelMemberJoined,
  ChannelMemberLeft,
  ChannelOwnerChanged,
  Sender,
  toMembershipEvent,
  toSender,
} from '../channels';
import { messageAdded, messageDeleted, messageEdited } from './message.events';
import { MAX_MENTIONS } from './message.input';
import type { MessageSnapshot } from './message.repository';
import { MessagePinChanged, toPinEvent } from './pin.type';
import { ReactionsChanged, toReactionEvent } from './reaction.type';

@Shareable<Message>('id', 'channelId', 'sender', 'body', 'mentions', 'replyToId', 'createdAt', 'editedAt', 'deletedAt', 'pinnedAt')
@ObjectType({ implements: NodeBase, description: 'One message of a channel.' })
export class Message extends NodeBase {
  @Field(() => ID, { description: 'The channel it was written in.' })
  channelId!: string;

  @Field(() => Sender, { description: 'Who wrote it.' })
  sender!: Sender;

  @Field({ description: 'The text, exactly as it was written: never trusted, never rendered by the server. Empty once deleted.' })
  body!: string;

  @Field(() => [Sender], {
    complexity: listCost(MAX_MENTIONS),
    description: 'Whom it mentions, by the names they had then. Nobody once deleted.',
  })
  mentions!: Sender[];

  @Field(() => ID, { nullable: true, description: 'The message that it answers.' })
  replyToId!: string | null;

  @Field(() => DateTime, { description: 'When it was written.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When its text was last changed.' })
  editedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was deleted.' })
  deletedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was pinned; null while it is not.' })
  pinnedAt!: Date | null;

  /** Its place in the channel's order; no field of the schema. */
  offset!: number;
}

export function toMessage(record: MessageSnapshot): Message {
  const { id, channelId, offset, senderId, senderName, replyToId, createdAt, editedAt, deletedAt, pinnedAt } = record;
  const sender = toSender({ id: senderId, displayName: senderName });
  const body = deletedAt === null ? record.body : '';
  // The log tells of messages from before there were mentions.
  const mentions = (record.mentions ?? []).map(toSender);
  return Object.assign(new Message(), {
    id,
    channelId,
    offset,
    sender,
    body,
    mentions,
    replyToId,
    createdAt,
    editedAt,
    deletedAt,
    pinnedAt,
  });
}

const { EdgeType, ConnectionType } = connectionTypes('Message', () => Message);

@ObjectType({ description: "A page of a channel's messages, oldest first." })
export class MessageConnection extends ConnectionType {}

export { EdgeType as MessageEdge };

@ObjectType({ description: 'What a command on a message answers.' })
export class MessagePayload {
  @Field(() => Message, { description: 'The message after the command.' })
  message!: Message;
}

export function toMessagePayload(record: MessageSnapshot): MessagePayload {
  return Object.assign(new MessagePayload(), { message: toMessage(record) });
}

@ObjectType({ description: 'What others are told now.' })
export class SetTypingPayload {
  @Field({ description: 'Whether the caller is typing.' })
  typing!: boolean;
}

@ObjectType({ description: 'Somebody began or stopped typing. State, not history: at most once, no cursor.' })
export class TypingState {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field(() => Sender, { description: 'Who; never the caller.' })
  sender!: Sender;

  @Field({ description: 'False when stopped, or when nothing was heard for six seconds.' })
  typing!: boolean;
}

@Shareable<MessageAdded>('cursor', 'at', 'message')
@ObjectType({ implements: StreamEventBase, description: 'A message was written.' })
export class MessageAdded extends StreamEventBase {
  @Field(() => Message, { description: 'The message as it was sent; without its text when it has been deleted since.' })
  message!: Message;
}

@Shareable<MessageEdited>('cursor', 'at', 'message')
@ObjectType({ implements: StreamEventBase, description: "A message's text was changed." })
export class MessageEdited extends StreamEventBase {
  @Field(() => Message, { description: 'The message after the change.' })
  message!: Message;
}

@Shareable<MessageDeleted>('cursor', 'at', 'message')
@ObjectType({ implements: StreamEventBase, description: 'A message was deleted.' })
export class MessageDeleted extends StreamEventBase {
  @Field(() => Message, { description: 'The message, without its text.' })
  message!: Message;
}

export const ChannelEvent = createUnionType({
  name: 'ChannelEvent',
  description: 'What happens in a channel, in order.',
  types: () =>
    [
      StreamOpened,
      MessageAdded,
      MessageEdited,
      MessageDeleted,
      ReactionsChanged,
      MessagePinChanged,
      ChannelMemberJoined,
      ChannelMemberLeft,
      ChannelOwnerChanged,
      ChannelChanged,
    ] as const,
});

const EVENT_TYPES = [
  [messageAdded, MessageAdded],
  [messageEdited, MessageEdited],
  [messageDeleted, MessageDeleted],
] as const;

export function toChannelEvent(item: StreamItem): typeof ChannelEvent {
  if (item.kind === 'opened') return toStreamOpened(item);
  return toMembershipEvent(item.event) ?? toReactionEvent(item.event) ?? toPinEvent(item.event) ?? toMessageEvent(item.event);
}

function toMessageEvent(event: StreamEvent): MessageAdded | MessageEdited | MessageDeleted {
  for (const [kind, EventType] of EVENT_TYPES) {
    if (kind.is(event)) return Object.assign(new EventType(), placeOf(event), { message: toMessage(kind.read(event).message) });
  }
  throw new Error(`A channel's stream holds an event of type ${event.type}`);
}
