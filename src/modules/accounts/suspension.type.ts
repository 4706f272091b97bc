import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import type { SuspensionRecord } from '../users';
import { toUser, User } from '../users';

@ObjectType({ description: 'An account that was suspended or reinstated.' })
export class SuspensionPayload {
  @Field(() => User, { description: 'Whose account it is.' })
  user!: User;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is suspended; null when it is not.' })
  suspendedAt!: Date | null;
}

export function toSuspensionPayload(user: SuspensionRecord): SuspensionPayload {
  return Object.assign(new SuspensionPayload(), { user: toUser(user), suspendedAt: user.suspendedAt });
}
