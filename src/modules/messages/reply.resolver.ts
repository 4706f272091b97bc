import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { inOrderOf } from '../../graphql/loaders';
import { offsetAfter } from './message-cursor';
import { Message, MessageConnection, toMessage } from './message.type';
import { MAX_REPLIES_COUNTED } from './reply.repository';
import type { ReplyService } from './reply.service';

const LIST = 'replies';

@Resolver(() => Message)
export class ReplyResolver {
  /** What the loaders of a request are known by. */
  private readonly parents = {};
  private readonly counts = {};

  constructor(private readonly service: ReplyService) {}

  @FieldResolver(() => Message, {
    nullable: true,
    description: 'The message that it answers; without its text when it was deleted. Null for a message that answers none.',
  })
  async replyTo(@Root() { replyToId }: Message, @Ctx() { viewer, loaders }: Context): Promise<Message | null> {
    if (replyToId === null) return null;
    return loaders
      .for<string, Message | null>(this.parents, async (ids) => {
        const found = await this.service.listByIds(viewer, ids);
        return inOrderOf(ids, found.map(toMessage), ({ id }) => id);
      })
      .load(replyToId);
  }

  @FieldResolver(() => MessageConnection, { complexity: pageCost, description: 'The messages that answer it, oldest first.' })
  async replies(
    @Root() message: Message,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<MessageConnection> {
    const request = pageRequest({ first, after }, LIST, 1);
    const rows = await this.service.list(viewer, message, offsetAfter(request) ?? 0, request.size + 1);
    return toConnection(request, LIST, rows, ({ offset }) => [offset], toMessage);
  }

  @FieldResolver(() => Int, {
    description: `How many messages answer it, deleted ones not counted; at most ${MAX_REPLIES_COUNTED}.`,
  })
  async replyCount(@Root() { id }: Message, @Ctx() { viewer, loaders }: Context): Promise<number> {
    const count = await loaders
      .for(this.counts, async (ids: readonly string[]) => {
        const counted = await this.service.count(viewer, ids);
        return inOrderOf(ids, counted, ({ messageId }) => messageId);
      })
      .load(id);
    return count?.replies ?? 0;
  }
}
