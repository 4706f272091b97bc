import { Field, ObjectType } from 'type-graphql';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import type { UserRecord } from './user.repository';

@ObjectType({ implements: NodeBase, description: 'A person with an account, as others see them.' })
export class User extends NodeBase {
  @Field({ description: 'The name others see.' })
  displayName!: string;

  @Field(() => DateTime, { description: 'When the account was made.' })
  createdAt!: Date;
}

export function toUser({ id, displayName, createdAt }: UserRecord): User {
  return Object.assign(new User(), { id, displayName, createdAt });
}
