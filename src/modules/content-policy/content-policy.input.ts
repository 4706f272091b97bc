import { ArrayMaxSize, IsOptional, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { LinkPolicy } from './content-policy.repository';

const MAX_WORDS = 500;
const TOO_MANY_WORDS = { message: `must be at most ${MAX_WORDS}` };
/** At least two letters or digits: single ones would be found everywhere. */
const A_WORD = /[\p{L}\p{N}].*[\p{L}\p{N}]/u;
const NO_WORD = { message: 'must have at least two letters each', each: true };
const WORD_LENGTH = { message: 'must have at most 60 characters each', each: true };
const WORDS = 'Whole words, at most 500 of at most 60 characters; with `*` at its end a word may go on. They replace those before.';

@InputType({ description: 'Changes to what an organization lets be written in its sessions and channels. What is left out stays.' })
export class UpdateContentPolicyInput {
  @Field(() => ID, { description: 'The organization.' })
  organizationId!: string;

  @Field(() => [String], { nullable: true, description: `What is refused. ${WORDS}` })
  @IsOptional()
  @ArrayMaxSize(MAX_WORDS, TOO_MANY_WORDS)
  @MaxLength(60, WORD_LENGTH)
  @Matches(A_WORD, NO_WORD)
  refusedWords?: string[] | null;

  @Field(() => [String], { nullable: true, description: `What is held until a moderator approves. ${WORDS}` })
  @IsOptional()
  @ArrayMaxSize(MAX_WORDS, TOO_MANY_WORDS)
  @MaxLength(60, WORD_LENGTH)
  @Matches(A_WORD, NO_WORD)
  heldWords?: string[] | null;

  @Field(() => LinkPolicy, { nullable: true, description: 'What becomes of what links elsewhere.' })
  links?: LinkPolicy | null;

  @Field(() => [String], { nullable: true, description: 'To which hosts, and those below them, one may link all the same; at most 200.' })
  @IsOptional()
  @ArrayMaxSize(200, { message: 'must be at most 200' })
  @MaxLength(253, { message: 'must have at most 253 characters each', each: true })
  @Matches(/^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u, { message: 'must be names of hosts', each: true })
  allowedHosts?: string[] | null;
}
