import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
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

export function toAuthPayload({ user, accessToken, refreshToken, expiresAt }: SignIn): AuthPayload {
  return Object.assign(new AuthPayload(), { user: toUser(user), accessToken, refreshToken, expiresAt });
}
