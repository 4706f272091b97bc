import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import type { UserRecord } from '../users';
import { toUser, User } from '../users';
import type { SignIn } from './auth.service';

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
}

export function toAuthPayload({ user, ...tokens }: SignIn): AuthPayload {
  return Object.assign(new AuthPayload(), { user: toUser(user), ...tokens });
}

export function toViewer(user: UserRecord): Viewer {
  return Object.assign(new Viewer(), { user: toUser(user), email: user.email });
}
