import { MaxLength } from 'class-validator';
import { Field, InputType } from 'type-graphql';

@InputType({ description: 'What keeps an open connection open.' })
export class RenewConnectionInput {
  @Field({ description: 'A fresher access token of the same sign-in, or attendee token of the same attendee.' })
  @MaxLength(2_048, { message: 'is not a token' })
  accessToken!: string;
}
