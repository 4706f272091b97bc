import { ArrayMaxSize, IsOptional, Matches } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
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

@InputType({ description: 'One member of a channel.' })
export class ChannelMemberInput {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field(() => ID, { description: 'The user.' })
  userId!: string;
}
