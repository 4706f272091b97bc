import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { PageRequest } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { source } from '../../graphql/subscription';
import { Channel } from '../channels';
import { MAX_UNREAD } from './message.repository';
import { Message } from './message.type';
import type { MarkersMoved } from './receipt.events';
import { AcknowledgeInput } from './receipt.input';
import type { MarkerPage } from './receipt.repository';
import type { ReceiptService } from './receipt.service';
import { AcknowledgePayload, ReaderPositionConnection, ReceiptConnection, ReceiptsMoved } from './receipt.type';
import { toReaderPosition, toReceipt, toReceiptsMoved } from './receipt.type';

const READERS = 'readers';
const RECEIPTS = 'receipts';

@Resolver(() => Channel)
export class ReceiptResolver {
  constructor(private readonly service: ReceiptService) {}

  @FieldResolver(() => Int, {
    description: `Messages of others after what the caller has read, deleted ones not counted; at most ${MAX_UNREAD}.`,
  })
  async unreadCount(@Root() channel: Channel, @Ctx() { viewer }: Context): Promise<number> {
    return this.service.countUnread(viewer, channel);
  }

  @FieldResolver(() => Int, { description: `Messages after what the caller has read that mention the caller; at most ${MAX_UNREAD}.` })
  async unreadMentionCount(@Root() channel: Channel, @Ctx() { viewer }: Context): Promise<number> {
    return this.service.countUnreadMentions(viewer, channel);
  }

  @FieldResolver(() => ReaderPositionConnection, {
    nullable: true,
    complexity: pageCost,
    description: 'How far everybody has come who has acknowledged anything. Null for whoever does not write in the channel.',
  })
  async readers(
    @Root() channel: Channel,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<ReaderPositionConnection | null> {
    const request = pageRequest({ first, after }, READERS, 1);
    const found = await this.service.list(viewer, channel.id, pageOf(request));
    if (found === null) return null;
    return toConnection(
      request,
      READERS,
      found.markers,
      ({ participantId }) => [participantId],
      (marker) => toReaderPosition(found.epoch, marker),
    );
  }

  @Mutation(() => AcknowledgePayload, { description: 'Marks everything up to the cursor as read, or as delivered. Never moves back.' })
  async acknowledge(
    @Arg('input', () => AcknowledgeInput, { description: 'The channel and the place in it.' }) input: AcknowledgeInput,
    @Ctx() { viewer }: Context,
  ): Promise<AcknowledgePayload> {
    return Object.assign(new AcknowledgePayload(), await this.service.acknowledge(viewer, input));
  }

  @Subscription(() => ReceiptsMoved, {
    description:
      'How far the readers of the channel come, for those who write in it: at most ten frames a second, and the last place of each always ' +
      'comes. `Channel.readers` tells where they stand before. Ends when the caller may no longer write in it.',
    subscribe: source(
      () => ReceiptResolver,
      (resolver, { channelId }: { channelId: string }, { viewer, signal }) => resolver.service.follow(viewer, channelId, signal),
    ),
  })
  receipts(@Root() moved: MarkersMoved, @Arg('channelId', () => ID, { description: 'The channel.' }) channelId: string): ReceiptsMoved {
    return toReceiptsMoved(channelId, moved);
  }
}

@Resolver(() => Message)
export class MessageReceiptResolver {
  constructor(private readonly service: ReceiptService) {}

  @FieldResolver(() => ReceiptConnection, {
    nullable: true,
    complexity: pageCost,
    description: 'To whom it has come, and who has read it. For who wrote it; null for others.',
  })
  async receipts(
    @Root() { channelId, offset, sender }: Message,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<ReceiptConnection | null> {
    const request = pageRequest({ first, after }, RECEIPTS, 1);
    const message = { channelId, offset, senderId: sender.id };
    const markers = await this.service.listOf(viewer, message, pageOf(request));
    if (markers === null) return null;
    const { delivered: deliveredCount, read: readCount } = await this.service.count(viewer, message);
    const page = toConnection(
      request,
      RECEIPTS,
      markers,
      ({ participantId }) => [participantId],
      (marker) => toReceipt(offset, marker),
    );
    return Object.assign(new ReceiptConnection(), page, { deliveredCount, readCount });
  }
}

function pageOf({ beyond, size }: PageRequest): MarkerPage {
  return { after: beyond?.[0] ?? null, limit: size + 1 };
}
