import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { ChannelAccess } from '../channels';
import type { ContentScreen } from '../content-policy';
import { EditRepository } from './edit.repository';
import { EditResolver } from './edit.resolver';
import { EditService } from './edit.service';
import { messageIds } from './message-batch';
import { MessageRepository } from './message.repository';
import { MessageResolver } from './message.resolver';
import { MessageService } from './message.service';
import { toMessage } from './message.type';
import { PinRepository } from './pin.repository';
import { PinResolver } from './pin.resolver';
import { PinService } from './pin.service';
import { ReactionRepository } from './reaction.repository';
import { OwnReactionResolver, ReactionResolver } from './reaction.resolver';
import { ReactionService } from './reaction.service';
import { ReplyRepository } from './reply.repository';
import { ReplyResolver } from './reply.resolver';
import { ReplyService } from './reply.service';
import { SearchRepository } from './search.repository';
import { SearchResolver } from './search.resolver';
import { SearchService } from './search.service';
import { TypingResolver } from './typing.resolver';
import { TypingService } from './typing.service';

export const messagesResolvers = [
  MessageResolver,
  ReplyResolver,
  EditResolver,
  ReactionResolver,
  OwnReactionResolver,
  PinResolver,
  SearchResolver,
  TypingResolver,
] as const;

export interface MessagesDeps {
  readonly kernel: Pick<Kernel, 'database' | 'log' | 'unitOfWork' | 'fanOut' | 'ephemeral' | 'rateLimiter'>;
  readonly channelAccess: ChannelAccess;
  readonly screen: ContentScreen;
}

export interface MessagesRoom extends RoomParts {
  readonly messages: MessageService;
  readonly replies: ReplyService;
  readonly edits: EditService;
  readonly reactions: ReactionService;
  readonly pins: PinService;
  readonly searches: SearchService;
  readonly typing: TypingService;
}

export function createMessagesRoom({ kernel, channelAccess, screen }: MessagesDeps): MessagesRoom {
  const editRepository = new EditRepository();
  const reactionRepository = new ReactionRepository();
  const messages = new MessageService({
    kernel,
    access: channelAccess,
    screen,
    messages: new MessageRepository(),
    edits: editRepository,
    reactions: reactionRepository,
  });
  const replies = new ReplyService({ kernel, access: channelAccess, replies: new ReplyRepository() });
  const reactions = new ReactionService({ kernel, access: channelAccess, reactions: reactionRepository });
  const edits = new EditService({ kernel, access: channelAccess, edits: editRepository });
  const pins = new PinService({ kernel, access: channelAccess, messages, pins: new PinRepository() });
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
    new SearchResolver(searches),
    new TypingResolver(typing),
  ];
  return { messages, replies, edits, reactions, pins, searches, typing, resolvers, nodes };
}
