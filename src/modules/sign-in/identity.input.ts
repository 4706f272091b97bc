import { IsOptional, Matches, MaxLength, MinLength } from 'class-validator';
import { Field, InputType } from 'type-graphql';

const SECRET_LENGTH = 128;

@InputType({ description: 'The code that a page was sent back with after signing in with a provider.' })
export class ExchangeSignInCodeInput {
  @Field({ description: 'The `code` of the fragment. It works once, within a minute.' })
  @MaxLength(SECRET_LENGTH, { message: 'is not a sign-in code' })
  code!: string;

  @Field(() => String, { nullable: true, description: 'What `challenge` was made of; required if, and only if, one was given.' })
  @IsOptional()
  @MaxLength(SECRET_LENGTH, { message: 'must have at most 128 characters' })
  verifier?: string | null;
}

@InputType({ description: 'The code that a page was sent back with, to link what it stands for to the caller.' })
export class LinkIdentityInput {
  @Field({ description: 'The `code` of the fragment, from a sign-in begun with `delivery=link`. It works once, within a minute.' })
  @MaxLength(SECRET_LENGTH, { message: 'is not a sign-in code' })
  code!: string;

  @Field({ description: 'What `challenge` was made of.' })
  @MaxLength(SECRET_LENGTH, { message: 'must have at most 128 characters' })
  verifier!: string;
}

@InputType({ description: 'Which linked identity to let go of.' })
export class UnlinkIdentityInput {
  @Field({ description: 'The name of its provider, as in `linkedIdentities`.' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(32, { message: 'must have at most 32 characters' })
  @Matches(/^[a-z0-9-]+$/, { message: 'is not the name of a provider' })
  provider!: string;
}
