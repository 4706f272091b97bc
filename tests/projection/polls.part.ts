import type { Connection } from './lists';
import { byId, nodesOf, withOne, withoutOne } from './lists';
import type { Attendee } from './session.part';
import { part, READ_ANEW } from './part';

const POLL = `id sessionId title options { id text } maxChoices anonymous resultsVisibility status creator { id displayName }
  createdAt openedAt closedAt`;

interface Poll {
  readonly id: string;
  readonly status: string;
}

interface Polls {
  readonly polls: readonly Poll[];
  readonly own: Pick<Attendee, 'id' | 'role'> | null;
}

/** The polls as far as they are this viewer's to see: drafts are for who runs them. What the votes come to is told by `pollResults`. */
export const polls = part<
  Polls,
  { readonly viewerAttendee: Pick<Attendee, 'id' | 'role'> | null; readonly polls: Connection<Poll> },
  { PollChanged: { readonly poll: Poll }; AttendeeChanged: { readonly attendee: Attendee } }
>({
  name: 'polls',
  of: 'session',
  selection: `viewerAttendee { id role } polls(first: 100) { edges { node { ${POLL} } } }`,
  read: (found) => ({ polls: nodesOf(found.polls), own: found.viewerAttendee }),
  events: { PollChanged: `poll { ${POLL} }`, AttendeeChanged: 'attendee { id role }' },
  on: {
    PollChanged: ({ polls: list, own }, { poll }) => ({
      polls: poll.status === 'DELETED' ? withoutOne(list, poll.id) : withOne(list, poll),
      own,
    }),
    // Who keeps order from now on, or no longer does, sees other polls than before.
    AttendeeChanged: (state, { attendee }) => (attendee.id === state.own?.id && attendee.role !== state.own.role ? READ_ANEW : state),
  },
  shown: ({ polls: list }) => byId(list),
});
