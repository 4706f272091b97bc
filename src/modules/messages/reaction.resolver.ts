import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { listCost } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { inOrderOf, loaderOfTurns } from '../../graphql/loaders';
import type { Viewer } from '../../lib/viewer';
import type { MessageService } from './message.service';
import { Message, MessagePayload, toMessagePayload } from './message.type';
import { ReactionInput } from './reaction.input';
import { MAX_EMOJI } from './reaction-batch';
import type { OwnReactionsAsked, ReactionService, ReactionWish } from './reaction.service';
import { ReactionCount, toReactionCounts } from './reaction.type';

@Resolver(() => Message)
export class ReactionResolver {
  constructor(
    private readonly service: ReactionService,
    private readonly messages: MessageService,
  ) {}

  @FieldResolver(() => [ReactionCount], {
    complexity: listCost(MAX_EMOJI),
    description: `What people answer it with, in the order in which each emoji came first; at most ${MAX_EMOJI}. None once deleted.`,
  })
  async reactions(@Root() { id, deletedAt }: Message, @Ctx() { viewer, loaders }: Context): Promise<ReactionCount[]> {
    if (deletedAt !== null) return [];
    const found = await loaders
      .for(this.service, async (ids: readonly string[]) => {
        const tallies = await this.service.listTallies(viewer, ids);
        return inOrderOf(ids, tallies, ({ messageId }) => messageId);
      })
      .load(id);
    return toReactionCounts(id, found?.tallies ?? []);
  }

  @Mutation(() => MessagePayload, {
    description:
      'Reacts to a message, also in a broadcast channel. Repeating it changes nothing. FAILED_PRECONDITION MESSAGE_DELETED, or ' +
      `TOO_MANY_EMOJI beyond ${MAX_EMOJI} different ones on one message; RATE_LIMITED REACTION_RATE.`,
  })
  addReaction(
    @Arg('input', () => ReactionInput, { description: 'The message and the emoji.' }) { messageId, emoji }: ReactionInput,
    @Ctx() { viewer }: Context,
  ): Promise<MessagePayload> {
    return this.react(viewer, { messageId, emoji, reacted: true });
  }

  @Mutation(() => MessagePayload, { description: "Takes the caller's reaction back. Repeating it changes nothing." })
  removeReaction(
    @Arg('input', () => ReactionInput, { description: 'The message and the emoji.' }) { messageId, emoji }: ReactionInput,
    @Ctx() { viewer }: Context,
  ): Promise<MessagePayload> {
    return this.react(viewer, { messageId, emoji, reacted: false });
  }

  private async react(viewer: Viewer, wish: ReactionWish): Promise<MessagePayload> {
    return toMessagePayload(await this.messages.get(viewer, await this.service.react(viewer, wish)));
  }
}

@Resolver(() => ReactionCount)
export class OwnReactionResolver {
  private readonly own = loaderOfTurns<OwnReactionsAsked, ReadonlySet<string>>((asked) => this.service.listOwn(asked));

  constructor(private readonly service: ReactionService) {}

  /** Looked up once for all emoji of a page: it costs nothing beside them. */
  @FieldResolver(() => Boolean, { complexity: 0, description: 'Whether the caller is among them, as it is now.' })
  async viewerReacted(@Root() { messageId, emoji }: ReactionCount, @Ctx() { viewer }: Context): Promise<boolean> {
    return (await this.own.load({ viewer, messageId })).has(emoji);
  }
}
