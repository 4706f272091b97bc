import { Field, ID, Int, ObjectType } from 'type-graphql';
import { listCost } from '../../graphql/connection';
import type { ReactionFrame } from './frame-reader';
import type { ReactionTotals } from './session-reaction.repository';

/** As many as a session's settings hold; more only where those were changed. */
export const USUAL_EMOJIS = 20;

@ObjectType({ description: 'How often one emoji was sent into a session.' })
export class SessionReactionCount {
  @Field({ description: 'The emoji.' })
  emoji!: string;

  @Field(() => Int, { description: 'How often since the session began.' })
  total!: number;

  @Field(() => Int, { description: "How many of these came since this subscription's frame before; 0 elsewhere." })
  added!: number;
}

@ObjectType({ description: "A session's reactions at a moment. State, not history: only the newest matters, so it needs no cursor." })
export class SessionReactions {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => [SessionReactionCount], { complexity: listCost(USUAL_EMOJIS), description: 'Each emoji that was sent.' })
  counts!: SessionReactionCount[];
}

export function toReactionCounts(totals: ReactionTotals, added: ReactionTotals = {}): SessionReactionCount[] {
  return Object.entries(totals).map(([emoji, total]) =>
    Object.assign(new SessionReactionCount(), { emoji, total, added: added[emoji] ?? 0 }),
  );
}

export function toSessionReactions({ sessionId, totals, added }: ReactionFrame): SessionReactions {
  return Object.assign(new SessionReactions(), { sessionId, counts: toReactionCounts(totals, added) });
}
