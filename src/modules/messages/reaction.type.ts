import { Field, ID, Int, ObjectType } from 'type-graphql';
import { listCost } from '../../graphql/connection';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { StreamEvent } from '../../realtime/event';
import { reactionsChanged } from './message.events';
import { MAX_EMOJI } from './reaction-batch';
import type { Tallies } from './reaction-batch';

@Shareable<ReactionCount>('emoji', 'count')
@ObjectType({ description: 'How many people answer a message with one emoji.' })
export class ReactionCount {
  @Field({ description: 'The emoji.' })
  emoji!: string;

  @Field(() => Int, { description: 'How many people; at least one.' })
  count!: number;

  /** What it is counted on; no field of the schema. */
  messageId!: string;
}

@Shareable<ReactionsChanged>('cursor', 'at', 'messageId', 'reactions')
@ObjectType({ implements: StreamEventBase, description: 'People reacted to a message, or took it back. Changes at once are told as one.' })
export class ReactionsChanged extends StreamEventBase {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field(() => [ReactionCount], {
    complexity: listCost(MAX_EMOJI),
    description: 'All its reactions after the change, in the order in which each emoji came first.',
  })
  reactions!: ReactionCount[];
}

export function toReactionCounts(messageId: string, tallies: Tallies): ReactionCount[] {
  return tallies.map(({ emoji, count }) => Object.assign(new ReactionCount(), { emoji, count, messageId }));
}

/** Null for an event of another kind. */
export function toReactionEvent(event: StreamEvent): ReactionsChanged | null {
  if (!reactionsChanged.is(event)) return null;
  const { messageId, tallies } = reactionsChanged.read(event);
  return Object.assign(new ReactionsChanged(), placeOf(event), { messageId, reactions: toReactionCounts(messageId, tallies) });
}
