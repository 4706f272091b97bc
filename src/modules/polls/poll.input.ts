import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsOptional, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { MAX_OPTIONS } from './choices';
import { PollResultsVisibility } from './poll.repository';

const NOT_BLANK = /\S/;
const BLANK = { message: 'must not be empty' };
const POLL_ID = 'The poll.';

@InputType({
  description: 'A new poll. `clientId` makes a retry harmless: the same id from the same maker in the same session is the same poll.',
})
export class CreatePollInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field({ description: 'What is asked, 1 to 500 characters; stored as written.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(500, { message: 'must have at most 500 characters' })
  title!: string;

  @Field(() => [String], { description: `What can be chosen, 2 to ${MAX_OPTIONS}, all different, each of 1 to 200 characters.` })
  @ArrayMinSize(2, { message: 'must be at least 2' })
  @ArrayMaxSize(MAX_OPTIONS, { message: `must be at most ${MAX_OPTIONS}` })
  @ArrayUnique((option: string) => option.trim(), { message: 'must be different' })
  @Matches(NOT_BLANK, { ...BLANK, each: true })
  @MaxLength(200, { message: 'must have at most 200 characters each', each: true })
  options!: string[];

  @Field(() => Int, { defaultValue: 1, description: 'How many of them one person may choose.' })
  @Min(1, { message: 'must be at least 1' })
  @Max(MAX_OPTIONS, { message: `must be at most ${MAX_OPTIONS}` })
  maxChoices!: number;

  @Field({ defaultValue: true, description: 'Whether nobody is told who chose what.' })
  anonymous!: boolean;

  @Field(() => PollResultsVisibility, {
    defaultValue: PollResultsVisibility.ALWAYS,
    description: 'Who knows what the votes come to, and when.',
  })
  resultsVisibility!: PollResultsVisibility;

  @Field({ defaultValue: true, description: 'Whether it is opened at once; otherwise it is a draft.' })
  open!: boolean;

  @Field(() => String, { nullable: true, description: 'Drawn by the client, 1 to 64 characters.' })
  @IsOptional()
  @Length(1, 64, { message: 'must have 1 to 64 characters' })
  clientId?: string | null;
}

@InputType({ description: 'Which poll.' })
export class PollInput {
  @Field(() => ID, { description: POLL_ID })
  pollId!: string;
}

@InputType({ description: "What the caller's vote in a poll is to be." })
export class VotePollInput {
  @Field(() => ID, { description: POLL_ID })
  pollId!: string;

  @Field(() => [ID], { description: 'What is chosen, in place of what was before; none takes the vote back.' })
  @ArrayMaxSize(MAX_OPTIONS, { message: `must be at most ${MAX_OPTIONS}` })
  optionIds!: string[];
}
