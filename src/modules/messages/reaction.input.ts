import { Matches } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { EMOJI } from '../../lib/emoji';

@InputType({ description: "The caller's reaction to a message." })
export class ReactionInput {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field({ description: 'One emoji, fully qualified (Unicode RGI).' })
  @Matches(EMOJI, { message: 'must be one emoji' })
  emoji!: string;
}
