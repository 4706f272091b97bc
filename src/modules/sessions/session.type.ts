import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import type { StreamEvent } from '../../realtime/event';
import { sessionChanged } from './session.events';
import type { SessionRecord } from './session.repository';
import { AttendeesVisible, DuplicateIdentity, SessionEndReason, SessionKind, SessionMedium, SessionStatus } from './session.repository';

registerEnumType(SessionKind, {
  name: 'SessionKind',
  description: 'What kind of meeting it is.',
  valuesConfig: {
    CONFERENCE: { description: 'A host and many guests who join by code.' },
    CALL: { description: 'Two parties: a client and an advisor; may be paid by the minute.' },
  },
});

registerEnumType(SessionMedium, {
  name: 'SessionMedium',
  description: 'The richest way people meet in it.',
  valuesConfig: {
    CHAT: { description: 'Text only.' },
    AUDIO: { description: 'Voice.' },
    VIDEO: { description: 'Voice and picture.' },
  },
});

registerEnumType(SessionStatus, {
  name: 'SessionStatus',
  description: 'Where a session is in its life: SCHEDULED → LIVE ⇄ PAUSED → COMPLETED, or SCHEDULED → CANCELLED.',
  valuesConfig: {
    SCHEDULED: { description: 'Not begun. People may join and chat already.' },
    LIVE: { description: 'Going on.' },
    PAUSED: { description: 'Interrupted; goes on with resumeSession.' },
    COMPLETED: { description: 'Over.' },
    CANCELLED: { description: 'Called off before it began.' },
  },
});

registerEnumType(SessionEndReason, {
  name: 'SessionEndReason',
  description: 'Why a session was completed.',
  valuesConfig: {
    REQUESTED: { description: 'Somebody who runs it ended it.' },
    ORPHANED: { description: 'Nobody was connected to it any more, and nothing happened in it.' },
  },
});

registerEnumType(DuplicateIdentity, {
  name: 'DuplicateIdentity',
  description:
    'What becomes of somebody who joins again from elsewhere while they are in: the same user, or a guest with the same e-mail address.',
  valuesConfig: {
    REPLACE_OLD: { description: 'The former one leaves, with the reason `replaced`.' },
    REJECT_NEW: { description: 'The later one is refused: FAILED_PRECONDITION ALREADY_JOINED.' },
    ALLOW_MANY: { description: 'A user is in it on many devices as one attendee; guests are different people.' },
  },
});

registerEnumType(AttendeesVisible, {
  name: 'AttendeesVisible',
  description: 'Whom of the list attendees see, and hear of. Everybody sees themselves; who keeps order sees all.',
  valuesConfig: {
    EVERYBODY: { description: 'Everybody who is in it.' },
    STAFF: { description: 'Hosts, presenters and moderators.' },
    NOBODY: { description: 'Nobody: only how many there are.' },
  },
});

@Shareable<SessionSettings>(
  'questionApproval',
  'anonymousQuestions',
  'refuseDuplicates',
  'chatEnabled',
  'slowModeSeconds',
  'lobby',
  'waitingList',
  'duplicateIdentity',
  'attendeesVisible',
  'reactionEmojis',
)
@ObjectType({ description: 'What is allowed in a session; set by updateSessionSettings.' })
export class SessionSettings {
  @Field({ description: 'Whether questions wait for approval before everybody sees them and votes on them.' })
  questionApproval!: boolean;

  @Field({ description: 'Whether questions may be asked anonymously.' })
  anonymousQuestions!: boolean;

  @Field({ description: 'Whether a question is refused that the session has already: CONFLICT DUPLICATE_QUESTION names it.' })
  refuseDuplicates!: boolean;

  @Field({ description: "Whether anybody writes in the session's channel: else FAILED_PRECONDITION CHAT_OFF, also for who runs it." })
  chatEnabled!: boolean;

  @Field(() => Int, {
    description: 'Slow mode: how many seconds an attendee waits from one message to the next, who keeps order excepted. 0: not at all.',
  })
  slowModeSeconds!: number;

  @Field({ description: 'Whether who comes for the first time waits until somebody who keeps order lets them in.' })
  lobby!: boolean;

  @Field({ description: 'Whether who finds all seats taken waits for one, first come, first served.' })
  waitingList!: boolean;

  @Field(() => DuplicateIdentity, { description: 'What becomes of somebody who joins again from elsewhere.' })
  duplicateIdentity!: DuplicateIdentity;

  @Field(() => AttendeesVisible, { description: 'Whom attendees see of each other.' })
  attendeesVisible!: AttendeesVisible;

  @Field(() => [String], { description: 'With which emojis one may react in it; none: not at all.' })
  reactionEmojis!: string[];
}

@Shareable<Session>(
  'id',
  'code',
  'title',
  'description',
  'kind',
  'medium',
  'status',
  'scheduledFor',
  'startedAt',
  'endedAt',
  'endReason',
  'capacity',
  'attendeeCount',
  'settings',
)
@ObjectType({ implements: NodeBase, description: 'A live session: a conference or a call.' })
export class Session extends NodeBase {
  @Field({ description: 'What a guest types to join. Upper and lower case, spaces and dashes do not matter.' })
  code!: string;

  @Field({ description: 'What it is about.' })
  title!: string;

  @Field(() => String, { nullable: true, description: 'More about it.' })
  description!: string | null;

  @Field(() => SessionKind, { description: 'Conference or call.' })
  kind!: SessionKind;

  @Field(() => SessionMedium, { description: 'The richest way people meet in it.' })
  medium!: SessionMedium;

  @Field(() => SessionStatus, { description: 'Where it is in its life.' })
  status!: SessionStatus;

  @Field(() => DateTime, { nullable: true, description: 'When it is meant to begin.' })
  scheduledFor!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it first went live.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was completed or cancelled.' })
  endedAt!: Date | null;

  @Field(() => SessionEndReason, { nullable: true, description: 'Why it was completed; null while it is not.' })
  endReason!: SessionEndReason | null;

  @Field(() => Int, { description: 'How many seats there are; the host takes none.' })
  capacity!: number;

  @Field(() => Int, { description: 'How many seats are taken: attendees who are present, the host not counted.' })
  attendeeCount!: number;

  @Field(() => SessionSettings, { description: 'What is allowed in it.' })
  settings!: SessionSettings;

  /** The whole row, for the resolvers of this and higher rooms; no field of the schema. */
  record!: SessionRecord;

  /** Set where the answer is for somebody other than the caller was: who has just joined reads it as the attendee they became. */
  reader?: Viewer;
}

/** Whose rights count for the fields of this session. Every room's fields on `Session` ask this, never the context alone. */
export function readerOf(session: Session, context: Context): Viewer {
  return session.reader ?? context.viewer;
}

/** The request, by whoever's rights count. */
export function readingAs(reader: Viewer, context: Context): Actor {
  return { ...context, viewer: reader };
}

export function toSession(record: SessionRecord, reader?: Viewer): Session {
  const { id, code, title, description, kind, medium, status, scheduledFor, startedAt, endedAt, endReason, capacity, attendeeCount } =
    record;
  const fields = {
    id,
    code,
    title,
    description,
    kind,
    medium,
    status,
    scheduledFor,
    startedAt,
    endedAt,
    endReason,
    capacity,
    attendeeCount,
    settings: toSettings(record),
  };
  return Object.assign(new Session(), fields, { record, reader });
}

function toSettings(record: SessionRecord): SessionSettings {
  const { questionApproval, anonymousQuestions, refuseDuplicates, chatEnabled, slowModeSeconds } = record;
  const { lobby, waitingList, duplicateIdentity, attendeesVisible, reactionEmojis } = record;
  const said = { questionApproval, anonymousQuestions, refuseDuplicates, chatEnabled, slowModeSeconds };
  return Object.assign(new SessionSettings(), said, { lobby, waitingList, duplicateIdentity, attendeesVisible, reactionEmojis });
}

const { EdgeType, ConnectionType } = connectionTypes('Session', () => Session);

@ObjectType({ description: 'A page of sessions, newest first.' })
export class SessionConnection extends ConnectionType {}

export { EdgeType as SessionEdge };

@Shareable<SessionChanged>('cursor', 'at', 'session')
@ObjectType({
  implements: StreamEventBase,
  description:
    'The session was created, edited or moved along its life: as it now is. Once it is COMPLETED or CANCELLED, whoever was PRESENT has left with it: no AttendeeLeft tells it of each.',
})
export class SessionChanged extends StreamEventBase {
  @Field(() => Session, { description: 'The session after the change.' })
  session!: Session;
}

export function toSessionChanged(event: StreamEvent): SessionChanged {
  return Object.assign(new SessionChanged(), placeOf(event), { session: toSession(sessionChanged.read(event).session) });
}

@ObjectType({ description: 'What a command on a session answers.' })
export class SessionPayload {
  @Field(() => Session, { description: 'The session after the command.' })
  session!: Session;
}

@ObjectType({ description: 'What ending a session answers.' })
export class EndSessionPayload {
  @Field(() => Session, { description: 'The session, completed.' })
  session!: Session;
}

export function toSessionPayload(record: SessionRecord): SessionPayload {
  return Object.assign(new SessionPayload(), { session: toSession(record) });
}

export function toEndSessionPayload(record: SessionRecord): EndSessionPayload {
  return Object.assign(new EndSessionPayload(), { session: toSession(record) });
}
