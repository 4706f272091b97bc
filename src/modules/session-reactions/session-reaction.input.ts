import { Matches } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { EMOJI } from '../../lib/emoji';

@InputType({ description: 'A reaction to what happens in a session at this moment.' })
export class SendReactionInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field({ description: "One of the emojis of the session's settings." })
  @Matches(EMOJI, { message: 'must be one emoji' })
  emoji!: string;
}
