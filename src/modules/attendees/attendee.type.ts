import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { Viewer } from '../../lib/viewer';
import type { StreamEvent } from '../../realtime/event';
import type { SessionRecord } from '../sessions';
import { Session, toSession } from '../sessions';
import { attendeeChanged, attendeeJoined, attendeeLeft, attendeeStoppedWaiting, attendeeWaiting } from './attendee.events';
import type { AttendeeRecord } from './attendee.repository';
import { AttendeeRole, AttendeeStatus, WaitReason } from './attendee.repository';
import type { AttendeeToken, Joined } from './attendee.service';

registerEnumType(AttendeeRole, {
  name: 'AttendeeRole',
  description: 'What somebody is in a session.',
  valuesConfig: {
    HOST: { description: 'Whose conference it is. Takes no seat.' },
    PRESENTER: { description: 'Speaks, and keeps order with the host.' },
    MODERATOR: { description: 'Keeps order.' },
    ATTENDEE: { description: 'Came to listen, ask and talk.' },
    ADVISOR: { description: 'Gives advice in a call.' },
    CLIENT: { description: 'Asked for the call.' },
  },
});

registerEnumType(AttendeeStatus, {
  name: 'AttendeeStatus',
  description: 'Whether somebody is in a session.',
  valuesConfig: {
    WAITING: { description: 'Expected, or waiting for a seat.' },
    PRESENT: { description: 'In it.' },
    LEFT: { description: 'Was in it; may come again while it is not over.' },
    REMOVED: { description: 'Was sent away, or banned; may not come again until that is lifted.' },
  },
});

registerEnumType(WaitReason, {
  name: 'WaitReason',
  description: 'For what somebody waits.',
  valuesConfig: {
    ADMISSION: { description: 'In the lobby, to be let in by somebody who keeps order.' },
    SEAT: { description: 'In the line for a seat: first come, first served.' },
  },
});

@Shareable<Attendee>(
  'id',
  'displayName',
  'role',
  'status',
  'waitingFor',
  'handRaised',
  'handRaisedAt',
  'muted',
  'silenced',
  'banned',
  'joinedAt',
  'leftAt',
  'leaveReason',
)
@ObjectType({ implements: NodeBase, description: "A person's place in one session." })
export class Attendee extends NodeBase {
  @Field({ description: 'The name others see in this session.' })
  displayName!: string;

  @Field(() => AttendeeRole, { description: 'What they are in it.' })
  role!: AttendeeRole;

  @Field(() => AttendeeStatus, { description: 'Whether they are in it.' })
  status!: AttendeeStatus;

  @Field(() => WaitReason, { nullable: true, description: 'For what they are WAITING; null for who is only expected, or does not wait.' })
  waitingFor!: WaitReason | null;

  @Field({ description: 'Whether they ask to speak.' })
  handRaised!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'Since when they ask to speak: the longest comes first.' })
  handRaisedAt!: Date | null;

  @Field({ description: 'Whether somebody who keeps order has muted them: clients do not send or play what they say.' })
  muted!: boolean;

  @Field({ description: 'Whether they may not write: neither messages nor questions.' })
  silenced!: boolean;

  @Field({ description: 'Whether they were banned: REMOVED until the ban is lifted.' })
  banned!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When they last joined.' })
  joinedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When they left, if they have not come again.' })
  leftAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Why they last left: `left`, `removed`, `banned`, `lost` for who was disconnected too long, `replaced` for who joined from elsewhere, ' +
      'or `ended` for who stayed until the session was over; `denied` for who was not let in. Null for who is in it, or never was.',
  })
  leaveReason!: string | null;

  /** The whole row, for the resolvers of this and higher rooms; no field of the schema. */
  record!: AttendeeRecord;
}

export function toAttendee(record: AttendeeRecord): Attendee {
  const { id, displayName, role, status, waitingFor, handRaised, handRaisedAt, muted, silenced, joinedAt, leftAt, leaveReason } = record;
  const place = { id, displayName, role, status, waitingFor, joinedAt, leftAt, leaveReason };
  // Events of before there were bans do not tell.
  const conduct = { handRaised, handRaisedAt, muted, silenced, banned: Boolean(record.banned) };
  return Object.assign(new Attendee(), place, conduct, { record });
}

const { EdgeType, ConnectionType } = connectionTypes('Attendee', () => Attendee);

export { EdgeType as AttendeeEdge, ConnectionType as AttendeePageType };

@ObjectType({ description: "A page of a session's attendees, in the order in which they came." })
export class AttendeeConnection extends ConnectionType {
  /** What the list is of and who reads it, for `totalCount`; no field of the schema. */
  source!: { readonly session: SessionRecord; readonly reader: Viewer; readonly status: readonly AttendeeStatus[] };
}

@Shareable<AttendeeJoined>('cursor', 'at', 'attendee')
@ObjectType({ implements: StreamEventBase, description: 'Somebody came in, for the first time or again.' })
export class AttendeeJoined extends StreamEventBase {
  @Field(() => Attendee, { description: 'Who.' })
  attendee!: Attendee;
}

@Shareable<AttendeeLeft>('cursor', 'at', 'attendee', 'reason')
@ObjectType({ implements: StreamEventBase, description: 'Somebody is no longer in the session.' })
export class AttendeeLeft extends StreamEventBase {
  @Field(() => Attendee, { description: 'Who.' })
  attendee!: Attendee;

  @Field({ description: '`left`, `removed`, `banned`, `lost` or `replaced`.' })
  reason!: string;
}

@Shareable<AttendeeChanged>('cursor', 'at', 'attendee')
@ObjectType({ implements: StreamEventBase, description: 'Something about an attendee changed: as they now are.' })
export class AttendeeChanged extends StreamEventBase {
  @Field(() => Attendee, { description: 'Who.' })
  attendee!: Attendee;
}

@Shareable<AttendeeWaiting>('cursor', 'at', 'attendee')
@ObjectType({
  implements: StreamEventBase,
  description:
    'Somebody waits, to be let in or for a seat, as `waitingFor` says. For who keeps order. Ends with AttendeeJoined or AttendeeStoppedWaiting.',
})
export class AttendeeWaiting extends StreamEventBase {
  @Field(() => Attendee, { description: 'Who.' })
  attendee!: Attendee;
}

@Shareable<AttendeeStoppedWaiting>('cursor', 'at', 'attendee', 'reason')
@ObjectType({ implements: StreamEventBase, description: 'Somebody waits no longer, and has not come in. For who keeps order.' })
export class AttendeeStoppedWaiting extends StreamEventBase {
  @Field(() => Attendee, { description: 'Who.' })
  attendee!: Attendee;

  @Field({ description: '`left`, `denied`, `removed` or `banned`.' })
  reason!: string;
}

export function toAttendeeWaiting(event: StreamEvent): AttendeeWaiting {
  return Object.assign(new AttendeeWaiting(), placeOf(event), { attendee: toAttendee(attendeeWaiting.read(event).attendee) });
}

export function toAttendeeStoppedWaiting(event: StreamEvent): AttendeeStoppedWaiting {
  const { attendee, reason } = attendeeStoppedWaiting.read(event);
  return Object.assign(new AttendeeStoppedWaiting(), placeOf(event), { attendee: toAttendee(attendee), reason });
}

export function toAttendeeJoined(event: StreamEvent): AttendeeJoined {
  return Object.assign(new AttendeeJoined(), placeOf(event), { attendee: toAttendee(attendeeJoined.read(event).attendee) });
}

export function toAttendeeLeft(event: StreamEvent): AttendeeLeft {
  const { attendee, reason } = attendeeLeft.read(event);
  return Object.assign(new AttendeeLeft(), placeOf(event), { attendee: toAttendee(attendee), reason });
}

export function toAttendeeChanged(event: StreamEvent): AttendeeChanged {
  return Object.assign(new AttendeeChanged(), placeOf(event), { attendee: toAttendee(attendeeChanged.read(event).attendee) });
}

@ObjectType({ description: 'A place in a session, and the token that proves it.' })
export class JoinSessionPayload {
  @Field(() => Attendee, { description: 'The caller in this session.' })
  attendee!: Attendee;

  @Field(() => Session, { description: 'The session.' })
  session!: Session;

  @Field({ description: 'An attendee token: the bearer is this attendee, in this session only.' })
  token!: string;

  @Field(() => DateTime, { description: 'When the token expires; `renewAttendeeToken` gives a new one in time.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'A fresh attendee token.' })
export class AttendeeTokenPayload {
  @Field(() => Attendee, { description: 'Whose it is.' })
  attendee!: Attendee;

  @Field({ description: 'The token, for two hours.' })
  token!: string;

  @Field(() => DateTime, { description: 'When it expires.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'What a command on an attendee answers.' })
export class AttendeePayload {
  @Field(() => Attendee, { description: 'The attendee after the command.' })
  attendee!: Attendee;
}

/** Who was anonymous when asking is an attendee when reading the answer. */
export function toJoinSessionPayload({ attendee, session, token }: Joined): JoinSessionPayload {
  const reader: Viewer = { kind: 'guest', attendeeId: attendee.id, sessionId: session.id, expiresAt: token.expiresAt };
  return Object.assign(new JoinSessionPayload(), { attendee: toAttendee(attendee), session: toSession(session, reader), ...token });
}

export function toAttendeeTokenPayload({ attendee, token }: AttendeeToken): AttendeeTokenPayload {
  return Object.assign(new AttendeeTokenPayload(), { attendee: toAttendee(attendee), ...token });
}

export function toAttendeePayload(record: AttendeeRecord): AttendeePayload {
  return Object.assign(new AttendeePayload(), { attendee: toAttendee(record) });
}
