import { ArrayMaxSize, ArrayMinSize, IsOptional, Length, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { BLANK, MAX_BODY, NOT_BLANK, TOO_LONG } from './message.input';

export const MAX_CHANNELS = 50;
const HOW_MANY = { message: `must have 1 to ${MAX_CHANNELS} items` };

@InputType({ description: 'One text for many channels.' })
export class BroadcastMessageInput {
  @Field(() => [ID], { description: `The channels, 1 to ${MAX_CHANNELS}; one named twice counts once.` })
  @ArrayMinSize(1, HOW_MANY)
  @ArrayMaxSize(MAX_CHANNELS, HOW_MANY)
  channelIds!: string[];

  @Field({ description: `The text, 1 to ${MAX_BODY} characters; stored as written.` })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, TOO_LONG)
  body!: string;

  @Field(() => String, { nullable: true, description: 'Drawn by the client, 1 to 64 characters: in each channel a retry is harmless.' })
  @IsOptional()
  @Length(1, 64, { message: 'must have 1 to 64 characters' })
  clientId?: string | null;
}
