import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { PageRequest } from '../../graphql/connection';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { SharedSubscription } from '../../graphql/shareable';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { Channel } from '../channels';
import { offsetAfter } from './message-cursor';
import { DeleteMessageInput, EditMessageInput, SendMessageInput } from './message.input';
import type { HistoryRange } from './message.repository';
import type { MessageService } from './message.service';
import { ChannelEvent, MessageConnection, MessagePayload, toChannelEvent, toMessage, toMessagePayload } from './message.type';

const LIST = 'messages';

@Resolver(() => Channel)
export class MessageResolver {
  constructor(private readonly service: MessageService) {}

  @FieldResolver(() => MessageConnection, {
    complexity: pageCost,
    description: 'What was written, oldest first; `last` and `before` page back from the newest.',
  })
  async messages(
    @Root() channel: Channel,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'How many from the end, 1 to 100.' }) last?: number | null,
    @Arg('before', () => String, { nullable: true, description: 'The cursor to go back from.' }) before?: string | null,
    @Arg('mentioning', () => ID, { nullable: true, description: 'Only those that mention this one: the id of a `Sender`.' })
    mentioning?: string | null,
  ): Promise<MessageConnection> {
    const request = pageRequest({ first, after, last, before }, LIST, 1);
    const rows = await this.service.listHistory(viewer, channel, { ...rangeOf(request), mentioning });
    return toConnection(request, LIST, rows, ({ offset }) => [offset], toMessage);
  }

  @Mutation(() => MessagePayload, {
    description: "Writes a message. Answered once it is durable and has its place in the channel's order.",
  })
  async sendMessage(
    @Arg('input', () => SendMessageInput, { description: 'The message.' }) input: SendMessageInput,
    @Ctx() { viewer }: Context,
  ): Promise<MessagePayload> {
    return toMessagePayload(await this.service.send(viewer, input));
  }

  @Mutation(() => MessagePayload, { description: "Changes the text of one's own message." })
  async editMessage(
    @Arg('input', () => EditMessageInput, { description: 'The message and its new text.' }) input: EditMessageInput,
    @Ctx() { viewer }: Context,
  ): Promise<MessagePayload> {
    return toMessagePayload(await this.service.edit(viewer, input.messageId, input.body, input.mentionIds));
  }

  @Mutation(() => MessagePayload, {
    description:
      "Takes a message back: its text is erased, its place stays. For who wrote it, who runs the session, and the channel's owner.",
  })
  async deleteMessage(
    @Arg('input', () => DeleteMessageInput, { description: 'The message.' }) input: DeleteMessageInput,
    @Ctx() { viewer }: Context,
  ): Promise<MessagePayload> {
    return toMessagePayload(await this.service.delete(viewer, input.messageId));
  }

  @Query(() => [ChannelEvent], {
    name: 'channelEvents',
    complexity: pageCost,
    description: "The same events by polling, oldest first; the last one's cursor is where to go on.",
  })
  async listChannelEvents(
    @Ctx() { viewer }: Context,
    @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: 'The last cursor received.' }) after?: Position | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most, 1 to 100; 25 when left out.' }) first?: number | null,
  ): Promise<(typeof ChannelEvent)[]> {
    const { size } = pageRequest({ first }, LIST, 0);
    const items = await this.service.listEvents(viewer, channelId, after ?? null, size);
    return items.map(toChannelEvent);
  }

  @SharedSubscription()
  @Subscription(() => ChannelEvent, {
    description: 'What happens in the channel: from now on, or after a cursor without a gap. Ends when the caller may no longer read it.',
    subscribe: source(
      () => MessageResolver,
      (resolver, { channelId, after }: ChannelEventsArgs, { viewer, signal }) =>
        resolver.service.follow(viewer, channelId, after ?? null, signal),
    ),
  })
  channelEvents(
    @Root() item: StreamItem,
    @Arg('channelId', () => ID, { description: 'The channel.' }) _channelId: string,
    @Arg('after', () => StreamCursor, { nullable: true, description: 'The last cursor received.' }) _after?: Position | null,
  ): typeof ChannelEvent {
    return toChannelEvent(item);
  }
}

interface ChannelEventsArgs {
  readonly channelId: string;
  readonly after?: Position | null;
}

function rangeOf(request: PageRequest): HistoryRange {
  return { direction: request.direction, beyond: offsetAfter(request), limit: request.size + 1 };
}
