import { createUnionType, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime } from '../../graphql/scalars';
import { placeOf, StreamEventBase, StreamOpened, toStreamOpened } from '../../graphql/stream-event';
import type { StreamItem } from '../../realtime/event';
import { attendeeAt, callChanged } from './call.events';
import { isAnsweredElsewhere } from './call.policy';
import type { CallRecord } from './call.repository';
import { CallEndReason, CallStatus } from './call.repository';

registerEnumType(CallStatus, {
  name: 'CallStatus',
  description: 'Where a call is in its life: RINGING → ACTIVE ⇄ HELD → ENDED.',
  valuesConfig: {
    RINGING: { description: "The callee's devices ring." },
    ACTIVE: { description: 'They talk.' },
    HELD: { description: 'One side or both let the other wait.' },
    ENDED: { description: 'Over; `endReason` tells why.' },
  },
});

registerEnumType(CallEndReason, {
  name: 'CallEndReason',
  description: 'Why a call is over.',
  valuesConfig: {
    REJECTED: { description: 'The callee did not want it, or left while it rang.' },
    BUSY: { description: 'The callee was in a call already: it never rang.' },
    CANCELLED: { description: 'The caller gave up, or left, while it rang; or the session ended.' },
    TIMEOUT: { description: 'Nobody answered in time.' },
    HUNG_UP: { description: 'One of them ended it, or left, after it was answered; or the session ended.' },
    FAILED: { description: 'Their connection was lost and did not come back.' },
  },
});

@ObjectType({ description: 'One of the two in a call.' })
export class CallParty {
  @Field(() => ID, { description: 'The attendee.' })
  attendeeId!: string;

  @Field({ description: 'Their name when the call was made.' })
  displayName!: string;

  @Field(() => String, { nullable: true, description: 'Their device in this call; of the callee null until one has answered.' })
  peerId!: string | null;

  @Field({ description: 'Whether they let the other wait.' })
  holds!: boolean;
}

@ObjectType({
  description:
    'One attendee rings another. Once it is ACTIVE the two connect by signals: the caller sends the first offer, and when both offer at ' +
    "once the caller's counts, because the callee is the polite peer.",
})
export class Call {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => ID, { description: 'The session that both are in.' })
  sessionId!: string;

  @Field(() => CallStatus, { description: 'Where it is in its life.' })
  status!: CallStatus;

  @Field(() => CallEndReason, { nullable: true, description: 'Why it is over; null while it is not.' })
  endReason!: CallEndReason | null;

  @Field(() => CallParty, { description: 'Who rings.' })
  caller!: CallParty;

  @Field(() => CallParty, { description: 'Who is rung. In negotiations the polite peer.' })
  callee!: CallParty;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'Until when it rings.' })
  ringsUntil!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was answered.' })
  answeredAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null;
}

export function toCall(record: CallRecord): Call {
  const { id, sessionId, status, endReason, createdAt, ringsUntil, answeredAt, endedAt } = record;
  const caller = partyOf(record.callerId, record.callerName, record.callerPeer, record.callerHolds);
  const callee = partyOf(record.calleeId, record.calleeName, record.calleePeer, record.calleeHolds);
  return Object.assign(new Call(), { id, sessionId, status, endReason, caller, callee, createdAt, ringsUntil, answeredAt, endedAt });
}

function partyOf(attendeeId: string, displayName: string, peerId: string | null, holds: boolean): CallParty {
  return Object.assign(new CallParty(), { attendeeId, displayName, peerId, holds });
}

const { EdgeType, ConnectionType } = connectionTypes('Call', () => Call);

@ObjectType({ description: 'A page of calls, newest first.' })
export class CallConnection extends ConnectionType {}

export { EdgeType as CallEdge };

@ObjectType({ implements: StreamEventBase, description: 'A call was made, answered, held, resumed or ended: as it now is.' })
export class CallChanged extends StreamEventBase {
  @Field(() => Call, { description: 'The call after the change.' })
  call!: Call;

  @Field({ description: "Whether another of the callee's own devices has answered: this one stops ringing." })
  answeredElsewhere!: boolean;
}

export const CallEvent = createUnionType({
  name: 'CallEvent',
  description: "What becomes of the caller's own calls, in order.",
  types: () => [StreamOpened, CallChanged] as const,
});

/** As one device of whoever's stream it is is told it. */
export function toCallEvent(item: StreamItem, peerId: string): typeof CallEvent {
  if (item.kind === 'opened') return toStreamOpened(item);
  const { call } = callChanged.read(item.event);
  const answered = isAnsweredElsewhere(call, attendeeAt(item.event.stream), peerId);
  return Object.assign(new CallChanged(), placeOf(item.event), { call: toCall(call), answeredElsewhere: answered });
}

@ObjectType({ description: 'What a command on a call answers.' })
export class CallPayload {
  @Field(() => Call, { description: 'The call after the command.' })
  call!: Call;
}

export function toCallPayload(record: CallRecord): CallPayload {
  return Object.assign(new CallPayload(), { call: toCall(record) });
}
