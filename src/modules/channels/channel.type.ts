import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import type { ChannelPlace } from './channel-access';
import { ChannelType } from './channel.repository';
import type { ChannelRecord } from './channel.repository';

registerEnumType(ChannelType, {
  name: 'ChannelType',
  description: 'Who writes in a channel.',
  valuesConfig: {
    PRIVATE: { description: 'Its members, who were named one by one.' },
    SHARED: { description: "All its members: several parties, or a session's attendees." },
    BROADCAST: { description: 'Its owner alone; its members read.' },
  },
});

@ObjectType({ implements: NodeBase, description: 'A durable conversation, visible to its members only. Each session has one of its own.' })
export class Channel extends NodeBase {
  @Field({ description: '`scope:entity:id`, unique in its organization.' })
  name!: string;

  @Field(() => ChannelType, { description: 'Who writes in it.' })
  type!: ChannelType;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  /** The caller's place in it, where this answer has looked it up already; no field of the schema. */
  place?: ChannelPlace;
}

const { EdgeType, ConnectionType } = connectionTypes('Channel', () => Channel);

@ObjectType({ description: 'A page of channels, newest first.' })
export class ChannelConnection extends ConnectionType {}

export { EdgeType as ChannelEdge };

@ObjectType({ description: 'A channel that was made or changed.' })
export class ChannelPayload {
  @Field(() => Channel, { description: 'The channel.' })
  channel!: Channel;
}

export function toChannel({ id, name, type, createdAt }: ChannelRecord, place?: ChannelPlace): Channel {
  return Object.assign(new Channel(), { id, name, type, createdAt, place });
}

export function toChannelPayload(channel: ChannelRecord): ChannelPayload {
  return Object.assign(new ChannelPayload(), { channel: toChannel(channel) });
}
