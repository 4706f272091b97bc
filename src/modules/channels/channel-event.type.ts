import { Field, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { StreamEvent } from '../../realtime/event';
import { channelChanged, memberJoined, memberLeft, ownerChanged } from './channel.events';
import type { MemberRecord } from './channel.repository';
import { Sender, toSender } from './sender.type';

@Shareable<ChannelMemberJoined>('cursor', 'at', 'member')
@ObjectType({ implements: StreamEventBase, description: 'Somebody was added to the channel.' })
export class ChannelMemberJoined extends StreamEventBase {
  @Field(() => Sender, { description: 'Who.' })
  member!: Sender;
}

@Shareable<ChannelMemberLeft>('cursor', 'at', 'member', 'reason')
@ObjectType({ implements: StreamEventBase, description: 'Somebody is no longer a member of the channel.' })
export class ChannelMemberLeft extends StreamEventBase {
  @Field(() => Sender, { description: 'Who.' })
  member!: Sender;

  @Field({ description: '`left` or `removed`.' })
  reason!: string;
}

@Shareable<ChannelOwnerChanged>('cursor', 'at', 'owner')
@ObjectType({ implements: StreamEventBase, description: 'The channel was handed over.' })
export class ChannelOwnerChanged extends StreamEventBase {
  @Field(() => Sender, { description: 'Who owns it now.' })
  owner!: Sender;
}

@Shareable<ChannelChanged>('cursor', 'at', 'archivedAt', 'slowModeSeconds')
@ObjectType({
  implements: StreamEventBase,
  description: 'The channel was archived, brought back, or given another slow mode: as it is now.',
})
export class ChannelChanged extends StreamEventBase {
  @Field(() => DateTime, { nullable: true, description: 'When it was archived; null while it is in use.' })
  archivedAt!: Date | null;

  @Field(() => Int, { description: 'How many seconds a member waits from one message to the next; 0: not at all.' })
  slowModeSeconds!: number;
}

export type MembershipEvent = ChannelMemberJoined | ChannelMemberLeft | ChannelOwnerChanged | ChannelChanged;

/** Null for an event of another room. */
export function toMembershipEvent(event: StreamEvent): MembershipEvent | null {
  if (memberJoined.is(event)) return told(new ChannelMemberJoined(), event, { member: senderOf(memberJoined.read(event).member) });
  if (channelChanged.is(event)) return told(new ChannelChanged(), event, channelChanged.read(event).state);
  if (ownerChanged.is(event)) return told(new ChannelOwnerChanged(), event, { owner: senderOf(ownerChanged.read(event).owner) });
  if (!memberLeft.is(event)) return null;
  const { member, reason } = memberLeft.read(event);
  return told(new ChannelMemberLeft(), event, { member: senderOf(member), reason });
}

function told<T extends StreamEventBase>(type: T, event: StreamEvent, fields: Partial<T>): T {
  return Object.assign(type, placeOf(event), fields);
}

function senderOf({ userId, displayName }: MemberRecord): Sender {
  return toSender({ id: userId, displayName });
}
