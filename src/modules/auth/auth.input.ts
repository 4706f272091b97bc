import { IsByteLength, IsEmail, IsOptional, Matches, MaxLength, MinLength } from 'class-validator';
import { Field, InputType } from 'type-graphql';

const NOT_BLANK = /\S/;

@InputType({ description: 'A new account.' })
export class RegisterInput {
  @Field({ description: 'To sign in with; one account per address. Upper and lower case are the same.' })
  @IsEmail({}, { message: 'is not an e-mail address' })
  @MaxLength(254, { message: 'must have at most 254 characters' })
  email!: string;

  @Field({ description: '8 to 128 characters (at most 256 bytes), any characters.' })
  @MinLength(8, { message: 'must have at least 8 characters' })
  @MaxLength(128, { message: 'must have at most 128 characters' })
  @IsByteLength(0, 256, { message: 'must have at most 256 bytes' })
  password!: string;

  @Field({ description: 'The name others see, 1 to 80 characters.' })
  @Matches(NOT_BLANK, { message: 'must not be empty' })
  @MaxLength(80, { message: 'must have at most 80 characters' })
  displayName!: string;
}

@InputType({ description: 'What a person signs in with.' })
export class LoginInput {
  @Field({ description: 'The address the account was registered with.' })
  @MaxLength(254, { message: 'must have at most 254 characters' })
  email!: string;

  @Field({ description: 'The password.' })
  @MaxLength(128, { message: 'must have at most 128 characters' })
  password!: string;
}

@InputType({ description: 'The token that keeps a sign-in alive.' })
export class RefreshTokensInput {
  @Field({ description: 'The newest refresh token of this sign-in. It can be used once; a second use ends the sign-in.' })
  @MaxLength(128, { message: 'is not a refresh token' })
  refreshToken!: string;
}

@InputType({ description: 'A new password for the one in use.' })
export class ChangePasswordInput {
  @Field(() => String, { nullable: true, description: 'The password in use. Left out only by an account that has none.' })
  @IsOptional()
  @MaxLength(128, { message: 'must have at most 128 characters' })
  currentPassword?: string | null;

  @Field({ description: '8 to 128 characters (at most 256 bytes), any characters.' })
  @MinLength(8, { message: 'must have at least 8 characters' })
  @MaxLength(128, { message: 'must have at most 128 characters' })
  @IsByteLength(0, 256, { message: 'must have at most 256 bytes' })
  newPassword!: string;
}
