import { Matches } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';

/** One emoji that is meant for interchange, with its variation selector, skin tone or joined parts where it has them. */
const EMOJI = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');

@InputType({ description: "The caller's reaction to a message." })
export class ReactionInput {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field({ description: 'One emoji, fully qualified (Unicode RGI).' })
  @Matches(EMOJI, { message: 'must be one emoji' })
  emoji!: string;
}
