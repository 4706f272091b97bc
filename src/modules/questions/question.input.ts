import { IsOptional, Length, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { ReportReason } from './report.repository';
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

@InputType({ description: 'What speaks against a question.' })
export class ReportQuestionInput {
  @Field(() => ID, { description: QUESTION_ID })
  questionId!: string;

  @Field(() => ReportReason, { description: 'Why.' })
  reason!: ReportReason;
}

@InputType({ description: 'Why a question is not approved.' })
export class RejectQuestionInput {
  @Field(() => ID, { description: QUESTION_ID })
  questionId!: string;

  @Field({ description: 'What who asked is told, 1 to 500 characters.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(500, { message: 'must have at most 500 characters' })
  reason!: string;
}

@InputType({ description: 'Two questions of one session that ask the same.' })
export class MergeQuestionsInput {
  @Field(() => ID, { description: 'The question that stays, open or answered.' })
  intoId!: string;

  @Field(() => ID, { description: 'The question that becomes one with it.' })
  fromId!: string;
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

@InputType({ description: 'A new text for a question.' })
export class EditQuestionInput {
  @Field(() => ID, { description: QUESTION_ID })
  questionId!: string;

  @Field({ description: 'The new text, 1 to 1,000 characters.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, BODY_TOO_LONG)
  body!: string;
}
