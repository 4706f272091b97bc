import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { EngagementSource } from '../attendees';
import type { ChannelAccess, ChannelPresence } from '../channels';
import type { ContentScreen } from '../content-policy';
import type { OrganizationService } from '../organizations';
import { BroadcastResolver } from './broadcast.resolver';
import { BroadcastService } from './broadcast.service';
import { EditRepository } from './edit.repository';
import { EditResolver } from './edit.resolver';
import { EditService } from './edit.service';
import { MentionRepository } from './mention.repository';
import { messageIds } from './message-batch';
import { MessageEngagement } from './message-engagement';
import { MessageRepository } from './message.repository';
import { MessageResolver } from './message.resolver';
import { MessageService } from './message.service';
import { toMessage } from './message.type';
import { MonitorRepository } from './monitor.repository';
import { MonitorResolver } from './monitor.resolver';
import { MonitorService } from './monitor.service';
import { PinRepository } from './pin.repository';
import { PinResolver } from './pin.resolver';
import { PinService } from './pin.service';
import { ReactionRepository } from './reaction.repository';
import { OwnReactionResolver, ReactionResolver } from './reaction.resolver';
import { ReactionService } from './reaction.service';
import { ReceiptRepository } from './receipt.repository';
import { MessageReceiptResolver, ReceiptResolver } from './receipt.resolver';
import { ReceiptService } from './receipt.service';
import { ReplyRepository } from './reply.repository';
import { ReplyResolver } from './reply.resolver';
import { ReplyService } from './reply.service';
import { SearchRepository } from './search.repository';
import { SearchResolver } from './search.resolver';
import { SearchService } from './search.service';
import { TurnRepository } from './turn.repository';
import { TypingResolver } from './typing.resolver';
import { TypingService } from './typing.service';

export const messagesResolvers = [
  MessageResolver,
  ReplyResolver,
  EditResolver,
  ReactionResolver,
  OwnReactionResolver,
  PinResolver,
  ReceiptResolver,
  MessageReceiptResolver,
  BroadcastResolver,
  MonitorResolver,
  SearchResolver,
  TypingResolver,
] as const;

export interface MessagesDeps {
  readonly kernel: Pick<Kernel, 'database' | 'log' | 'unitOfWork' | 'fanOut' | 'ephemeral' | 'rateLimiter'>;
  readonly organizations: OrganizationService;
  readonly channelAccess: ChannelAccess;
  readonly screen: ContentScreen;
  readonly presence: ChannelPresence;
  /** Of one sender in one channel. */
  readonly perMinute?: number;
}

export interface MessagesRoom extends RoomParts {
  /** For `createAttendeesRoom`. */
  readonly engagement: EngagementSource;
  readonly messages: MessageService;
  readonly replies: ReplyService;
  readonly edits: EditService;
  readonly reactions: ReactionService;
  readonly pins: PinService;
  readonly receipts: ReceiptService;
  readonly broadcasts: BroadcastService;
  readonly monitor: MonitorService;
  readonly searches: SearchService;
  readonly typing: TypingService;
}

export function createMessagesRoom({ kernel, organizations, channelAccess, screen, presence, perMinute }: MessagesDeps): MessagesRoom {
  const editRepository = new EditRepository();
  const reactionRepository = new ReactionRepository();
  const messageRepository = new MessageRepository();
  const mentions = new MentionRepository();
  const messages = new MessageService({
    kernel,
    access: channelAccess,
    screen,
    messages: messageRepository,
    mentions,
    turns: new TurnRepository(),
    perMinute,
    edits: editRepository,
    reactions: reactionRepository,
  });
  const replies = new ReplyService({ kernel, access: channelAccess, replies: new ReplyRepository() });
  const reactions = new ReactionService({ kernel, access: channelAccess, reactions: reactionRepository });
  const edits = new EditService({ kernel, access: channelAccess, edits: editRepository });
  const pins = new PinService({ kernel, access: channelAccess, messages, pins: new PinRepository() });
  const receipts = new ReceiptService({
    kernel,
    access: channelAccess,
    messages: messageRepository,
    mentions,
    receipts: new ReceiptRepository(),
  });
  const broadcasts = new BroadcastService(messages);
  const monitor = new MonitorService({ kernel, organizations, presence, monitor: new MonitorRepository() });
  const searches = new SearchService({ kernel, access: channelAccess, searches: new SearchRepository() });
  const typing = new TypingService(kernel, channelAccess);
  const nodes: NodeLoaders = {
    [messageIds.prefix]: async (id, { viewer }) => {
      const message = await messages.findFor(viewer, id);
      return message && toMessage(message);
    },
  };
  const resolvers = [
    new MessageResolver(messages),
    new ReplyResolver(replies),
    new EditResolver(edits),
    new ReactionResolver(reactions, messages),
    new OwnReactionResolver(reactions),
    new PinResolver(pins),
    new ReceiptResolver(receipts),
    new MessageReceiptResolver(receipts),
    new BroadcastResolver(broadcasts),
    new MonitorResolver(monitor),
    new SearchResolver(searches),
    new TypingResolver(typing),
  ];
  const engagement = new MessageEngagement();
  return { messages, replies, edits, reactions, pins, receipts, broadcasts, monitor, searches, typing, engagement, resolvers, nodes };
}
