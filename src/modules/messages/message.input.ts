import { ArrayMaxSize, IsOptional, Length, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';

export const NOT_BLANK = /\S/;
export const MAX_BODY = 4_000;
export const TOO_LONG = { message: `must have at most ${MAX_BODY} characters` };
export const MAX_MENTIONS = 20;
const TOO_MANY_MENTIONS = { message: `may have at most ${MAX_MENTIONS} items` };
export const BLANK = { message: 'must not be empty' };

@InputType({
  description:
    'A message to send. `clientId` makes a retry harmless: the same id from the same sender in the same channel is the same message.',
})
export class SendMessageInput {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field({ description: 'The text, 1 to 4,000 characters; stored as written.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, TOO_LONG)
  body!: string;

  @Field(() => ID, { nullable: true, description: 'The message of this channel that it answers; NOT_FOUND when there is none.' })
  replyToId?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Whom it mentions, at most ${MAX_MENTIONS}: ids of members, or of attendees who are present. BAD_USER_INPUT for anybody else.`,
  })
  @IsOptional()
  @ArrayMaxSize(MAX_MENTIONS, TOO_MANY_MENTIONS)
  mentionIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Drawn by the client, 1 to 64 characters.' })
  @IsOptional()
  @Length(1, 64, { message: 'must have 1 to 64 characters' })
  clientId?: string | null;
}

@InputType({ description: "A new text for one's own message." })
export class EditMessageInput {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;

  @Field({ description: 'The new text, 1 to 4,000 characters.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, TOO_LONG)
  body!: string;

  @Field(() => [ID], { nullable: true, description: 'Whom it mentions from now on, as in sending. Left out: whom it mentioned before.' })
  @IsOptional()
  @ArrayMaxSize(MAX_MENTIONS, TOO_MANY_MENTIONS)
  mentionIds?: string[] | null;
}

@InputType({ description: 'A message to take back.' })
export class DeleteMessageInput {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;
}

@InputType({ description: 'A message to pin, or to take off.' })
export class PinMessageInput {
  @Field(() => ID, { description: 'The message.' })
  messageId!: string;
}

@InputType({ description: 'Whether the caller is typing.' })
export class SetTypingInput {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field({ description: 'Repeat true at least every few seconds: it lapses after six.' })
  typing!: boolean;
}
