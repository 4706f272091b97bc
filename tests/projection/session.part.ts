import type { Connection } from './lists';
import { byId, nodesOf, withOne } from './lists';
import { part } from './part';

const CARD = `id code title description kind medium status scheduledFor scheduledEndAt timeZone pausedAt pausedSeconds startedAt endedAt endReason capacity
  settings { questionApproval anonymousQuestions refuseDuplicates chatEnabled slowModeSeconds lobby waitingList duplicateIdentity attendeesVisible presenting reactionEmojis }`;
const ATTENDEE = 'id displayName role status waitingFor handRaised handRaisedAt muted silenced banned joinedAt leftAt leaveReason';

interface Card {
  readonly id: string;
  readonly status: string;
  readonly endedAt: string | null;
}

export interface Attendee {
  readonly id: string;
  readonly role: string;
  readonly status: string;
  readonly waitingFor: string | null;
  readonly handRaised: boolean;
  readonly handRaisedAt: string | null;
  readonly leftAt: string | null;
  readonly leaveReason: string | null;
}

interface SessionChanged {
  readonly session: Card;
}

interface Told {
  readonly attendee: Attendee;
}

/** The card and the settings of a session. */
export const session = part<Card, Card, { SessionChanged: SessionChanged }>({
  name: 'session',
  of: 'session',
  selection: CARD,
  read: (found) => found,
  events: { SessionChanged: `session { ${CARD} }` },
  on: { SessionChanged: (_state, event) => event.session },
});

interface Metadata {
  readonly metadata: unknown;
  readonly version: number;
}

/** What an application keeps with it. */
export const metadata = part<
  Metadata,
  { readonly metadata: unknown; readonly metadataVersion: number },
  { SessionMetadataChanged: Metadata }
>({
  name: 'metadata',
  of: 'session',
  selection: 'metadata metadataVersion',
  read: (found) => ({ metadata: found.metadata, version: found.metadataVersion }),
  events: { SessionMetadataChanged: 'metadata version' },
  on: { SessionMetadataChanged: (_state, event) => ({ metadata: event.metadata, version: event.version }) },
});

interface Version {
  readonly version: number;
}

/** How new the notes are; null for whoever they are not for. What they say is read. */
export const notes = part<number | null, { readonly notes: Version | null }, { SessionNotesChanged: Version }>({
  name: 'notes',
  of: 'session',
  selection: 'notes { version }',
  read: (found) => found.notes && found.notes.version,
  events: { SessionNotesChanged: 'version' },
  on: { SessionNotesChanged: (_state, { version }) => version },
});

interface People {
  readonly attendees: readonly Attendee[];
  /** How many seats are taken, as the session says it. */
  readonly seats: number;
}

const come = ({ attendees }: People, { attendee }: Told): People => counted(withOne(attendees, attendee));

/** Who is in it, who was, and how many seats that takes. */
export const attendees = part<
  People,
  { readonly attendeeCount: number; readonly attendees: Connection<Attendee> },
  {
    SessionChanged: SessionChanged;
    AttendeeJoined: Told;
    AttendeeLeft: Told;
    AttendeeChanged: Told;
    AttendeeWaiting: Told;
    AttendeeStoppedWaiting: Told;
  }
>({
  name: 'attendees',
  of: 'session',
  selection: `id attendeeCount attendees(first: 100, status: [WAITING, PRESENT, LEFT, REMOVED]) { edges { node { ${ATTENDEE} } } }`,
  read: (found) => ({ attendees: nodesOf(found.attendees), seats: found.attendeeCount }),
  events: {
    SessionChanged: 'session { id status endedAt }',
    AttendeeJoined: `attendee { ${ATTENDEE} }`,
    AttendeeLeft: `attendee { ${ATTENDEE} } reason`,
    AttendeeChanged: `attendee { ${ATTENDEE} }`,
    AttendeeWaiting: `attendee { ${ATTENDEE} }`,
    AttendeeStoppedWaiting: `attendee { ${ATTENDEE} } reason`,
  },
  on: {
    // Whoever was present leaves with it: no AttendeeLeft tells it of each.
    SessionChanged: (state, event) => (isOver(event.session) ? counted(state.attendees.map((one) => leftWith(event.session, one))) : state),
    AttendeeJoined: come,
    AttendeeLeft: come,
    AttendeeChanged: come,
    AttendeeWaiting: come,
    AttendeeStoppedWaiting: come,
  },
  shown: (state) => ({ ...state, attendees: byId(state.attendees) }),
});

function isOver({ status }: Card): boolean {
  return status === 'COMPLETED' || status === 'CANCELLED';
}

function leftWith({ endedAt }: Card, attendee: Attendee): Attendee {
  if (attendee.waitingFor !== null) return { ...attendee, status: 'LEFT', waitingFor: null };
  if (attendee.status !== 'PRESENT') return attendee;
  return { ...attendee, status: 'LEFT', leftAt: endedAt, leaveReason: 'ended', handRaised: false, handRaisedAt: null };
}

/** The host has a place of their own. */
function counted(list: readonly Attendee[]): People {
  return { attendees: list, seats: list.filter(({ status, role }) => status === 'PRESENT' && role !== 'HOST').length };
}
