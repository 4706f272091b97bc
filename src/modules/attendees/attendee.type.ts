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
import { attendeeChanged, attendeeJoined, attendeeLeft } from './attendee.events';
import type { AttendeeRecord } from './attendee.repository';
import { AttendeeRole, AttendeeStatus } from './attendee.repository';
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

@Shareable<Attendee>('id', 'displayName', 'role', 'status', 'handRaised', 'banned', 'joinedAt', 'leftAt', 'leaveReason')
@ObjectType({ implements: NodeBase, description: "A person's place in one session." })
export class Attendee extends NodeBase {
  @Field({ description: 'The name others see in this session.' })
  displayName!: string;

  @Field(() => AttendeeRole, { description: 'What they are in it.' })
  role!: AttendeeRole;

  @Field(() => AttendeeStatus, { description: 'Whether they are in it.' })
  status!: AttendeeStatus;

  @Field({ description: 'Whether they ask to speak.' })
  handRaised!: boolean;

  @Field({ description: 'Whether they were banned: REMOVED until the ban is lifted.' })
  banned!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When they last joined.' })
  joinedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When they left, if they have not come again.' })
  leftAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Why they last left: `left`, `removed`, or `ended` for who stayed until the session was over. Null for who is in it, or never was.',
  })
  leaveReason!: string | null;
}

export function toAttendee({ id, displayName, role, status, handRaised, banned, joinedAt, leftAt, leaveReason }: AttendeeRecord): Attendee {
  // Events of before there were bans do not tell.
  const isBanned = Boolean(banned);
  return Object.assign(new Attendee(), { id, displayName, role, status, handRaised, banned: isBanned, joinedAt, leftAt, leaveReason });
}

const { EdgeType, ConnectionType } = connectionTypes('Attendee', () => Attendee);

export { EdgeType as AttendeeEdge };

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

  @Field({ description: '`left` or `removed`.' })
  reason!: string;
}

@Shareable<AttendeeChanged>('cursor', 'at', 'attendee')
@ObjectType({ implements: StreamEventBase, description: 'Something about an attendee changed: as they now are.' })
export class AttendeeChanged extends StreamEventBase {
  @Field(() => Attendee, { description: 'Who.' })
  attendee!: Attendee;
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
