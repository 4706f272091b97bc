import { Field, ID, InputType } from 'type-graphql';
import { JsonScalar } from '../../graphql/scalars';
import { SignalType } from './signal-payload';

@InputType({
  description:
    'payload: `{sdp}` for OFFER, ANSWER, RENEGOTIATE, ICE_RESTART; `{candidate, sdpMid, sdpMLineIndex}` or a list of them for ICE_CANDIDATE; ' +
    '`{}` or `{reason}` for END. At most 64 kB.',
})
export class SendSignalInput {
  @Field(() => ID, { description: 'The session, LIVE or PAUSED.' })
  sessionId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'A present attendee of the session; left out by who presents: to everybody else; in a call: to the other.',
  })
  to?: string | null;

  @Field(() => SignalType, { description: 'What it is for.' })
  type!: SignalType;

  @Field(() => JsonScalar, { description: 'What it carries; checked by its type.' })
  payload!: unknown;
}
