import type { NodeLoaders } from '../../graphql/node';
import type { RoomParts } from '../../graphql/room';
import type { Kernel } from '../../realtime/kernel';
import type { ChannelAccess } from '../channels';
import { messageIds } from './message-batch';
import { MessageRepository } from './message.repository';
import { MessageResolver } from './message.resolver';
import { MessageService } from './message.service';
import { toMessage } from './message.type';
import { TypingResolver } from './typing.resolver';
import { TypingService } from './typing.service';

export const messagesResolvers = [MessageResolver, TypingResolver] as const;

export interface MessagesDeps {
  readonly kernel: Pick<Kernel, 'database' | 'log' | 'unitOfWork' | 'fanOut' | 'ephemeral' | 'rateLimiter'>;
  readonly channelAccess: ChannelAccess;
}

export interface MessagesRoom extends RoomParts {
  readonly messages: MessageService;
  readonly typing: TypingService;
}

export function createMessagesRoom({ kernel, channelAccess }: MessagesDeps): MessagesRoom {
  const messages = new MessageService({ kernel, access: channelAccess, messages: new MessageRepository() });
  const typing = new TypingService(kernel, channelAccess);
  const nodes: NodeLoaders = {
    [messageIds.prefix]: async (id, { viewer }) => {
      const message = await messages.findFor(viewer, id);
      return message && toMessage(message);
    },
  };
  return { messages, typing, resolvers: [new MessageResolver(messages), new TypingResolver(typing)], nodes };
}
