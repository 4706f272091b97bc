import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import { listCost } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { source } from '../../graphql/subscription';
import { readerOf, readingAs, Session } from '../sessions';
import type { ReactionFrame } from './frame-reader';
import { SendReactionInput } from './session-reaction.input';
import type { SessionReactionService } from './session-reaction.service';
import { SessionReactionCount, SessionReactions, toReactionCounts, toSessionReactions, USUAL_EMOJIS } from './session-reaction.type';

@Resolver(() => Session)
export class SessionReactionResolver {
  constructor(private readonly service: SessionReactionService) {}

  @FieldResolver(() => [SessionReactionCount], {
    complexity: listCost(USUAL_EMOJIS),
    description: "How often each emoji was sent into it. For those present and admins of the session's organization.",
  })
  async reactions(@Root() session: Session, @Ctx() context: Context): Promise<SessionReactionCount[]> {
    const reader = readingAs(readerOf(session, context), context);
    return toReactionCounts(await this.service.total(reader, session.id));
  }

  @Mutation(() => Boolean, {
    description:
      'Reacts, while the session is live. It is counted, not kept: nobody is told who did. FAILED_PRECONDITION REACTION_NOT_ALLOWED, ' +
      'SESSION_NOT_LIVE; RATE_LIMITED REACTION_RATE.',
  })
  async sendReaction(
    @Arg('input', () => SendReactionInput, { description: 'Where, and with what.' }) { sessionId, emoji }: SendReactionInput,
    @Ctx() { viewer }: Context,
  ): Promise<boolean> {
    await this.service.send(viewer, sessionId, emoji);
    return true;
  }

  @Subscription(() => SessionReactions, {
    description:
      "The session's reactions: first the totals, then each change, at most ten times a second; the last one always comes. Ends when the " +
      'caller is no longer present.',
    subscribe: source(
      () => SessionReactionResolver,
      (resolver, { sessionId }: { sessionId: string }, context) => resolver.service.follow(context, sessionId, context.signal),
    ),
  })
  sessionReactions(
    @Root() frame: ReactionFrame,
    @Arg('sessionId', () => ID, { description: 'The session.' }) _sessionId: string,
  ): SessionReactions {
    return toSessionReactions(frame);
  }
}
