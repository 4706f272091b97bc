import type { Connection } from './lists';
import { byId, nodesOf, withOne, withoutOne } from './lists';
import type { Attendee } from './session.part';
import { part, READ_ANEW } from './part';

const QUESTION = `id sessionId body status pinned answer rejectionReason mergedIntoId createdAt asker { id displayName }
  upvotes downvotes score viewerVote`;
const PUBLIC = ['OPEN', 'ANSWERED'];

interface Votes {
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
}

export interface Question extends Votes {
  readonly id: string;
  readonly status: string;
  readonly body: string;
  readonly viewerVote: string;
}

export interface Questions {
  readonly questions: readonly Question[];
  /** The newest of each question, also of those that are out of sight. */
  readonly tallies: Readonly<Record<string, Votes>>;
  readonly own: Pick<Attendee, 'id' | 'role'> | null;
}

/**
 * The questions as far as they are this viewer's to see. Their votes are told by `questionTallies`, a stream of its own: what the tallies
 * say counts, and what a question's event says of its votes counts only where no tally is known.
 */
export const questions = part<
  Questions,
  { readonly viewerAttendee: Pick<Attendee, 'id' | 'role'> | null; readonly questions: Connection<Question> },
  {
    QuestionChanged: { readonly question: Question };
    AttendeeChanged: { readonly attendee: Attendee };
    QuestionTally: Votes & { readonly questionId: string };
  }
>({
  name: 'questions',
  of: 'session',
  selection: `id viewerAttendee { id role } questions(first: 100, orderBy: NEWEST) { edges { node { ${QUESTION} } } }`,
  read: (found) => {
    const list = nodesOf(found.questions);
    return {
      questions: list,
      tallies: Object.fromEntries(list.map((one) => [one.id, votesOf(one)])),
      own: found.viewerAttendee,
    };
  },
  events: {
    QuestionChanged: `question { ${QUESTION} }`,
    AttendeeChanged: 'attendee { id role }',
    QuestionTally: 'questionId upvotes downvotes score',
  },
  on: {
    QuestionChanged: ({ questions: list, tallies, own }, { question }) => {
      if (isGone(question)) return { questions: withoutOne(list, question.id), tallies, own };
      const votes = tallies[question.id] ?? votesOf(question);
      return { questions: withOne(list, { ...question, ...votes }), tallies: { ...tallies, [question.id]: votes }, own };
    },
    // Who keeps order from now on, or no longer does, sees other questions than before.
    AttendeeChanged: (state, { attendee }) => (attendee.id === state.own?.id && attendee.role !== state.own.role ? READ_ANEW : state),
    QuestionTally: (state, { questionId, ...tally }) => {
      const votes = votesOf(tally);
      const list = state.questions.map((one) => (one.id === questionId ? { ...one, ...votes } : one));
      return { ...state, questions: list, tallies: { ...state.tallies, [questionId]: votes } };
    },
  },
  shown: ({ questions: list }, way) => (way === 'live' ? byId(list) : byId(list.map(withoutVotes))),
});

/** Deleted, or out of this viewer's sight: then its text is withheld. */
function isGone({ status, body }: Question): boolean {
  return status === 'DELETED' || (!PUBLIC.includes(status) && body === '');
}

function votesOf({ upvotes, downvotes, score }: Votes): Votes {
  return { upvotes, downvotes, score };
}

function withoutVotes({
  upvotes: _,
  downvotes: __,
  score: ___,
  viewerVote: ____,
  ...question
}: Question): Omit<Question, keyof Votes | 'viewerVote'> {
  return question;
}
