import { Length, Max, Min } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { BlockedKind } from './abuse.policy';

const MONTH_MINUTES = 31 * 24 * 60;

@InputType({ description: 'Whom to keep out, and for how long.' })
export class BlockInput {
  @Field(() => BlockedKind, { description: 'What `value` is.' })
  kind!: BlockedKind;

  @Field({ description: 'An id, or a network address.' })
  @Length(1, 64)
  value!: string;

  @Field(() => Int, { description: `For how many minutes, 1 to ${MONTH_MINUTES}.` })
  @Min(1)
  @Max(MONTH_MINUTES)
  minutes!: number;

  @Field({ description: 'Why, for other administrators; at most 200 characters.' })
  @Length(1, 200)
  reason!: string;
}

@InputType({ description: 'Which block to lift.' })
export class UnblockInput {
  @Field(() => ID, { description: 'Of the block.' })
  id!: string;
}
