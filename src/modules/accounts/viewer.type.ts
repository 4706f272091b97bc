import { Field, ObjectType } from 'type-graphql';
import type { UserRecord } from '../users';
import { toUser, User } from '../users';

@ObjectType({ description: "The caller's own account, with what only its owner may see." })
export class Viewer {
  @Field(() => User, { description: 'The caller, as others see them.' })
  user!: User;

  @Field(() => String, { nullable: true, description: 'The address the caller signs in with.' })
  email!: string | null;

  @Field({ description: "Whether a provider vouched that the address is the caller's." })
  emailVerified!: boolean;

  @Field({ description: 'False while the name is a stand-in or the provider told no address: ask the caller, then `completeProfile`.' })
  profileComplete!: boolean;
}

export function toViewer(user: UserRecord): Viewer {
  return Object.assign(new Viewer(), {
    user: toUser(user),
    email: user.email,
    emailVerified: user.emailVerifiedAt !== null,
    profileComplete: user.profileCompletedAt !== null,
  });
}
