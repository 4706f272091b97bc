import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import type { ListedMember } from './channel-directory.service';
import { ChannelRole } from './channel.repository';
import { Sender, toSender } from './sender.type';

registerEnumType(ChannelRole, {
  name: 'ChannelRole',
  description: 'What somebody is in a channel.',
  valuesConfig: {
    OWNER: { description: 'Has the say in it; there is always one.' },
    MEMBER: { description: 'Belongs to it.' },
  },
});

@ObjectType({ description: 'Somebody who belongs to a channel.' })
export class ChannelMember {
  @Field(() => Sender, { description: 'Who.' })
  member!: Sender;

  @Field(() => ChannelRole, { description: 'What they are in it.' })
  role!: ChannelRole;

  @Field({ description: 'Whether they follow something in it now, or have polled it a moment ago, wherever.' })
  online!: boolean;

  @Field(() => DateTime, { description: 'Since when they belong to it.' })
  joinedAt!: Date;
}

export function toChannelMember({ userId, displayName, role, online, joinedAt }: ListedMember): ChannelMember {
  return Object.assign(new ChannelMember(), { member: toSender({ id: userId, displayName }), role, online, joinedAt });
}

const { EdgeType, ConnectionType } = connectionTypes('ChannelMember', () => ChannelMember);
export { EdgeType as ChannelMemberEdge };

@ObjectType({ description: "A page of a channel's members." })
export class ChannelMemberConnection extends ConnectionType {
  @Field(() => Int, { description: 'How many belong to it.' })
  totalCount!: number;

  @Field(() => Int, { description: 'How many of them are connected now.' })
  onlineCount!: number;
}
