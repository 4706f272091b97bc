import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { NodeBase } from '../../graphql/node';
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

  /** The caller's place in it, where this answer has looked it up already; no field of the schema. */
  place?: ChannelPlace;
}

@ObjectType({ description: 'A channel that was made or changed.' })
export class ChannelPayload {
  @Field(() => Channel, { description: 'The channel.' })
  channel!: Channel;
}

export function toChannel({ id, name, type }: ChannelRecord, place?: ChannelPlace): Channel {
  return Object.assign(new Channel(), { id, name, type, place });
}

export function toChannelPayload(channel: ChannelRecord): ChannelPayload {
  return Object.assign(new ChannelPayload(), { channel: toChannel(channel) });
}
