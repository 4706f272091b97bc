import { IsOptional, Length, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { VoteValue } from './question.type';

const NOT_BLANK = /\S/;
const BLANK = { message: 'must not be empty' };
const MAX_BODY = 1_000;
const BODY_TOO_LONG = { message: `must have at most ${MAX_BODY} characters` };
const QUESTION_ID = 'The question.';

@InputType({
  description:
    'A question to ask. `clientId` makes a retry harmless: the same id from the same asker in the same session is the same question.',
})
export class AskQuestionInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field({ description: 'The text, 1 to 1,000 characters; stored as written.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, BODY_TOO_LONG)
  body!: string;

  @Field({ defaultValue: false, description: 'Whether to hide from everyone who asks.' })
  anonymous!: boolean;

  @Field(() => String, { nullable: true, description: 'Drawn by the client, 1 to 64 characters.' })
  @IsOptional()
  @Length(1, 64, { message: 'must have 1 to 64 characters' })
  clientId?: string | null;
}

@InputType({ description: "What the caller's vote is to be." })
export class VoteQuestionInput {
  @Field(() => ID, { description: QUESTION_ID })
  questionId!: string;

  @Field(() => VoteValue, { description: 'NONE takes a vote back.' })
  value!: VoteValue;
}

@InputType({ description: 'Which question.' })
export class QuestionInput {
  @Field(() => ID, { description: QUESTION_ID })
  questionId!: string;
}

@InputType({ description: 'An answer to a question.' })
export class AnswerQuestionInput {
  @Field(() => ID, { description: QUESTION_ID })
  questionId!: string;

  @Field(() => String, { nullable: true, description: 'At most 4,000 characters; left out when it was answered live.' })
  @IsOptional()
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(4_000, { message: 'must have at most 4000 characters' })
  answer?: string | null;
}

@InputType({ description: "A new text for one's own question." })
export class EditQuestionInput {
  @Field(() => ID, { description: QUESTION_ID })
  questionId!: string;

  @Field({ description: 'The new text, 1 to 1,000 characters.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, BODY_TOO_LONG)
  body!: string;
}
