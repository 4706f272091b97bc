import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { NodeBase } from '../../graphql/node';
import { DateTime, JsonScalar } from '../../graphql/scalars';
import { zonedTime } from '../../lib/zoned-time';
import { Shareable } from '../../graphql/shareable';
import { placeOf, StreamEventBase } from '../../graphql/stream-event';
import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import type { StreamEvent } from '../../realtime/event';
import { metadataChanged, notesChanged, sessionChanged } from './session.events';
import type { NotesRecord } from './session-papers.repository';
import type { SessionProgress as ProgressRecord, SessionRecord } from './session.repository';
import {
  AttendeesVisible,
  DuplicateIdentity,
  MediaMode,
  PresentingRule,
  SessionEndReason,
  SessionKind,
  SessionMedium,
  SessionOrder,
  SessionStatus,
} from './session.repository';
import { SETTINGS, settingsOf } from './session-settings.repository';

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

registerEnumType(MediaMode, {
  name: 'MediaMode',
  description: 'How media goes between the people of a session.',
  valuesConfig: {
    MESH: { description: 'From each to each, by signals.' },
    SFU: { description: 'Through the media server: connect to it with a `mediaToken`.' },
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

registerEnumType(PresentingRule, {
  name: 'PresentingRule',
  description: 'Who may present: signal to all, share a screen, edit the shared lists. In a call both parties always may.',
  valuesConfig: {
    PRESENTERS: { description: 'The host and the presenters.' },
    EVERYONE: { description: 'Whoever is in the session.' },
  },
});

registerEnumType(SessionOrder, {
  name: 'SessionOrder',
  description: 'In which order sessions are listed.',
  valuesConfig: {
    NEWEST: { description: 'The last one made first.' },
    SCHEDULE: { description: 'The one meant to begin first, first; those without a time are left out.' },
  },
});

@Shareable<SessionSettings>(...SETTINGS)
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

  @Field(() => PresentingRule, { description: 'Who may present.' })
  presenting!: PresentingRule;
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
  'scheduledEndAt',
  'timeZone',
  'scheduledForLocal',
  'scheduledEndLocal',
  'startedAt',
  'endedAt',
  'endReason',
  'pausedAt',
  'pausedSeconds',
  'deletedAt',
  'ratePerMinuteMinor',
  'currency',
  'capacity',
  'attendeeCount',
  'settings',
  'mediaMode',
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

  @Field(() => DateTime, { nullable: true, description: 'When it is meant to end.' })
  scheduledEndAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'The IANA time zone in which people mean its times.' })
  timeZone!: string | null;

  @Field(() => String, {
    nullable: true,
    description: '`scheduledFor` as the clocks of `timeZone` show it, with their offset: `2027-03-28T09:30:00+02:00`.',
  })
  scheduledForLocal!: string | null;

  @Field(() => String, { nullable: true, description: 'The same of `scheduledEndAt`.' })
  scheduledEndLocal!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it first went live.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was completed or cancelled.' })
  endedAt!: Date | null;

  @Field(() => SessionEndReason, { nullable: true, description: 'Why it was completed; null while it is not.' })
  endReason!: SessionEndReason | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is PAUSED.' })
  pausedAt!: Date | null;

  @Field(() => Int, { description: 'How long it was paused in all, in whole seconds; a pause counts when it is over.' })
  pausedSeconds!: number;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Set in the last event of a session that was deleted; nobody can read it any more.',
  })
  deletedAt!: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: 'What a minute of a CALL costs, in minor units of `currency`; null: nothing was agreed.',
  })
  ratePerMinuteMinor!: number | null;

  @Field(() => String, { nullable: true, description: 'ISO 4217.' })
  currency!: string | null;

  @Field(() => Int, { description: 'How many seats there are; the host takes none.' })
  capacity!: number;

  @Field(() => Int, { description: 'How many seats are taken: attendees who are present, the host not counted.' })
  attendeeCount!: number;

  @Field(() => SessionSettings, { description: 'What is allowed in it.' })
  settings!: SessionSettings;

  @Field(() => MediaMode, {
    description: 'How to connect to the others. MESH becomes SFU when more have come than the server is set up for, and stays so.',
  })
  mediaMode!: MediaMode;

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
  const { id, code, title, description, kind, medium, status, startedAt, endedAt, endReason } = record;
  const { scheduledFor, scheduledEndAt, timeZone, pausedAt, pausedMs, deletedAt } = record;
  const { capacity, attendeeCount, mediaMode, ratePerMinuteMinor, currency } = record;
  const fields = {
    id,
    code,
    title,
    description,
    kind,
    medium,
    status,
    scheduledFor,
    scheduledEndAt,
    timeZone,
    scheduledForLocal: localTime(scheduledFor, timeZone),
    scheduledEndLocal: localTime(scheduledEndAt, timeZone),
    startedAt,
    endedAt,
    endReason,
    pausedAt,
    pausedSeconds: toSeconds(pausedMs),
    deletedAt,
    capacity,
    attendeeCount,
    ratePerMinuteMinor,
    currency,
    settings: toSettings(record),
    mediaMode,
  };
  return Object.assign(new Session(), fields, { record, reader });
}

function localTime(instant: Date | null, timeZone: string | null): string | null {
  return instant && timeZone && zonedTime(instant, timeZone);
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}

function toSettings(record: SessionRecord): SessionSettings {
  return Object.assign(new SessionSettings(), settingsOf(record));
}

const { EdgeType, ConnectionType } = connectionTypes('Session', () => Session);

@ObjectType({ description: 'A page of sessions, in the order asked for.' })
export class SessionConnection extends ConnectionType {}

export { EdgeType as SessionEdge };

@Shareable<SessionChanged>('cursor', 'at', 'session')
@ObjectType({
  implements: StreamEventBase,
  description:
    'The session was created, edited, moved along its life or deleted: as it now is, or was. Once it is COMPLETED or CANCELLED, whoever was PRESENT has left with it: no AttendeeLeft tells it of each.',
})
export class SessionChanged extends StreamEventBase {
  @Field(() => Session, { description: 'The session after the change.' })
  session!: Session;
}

export function toSessionChanged(event: StreamEvent): SessionChanged {
  return Object.assign(new SessionChanged(), placeOf(event), { session: toSession(sessionChanged.read(event).session) });
}

@Shareable<SessionMetadataChanged>('cursor', 'at', 'metadata', 'version')
@ObjectType({ implements: StreamEventBase, description: 'What an application keeps with the session was changed.' })
export class SessionMetadataChanged extends StreamEventBase {
  @Field(() => JsonScalar, { description: 'The metadata as they now are.' })
  metadata!: unknown;

  @Field(() => Int, { description: 'Their version.' })
  version!: number;
}

export function toMetadataChanged(event: StreamEvent): SessionMetadataChanged {
  return Object.assign(new SessionMetadataChanged(), placeOf(event), metadataChanged.read(event));
}

@Shareable<SessionNotesChanged>('cursor', 'at', 'version')
@ObjectType({ implements: StreamEventBase, description: 'There are newer notes; told to who may read them.' })
export class SessionNotesChanged extends StreamEventBase {
  @Field(() => Int, { description: 'The newest version.' })
  version!: number;
}

export function toNotesChanged(event: StreamEvent): SessionNotesChanged {
  return Object.assign(new SessionNotesChanged(), placeOf(event), notesChanged.read(event));
}

@ObjectType({ description: 'What is written down for who leads the session.' })
export class SessionNotes {
  @Field({ description: 'The notes, as written.' })
  body!: string;

  @Field(() => Int, { description: 'Raised by each change; 0 before the first.' })
  version!: number;

  @Field(() => DateTime, { nullable: true, description: 'When they were last changed.' })
  updatedAt!: Date | null;
}

export function toNotes(record: NotesRecord): SessionNotes {
  return Object.assign(new SessionNotes(), record);
}

@ObjectType({ description: 'Where a session stands: little enough to be asked for again and again.' })
export class SessionProgress {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => SessionStatus, { description: 'Where it is in its life.' })
  status!: SessionStatus;

  @Field(() => DateTime, { nullable: true, description: 'When it first went live.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was completed or cancelled.' })
  endedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is PAUSED.' })
  pausedAt!: Date | null;

  @Field(() => Int, { description: 'How long it was paused in all, in whole seconds; a pause counts when it is over.' })
  pausedSeconds!: number;

  @Field(() => Int, { description: 'How long it has been, or was, LIVE without pauses, in whole seconds; by the clock of the database.' })
  activeSeconds!: number;

  @Field(() => Int, { description: 'How many seats are taken.' })
  attendeeCount!: number;

  @Field(() => Int, { description: 'How many seats there are.' })
  capacity!: number;
}

export function toProgress(record: ProgressRecord): SessionProgress {
  const { id, status, startedAt, endedAt, pausedAt, pausedMs, activeMs, attendeeCount, capacity } = record;
  const times = { startedAt, endedAt, pausedAt, pausedSeconds: toSeconds(pausedMs), activeSeconds: toSeconds(activeMs) };
  return Object.assign(new SessionProgress(), { sessionId: id, status, ...times, attendeeCount, capacity });
}

@ObjectType({ description: 'What deleting a session answers.' })
export class DeleteSessionPayload {
  @Field(() => ID, { description: 'The session that is no more.' })
  sessionId!: string;
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
