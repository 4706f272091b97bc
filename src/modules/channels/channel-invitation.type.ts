import { Field, ID, ObjectType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import type { ChannelInvitationRecord } from './channel-invitation.repository';
import { ChannelType } from './channel.repository';
import { Sender, toSender } from './sender.type';

@ObjectType({ description: 'A channel that the caller may become a member of: `joinChannel`.' })
export class ChannelInvitation {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field({ description: 'Its name.' })
  name!: string;

  @Field(() => ChannelType, { description: 'Who writes in it.' })
  type!: ChannelType;

  @Field(() => Sender, { description: 'Who invited.' })
  inviter!: Sender;

  @Field(() => DateTime, { description: 'When.' })
  createdAt!: Date;
}

export function toChannelInvitation({
  channelId,
  name,
  type,
  inviterId,
  inviterName,
  createdAt,
}: ChannelInvitationRecord): ChannelInvitation {
  const inviter = toSender({ id: inviterId, displayName: inviterName });
  return Object.assign(new ChannelInvitation(), { channelId, name, type, inviter, createdAt });
}

const { EdgeType, ConnectionType } = connectionTypes('ChannelInvitation', () => ChannelInvitation);

@ObjectType({ description: 'A page of invitations, newest first.' })
export class ChannelInvitationConnection extends ConnectionType {}

export { EdgeType as ChannelInvitationEdge };
