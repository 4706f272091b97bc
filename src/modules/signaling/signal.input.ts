import { ArrayMaxSize, ArrayMinSize, IsOptional, Matches, ValidateNested } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { JsonScalar } from '../../graphql/scalars';
import { IN_BOUNDS, PEER_ID } from '../../lib/peer-id';
import { SignalType } from './signal-payload';

const SESSION = 'The session, LIVE or PAUSED.';
const MAX_SIGNALS = 100;

const PAYLOADS =
  'payload: `{sdp}` for OFFER, ANSWER, RENEGOTIATE, ICE_RESTART (of the last two also `{}` or `{reason}`, which asks the other side for one); ' +
  '`{candidate, sdpMid, sdpMLineIndex}` or a list of them for ICE_CANDIDATE; `{}` or `{reason}` for END. At most 64 kB.';
const FROM_PEER = 'The device that sends, by the name that it has drawn: answers can name it.';
const TO_PEER = 'That device of theirs alone; left out: every one.';

@InputType({ description: PAYLOADS })
export class SendSignalInput {
  @Field(() => ID, { description: SESSION })
  sessionId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'A present attendee of the session; left out by who presents: to everybody else; in a call: to the other.',
  })
  to?: string | null;

  @Field(() => String, { nullable: true, description: FROM_PEER })
  @IsOptional()
  @Matches(PEER_ID, IN_BOUNDS)
  fromPeer?: string | null;

  @Field(() => String, { nullable: true, description: TO_PEER })
  @IsOptional()
  @Matches(PEER_ID, IN_BOUNDS)
  toPeer?: string | null;

  @Field(() => SignalType, { description: 'What it is for.' })
  type!: SignalType;

  @Field(() => JsonScalar, { description: 'What it carries; checked by its type.' })
  payload!: unknown;
}

@InputType({ description: `One of many signals. ${PAYLOADS}` })
export class AddressedSignalInput {
  @Field(() => ID, { description: 'A present attendee of the session.' })
  to!: string;

  @Field(() => String, { nullable: true, description: TO_PEER })
  @IsOptional()
  @Matches(PEER_ID, IN_BOUNDS)
  toPeer?: string | null;

  @Field(() => SignalType, { description: 'What it is for.' })
  type!: SignalType;

  @Field(() => JsonScalar, { description: 'What it carries; checked by its type.' })
  payload!: unknown;
}

@InputType({ description: 'Signals of one sender to many, for who negotiates with a whole audience.' })
export class SendSignalsInput {
  @Field(() => ID, { description: SESSION })
  sessionId!: string;

  @Field(() => String, { nullable: true, description: FROM_PEER })
  @IsOptional()
  @Matches(PEER_ID, IN_BOUNDS)
  fromPeer?: string | null;

  @Field(() => [AddressedSignalInput], { description: '1 to 100 of them; those to one receiver arrive in this order.' })
  @ArrayMinSize(1, { message: 'must have 1 to 100 signals' })
  @ArrayMaxSize(MAX_SIGNALS, { message: 'must have 1 to 100 signals' })
  @ValidateNested({ each: true })
  signals!: AddressedSignalInput[];
}
