import { ArrayMaxSize, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { MAX_SLOW_MODE_SECONDS, SLOW_MODE_RANGE } from '../sessions';
import { CHANNEL_NAME } from './channel-name';
import { ChannelType } from './channel.repository';

@InputType({ description: 'A new channel. The caller owns it.' })
export class CreateChannelInput {
  @Field(() => ID, { nullable: true, description: "Whose it is: an organization the caller belongs to. The caller's own when left out." })
  organizationId?: string | null;

  @Field({ description: '`scope:entity:id`; each part has 1 to 63 of a–z, 0–9, `.`, `_` and `-`, and begins with a letter or digit.' })
  @Matches(CHANNEL_NAME, { message: 'must have the form scope:entity:id' })
  name!: string;

  @Field(() => ChannelType, { defaultValue: ChannelType.PRIVATE, description: 'Who writes in it.' })
  type!: ChannelType;

  @Field(() => [ID], { nullable: true, description: 'Users who are members from the start, besides the caller; at most 100.' })
  @IsOptional()
  @ArrayMaxSize(100, { message: 'may have at most 100 items' })
  memberIds?: string[] | null;
}

@InputType({ description: 'Which channels to list; what is left out does not matter.' })
export class ChannelFilter {
  @Field(() => ID, { nullable: true, description: 'Of this organization.' })
  organizationId?: string | null;

  @Field(() => ChannelType, { nullable: true, description: 'Of this type.' })
  type?: ChannelType | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Only archived ones, or only those in use; null: either.' })
  archived?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Whose name begins like this, e.g. `support:`; at most 191 characters.' })
  @IsOptional()
  @MaxLength(191, { message: 'must have at most 191 characters' })
  namePrefix?: string | null;
}

@InputType({ description: 'How a channel is to be used.' })
export class UpdateChannelSettingsInput {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field(() => Int, { description: 'Slow mode: how many seconds a member waits from one message to the next, 0 to 3,600. 0: not at all.' })
  @Min(0, SLOW_MODE_RANGE)
  @Max(MAX_SLOW_MODE_SECONDS, SLOW_MODE_RANGE)
  slowModeSeconds!: number;
}

@InputType({ description: 'One member of a channel.' })
export class ChannelMemberInput {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field(() => ID, { description: 'The user.' })
  userId!: string;
}
