import { Field, Int, ObjectType } from 'type-graphql';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';

@ObjectType({ implements: NodeBase, description: 'What a paid call cost.' })
export class Invoice extends NodeBase {
  @Field(() => Int, { description: 'The amount, in integer minor units of the currency.' })
  amountMinor!: number;

  @Field({ description: 'ISO 4217 code.' })
  currency!: string;

  @Field(() => Int, { description: 'The time charged for, by the database clock.' })
  billedSeconds!: number;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;
}
