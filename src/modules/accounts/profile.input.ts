import { Matches, MaxLength } from 'class-validator';
import { Field, InputType } from 'type-graphql';

const NOT_BLANK = /\S/;

@InputType({ description: 'What was missing of a profile when a provider told too little.' })
export class CompleteProfileInput {
  @Field({ description: 'The name others see, 1 to 80 characters.' })
  @Matches(NOT_BLANK, { message: 'must not be empty' })
  @MaxLength(80, { message: 'must have at most 80 characters' })
  displayName!: string;
}

@InputType({ description: 'What to change of the profile.' })
export class UpdateProfileInput {
  @Field({ description: 'The name others see, 1 to 80 characters.' })
  @Matches(NOT_BLANK, { message: 'must not be empty' })
  @MaxLength(80, { message: 'must have at most 80 characters' })
  displayName!: string;
}
