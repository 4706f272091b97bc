import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import { ChannelType } from '../channels';
import { MAX_UNREAD } from './message.repository';
import { MAX_LAGGARDS, MAX_RATE } from './monitor.repository';
import type { ChannelActivityRecord } from './monitor.service';

@ObjectType({ description: 'What goes on in a channel, in numbers; nothing of what is written in it.' })
export class ChannelActivity {
  @Field(() => ID, { description: 'The channel.' })
  channelId!: string;

  @Field({ description: '`scope:entity:id`.' })
  name!: string;

  @Field(() => ChannelType, { description: 'Who writes in it.' })
  type!: ChannelType;

  @Field(() => DateTime, { nullable: true, description: 'When it was archived; null while it is in use.' })
  archivedAt!: Date | null;

  @Field(() => Int, { description: 'How many members it has.' })
  memberCount!: number;

  @Field(() => Int, { description: 'How many of them are connected now.' })
  onlineCount!: number;

  @Field(() => Int, { description: `Messages of the last minute; at most ${MAX_RATE}.` })
  messagesLastMinute!: number;

  @Field(() => Int, { description: `Messages of the last hour; at most ${MAX_RATE}.` })
  messagesLastHour!: number;

  @Field(() => Int, {
    description: `The most that a member has not read, of the ${MAX_LAGGARDS} who have read least; at most ${MAX_UNREAD}.`,
  })
  backlog!: number;

  @Field(() => DateTime, { description: 'When something was last written in it, or it was made.' })
  lastActivityAt!: Date;
}

export function toChannelActivity(record: ChannelActivityRecord): ChannelActivity {
  const { id, name, type, archivedAt, members, online, lastMinute, lastHour, backlog, lastMessageAt, createdAt } = record;
  return Object.assign(new ChannelActivity(), {
    channelId: id,
    name,
    type,
    archivedAt,
    memberCount: members,
    onlineCount: online,
    messagesLastMinute: lastMinute,
    messagesLastHour: lastHour,
    backlog,
    lastActivityAt: lastMessageAt ?? createdAt,
  });
}

const { EdgeType, ConnectionType } = connectionTypes('ChannelActivity', () => ChannelActivity);

@ObjectType({ description: "A page of what goes on in an organization's channels, newest channels first." })
export class ChannelActivityConnection extends ConnectionType {}

export { EdgeType as ChannelActivityEdge };
