import { createUnionType, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import { placeOf, StreamEventBase, StreamOpened, toStreamOpened } from '../../graphql/stream-event';
import type { StreamItem } from '../../realtime/event';
import { qualityChanged } from './quality.events';
import type { QualityRecord } from './quality.repository';
import { ConnectionState, QualityBand } from './quality.repository';

registerEnumType(ConnectionState, {
  name: 'ConnectionState',
  description: "A connection's state, as `RTCPeerConnection.connectionState` has it.",
  valuesConfig: {
    NEW: { description: 'Not begun.' },
    CONNECTING: { description: 'Being made.' },
    CONNECTED: { description: 'There.' },
    DISCONNECTED: { description: 'Interrupted; may come back by itself.' },
    FAILED: { description: 'Lost: needs an ICE restart.' },
    CLOSED: { description: 'Ended, or given up.' },
  },
});

registerEnumType(QualityBand, {
  name: 'QualityBand',
  description: 'How good a connection is.',
  valuesConfig: {
    EXCELLENT: { description: 'A score from 4.2.' },
    GOOD: { description: 'A score from 3.8.' },
    FAIR: { description: 'A score from 3.1.' },
    POOR: { description: 'A score below.' },
    LOST: { description: 'Not connected any more.' },
  },
});

@ObjectType({ description: 'How well one attendee receives another, by their own last report.' })
export class ConnectionQuality {
  @Field(() => ID, { description: 'Who reports.' })
  attendeeId!: string;

  @Field(() => ID, { nullable: true, description: 'The attendee at the other end; null for the media server.' })
  remoteId!: string | null;

  @Field(() => ConnectionState, { description: "The connection's state." })
  state!: ConnectionState;

  @Field(() => Float, {
    nullable: true,
    description: 'The mean opinion score, 1 to 4.4, smoothed over the reports; null while nothing is received.',
  })
  score!: number | null;

  @Field(() => QualityBand, { nullable: true, description: 'What the score comes to; null until it was once connected.' })
  band!: QualityBand | null;

  @Field(() => Float, { description: 'The round trip in milliseconds.' })
  rttMs!: number;

  @Field(() => Float, { description: 'How many packets were lost, in percent.' })
  lossPercent!: number;

  @Field(() => Float, { description: 'The jitter in milliseconds.' })
  jitterMs!: number;

  @Field(() => Float, { description: 'What is received, in kilobits a second.' })
  bitrateKbps!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'The most that the other end was told to send, in kilobits a second; null: as it likes.',
  })
  hintKbps!: number | null;

  @Field(() => DateTime, { description: 'When it was reported.' })
  reportedAt!: Date;
}

export function toConnectionQuality({ remoteId, sessionId: _, clearReports: __, ...record }: QualityRecord): ConnectionQuality {
  return Object.assign(new ConnectionQuality(), record, { remoteId: remoteId === '' ? null : remoteId });
}

const { EdgeType, ConnectionType } = connectionTypes('ConnectionQuality', () => ConnectionQuality);

@ObjectType({ description: 'A page of connections, in the order of their ids.' })
export class ConnectionQualityConnection extends ConnectionType {}

export { EdgeType as ConnectionQualityEdge };

@ObjectType({ implements: StreamEventBase, description: 'A connection has come into another band.' })
export class QualityChanged extends StreamEventBase {
  @Field(() => ConnectionQuality, { description: 'The connection as it now is.' })
  quality!: ConnectionQuality;
}

export const QualityEvent = createUnionType({
  name: 'QualityEvent',
  description: 'What changes about the connections of a session, in order.',
  types: () => [StreamOpened, QualityChanged] as const,
});

export function toQualityEvent(item: StreamItem): typeof QualityEvent {
  if (item.kind === 'opened') return toStreamOpened(item);
  const quality = toConnectionQuality(qualityChanged.read(item.event).quality);
  return Object.assign(new QualityChanged(), placeOf(item.event), { quality });
}

@ObjectType({ description: 'What a report comes to.' })
export class ReportQualityPayload {
  @Field(() => ConnectionQuality, { description: 'The connection with this report.' })
  quality!: ConnectionQuality;
}
