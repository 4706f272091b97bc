import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { Channel } from '../channels';
import { messageIds } from './message-batch';
import { PinMessageInput } from './message.input';
import { MessageConnection, MessagePayload, toMessage, toMessagePayload } from './message.type';
import type { PinService } from './pin.service';
import { MAX_PINS } from './pin.service';

const LIST = 'pins';

@Resolver(() => Channel)
export class PinResolver {
  constructor(private readonly service: PinService) {}

  @FieldResolver(() => MessageConnection, {
    complexity: pageCost,
    description: `What who moderates it keeps in sight, last pinned first; at most ${MAX_PINS}.`,
  })
  async pinnedMessages(
    @Root() channel: Channel,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<MessageConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const rows = await this.service.list(viewer, channel, keysetOf(request, messageIds), request.size + 1);
    return toConnection(request, LIST, rows, ({ pinnedAt, id }) => [pinnedAt?.getTime() ?? 0, id], toMessage);
  }

  @Mutation(() => MessagePayload, {
    description:
      "Keeps a message in sight. For the channel's owner, and who runs the session, also when it is over. Repeating it changes nothing. " +
      `FAILED_PRECONDITION TOO_MANY_PINS beyond ${MAX_PINS}, MESSAGE_DELETED.`,
  })
  async pinMessage(
    @Arg('input', () => PinMessageInput, { description: 'The message.' }) { messageId }: PinMessageInput,
    @Ctx() { viewer }: Context,
  ): Promise<MessagePayload> {
    return toMessagePayload(await this.service.pin(viewer, messageId));
  }

  @Mutation(() => MessagePayload, { description: 'Lets it go again, for the same people. Repeating it changes nothing.' })
  async unpinMessage(
    @Arg('input', () => PinMessageInput, { description: 'The message.' }) { messageId }: PinMessageInput,
    @Ctx() { viewer }: Context,
  ): Promise<MessagePayload> {
    return toMessagePayload(await this.service.unpin(viewer, messageId));
  }
}
