import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import type { UserRecord } from '../users';
import { toUser, User } from '../users';
import type { SignIn } from './sign-ins';

@ObjectType({ description: 'A sign-in: who, and the tokens that prove it.' })
export class AuthPayload {
  @Field(() => User, { description: 'Who is signed in.' })
  user!: User;

  @Field({ description: 'To send as `Authorization: Bearer …` over HTTP and in `connection_init`. Lives 15 minutes.' })
  accessToken!: string;

  @Field({ description: 'To get new tokens with, once, within 30 days.' })
  refreshToken!: string;

  @Field(() => DateTime, { description: 'When the access token expires.' })
  expiresAt!: Date;
}

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

export function toAuthPayload({ user, accessToken, refreshToken, expiresAt }: SignIn): AuthPayload {
  return Object.assign(new AuthPayload(), { user: toUser(user), accessToken, refreshToken, expiresAt });
}

export function toViewer(user: UserRecord): Viewer {
  return Object.assign(new Viewer(), {
    user: toUser(user),
    email: user.email,
    emailVerified: user.emailVerifiedAt !== null,
    profileComplete: user.profileCompletedAt !== null,
  });
}
