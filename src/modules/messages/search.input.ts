import { IsOptional, Matches, MaxLength } from 'class-validator';
import { ArgsType, Field, ID, Int } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';

export const MAX_QUERY = 200;

@ArgsType()
export class SearchArgs {
  @Field({
    description:
      `Words that all must be there, 1 to ${MAX_QUERY} characters; "…" for a phrase, \`or\` between alternatives, \`-\` before what must not be there. ` +
      'Whole words, upper and lower case alike, in any language.',
  })
  @Matches(/\S/, { message: 'must not be empty' })
  @MaxLength(MAX_QUERY, { message: `must have at most ${MAX_QUERY} characters` })
  query!: string;

  @Field(() => ID, { nullable: true, description: 'Only what this one wrote: the id of a `Sender`.' })
  @IsOptional()
  senderId?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only what was written at this time or later.' })
  @IsOptional()
  since?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Only what was written before this time.' })
  @IsOptional()
  until?: Date | null;

  @Field(() => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'The cursor to go on after, of the same search.' })
  after?: string | null;
}
