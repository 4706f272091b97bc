import { ArrayMaxSize, ArrayNotEmpty, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import { ApiKeyScope } from './api-key.scope';

@InputType({ description: 'A new API key. It acts as the caller, in one organization.' })
export class CreateApiKeyInput {
  @Field(() => ID, { description: 'The organization it is for.' })
  organizationId!: string;

  @Field({ description: 'What it is for, 1 to 80 characters.' })
  @Matches(/\S/, { message: 'must not be empty' })
  @MaxLength(80, { message: 'must have at most 80 characters' })
  name!: string;

  @Field(() => [ApiKeyScope], { description: 'What it may do; at least one.' })
  @ArrayNotEmpty({ message: 'must not be empty' })
  @ArrayMaxSize(50, { message: 'may have at most 50 items' })
  scopes!: ApiKeyScope[];

  @Field(() => DateTime, { nullable: true, description: 'When it ends by itself; left out, it lasts until it is revoked.' })
  expiresAt?: Date | null;
}

@InputType({ description: 'An API key to end.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'The key.' })
  apiKeyId!: string;
}
