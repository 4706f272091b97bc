import { createUnionType, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime, JsonScalar } from '../../graphql/scalars';
import { placeOf, StreamEventBase, StreamOpened, toStreamOpened } from '../../graphql/stream-event';
import type { Json, StreamItem } from '../../realtime/event';
import type { IceServerRecord } from './ice-servers';
import { SignalType } from './signal-payload';
import { signalSent } from './signal.events';

registerEnumType(SignalType, {
  name: 'SignalType',
  description: 'What a signal is for, and so what its payload holds.',
  valuesConfig: {
    OFFER: { description: '`{sdp}`: begins a negotiation.' },
    ANSWER: { description: '`{sdp}`: answers an offer.' },
    ICE_CANDIDATE: { description: '`{candidate, sdpMid, sdpMLineIndex}` or a list of at most 100 of them.' },
    ICE_RESTART: { description: '`{sdp}`: an offer with new ICE credentials. Without `sdp` it asks the other side for one.' },
    RENEGOTIATE: { description: '`{sdp}`: an offer for changed media. Without `sdp` it asks the other side for one.' },
    END: { description: '`{}` or `{reason}`: the connection is over.' },
    SCREEN_SHARE_STARTED: { description: 'An object; what it says is between the peers.' },
    SCREEN_SHARE_STOPPED: { description: 'An object; what it says is between the peers.' },
    MUTE_STATE: { description: '`{audio, video}`: true is muted.' },
    BANDWIDTH: {
      description: '`{maxBitrateKbps}` and more: what the sender of it can receive. The server sends it by what reportQuality was told.',
    },
  },
});

@ObjectType({ description: 'A signaling message from one peer to another.' })
export class Signal {
  @Field(() => ID, { description: 'The attendee who sent it; set by the server.' })
  from!: string;

  @Field(() => ID, { nullable: true, description: 'The attendee it was addressed to; null when to everybody.' })
  to!: string | null;

  @Field(() => String, { nullable: true, description: "The sender's device, as it calls itself." })
  fromPeer!: string | null;

  @Field(() => String, { nullable: true, description: 'The one device it was addressed to; null when to every one.' })
  toPeer!: string | null;

  @Field(() => SignalType, { description: 'What it is for.' })
  type!: SignalType;

  @Field(() => JsonScalar, { description: 'What it carries, as the sender wrote it and the server checked it.' })
  payload!: Json;

  @Field(() => DateTime, { description: 'When it was sent.' })
  sentAt!: Date;
}

@ObjectType({ implements: StreamEventBase, description: "A signal came into the caller's inbox." })
export class SignalReceived extends StreamEventBase {
  @Field(() => Signal, { description: 'The signal.' })
  signal!: Signal;
}

export const SignalEvent = createUnionType({
  name: 'SignalEvent',
  description: 'What comes into an inbox, in order.',
  types: () => [StreamOpened, SignalReceived] as const,
});

export function toSignalEvent(item: StreamItem): typeof SignalEvent {
  if (item.kind === 'opened') return toStreamOpened(item);
  const { event } = item;
  const { from, to, fromPeer, toPeer, type, payload } = signalSent.read(event);
  const signal = Object.assign(new Signal(), { from, to, fromPeer, toPeer, type, payload, sentAt: event.at });
  return Object.assign(new SignalReceived(), placeOf(event), { signal });
}

@ObjectType({ description: 'What became of a signal.' })
export class SendSignalPayload {
  @Field({ description: 'Whether all who were addressed listen now. Otherwise it waits in their inboxes for a minute.' })
  delivered!: boolean;
}

@ObjectType({ description: 'What became of many signals.' })
export class SendSignalsPayload {
  @Field(() => [ID], { description: 'Those addressed who do not listen now: theirs wait in their inboxes for a minute.' })
  waiting!: string[];
}

@ObjectType({ description: 'One entry for `RTCConfiguration.iceServers`.' })
export class IceServer {
  @Field(() => [String], { description: 'Where it is: `stun:` and `turn:` URLs.' })
  urls!: string[];

  @Field(() => String, { nullable: true, description: 'TURN only: valid until `expiresAt`.' })
  username!: string | null;

  @Field(() => String, { nullable: true, description: 'TURN only: the password to the user name.' })
  credential!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'TURN only: when the credential ends; ask again before.' })
  expiresAt!: Date | null;
}

export function toIceServer(record: IceServerRecord): IceServer {
  return Object.assign(new IceServer(), record);
}
