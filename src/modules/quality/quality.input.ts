import { Max, Min } from 'class-validator';
import { Field, Float, ID, InputType } from 'type-graphql';
import { ConnectionState } from './quality.repository';

const MAX_MS = 60_000;
const MAX_KBPS = 10_000_000;
const NOT_MS = { message: 'must be from 0 to 60,000' };
const NOT_PERCENT = { message: 'must be from 0 to 100' };
const NOT_KBPS = { message: 'must be from 0 to 10,000,000' };

@InputType({
  description:
    'What the caller has measured of a connection since the last report: from `RTCPeerConnection.getStats()`, every few seconds.',
})
export class ReportQualityInput {
  @Field(() => ID, { description: 'The session, LIVE or PAUSED.' })
  sessionId!: string;

  @Field(() => ID, { nullable: true, description: 'The attendee at the other end; left out: the media server.' })
  remoteId?: string | null;

  @Field(() => ConnectionState, { description: "The connection's state." })
  state!: ConnectionState;

  @Field(() => Float, { defaultValue: 0, description: 'The round trip in milliseconds, 0 to 60,000.' })
  @Min(0, NOT_MS)
  @Max(MAX_MS, NOT_MS)
  rttMs!: number;

  @Field(() => Float, { defaultValue: 0, description: 'How many of the packets for the caller were lost, 0 to 100.' })
  @Min(0, NOT_PERCENT)
  @Max(100, NOT_PERCENT)
  lossPercent!: number;

  @Field(() => Float, { defaultValue: 0, description: 'The jitter in milliseconds, 0 to 60,000.' })
  @Min(0, NOT_MS)
  @Max(MAX_MS, NOT_MS)
  jitterMs!: number;

  @Field(() => Float, { defaultValue: 0, description: 'What the caller receives, in kilobits a second, up to 10,000,000.' })
  @Min(0, NOT_KBPS)
  @Max(MAX_KBPS, NOT_KBPS)
  bitrateKbps!: number;
}
