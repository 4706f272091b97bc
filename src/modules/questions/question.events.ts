import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { QuestionRecord } from './question.repository';
import type { Ballot } from './vote.repository';

/** A question as the log tells it: what makes retries harmless stays in the table. */
export type QuestionSnapshot = Omit<QuestionRecord, 'clientId' | 'clientDigest'>;

/** On the session's stream: asked, edited, hidden, answered, pinned, unpinned or withdrawn. Not for votes. */
export const questionChanged = defineEvent<{ question: QuestionSnapshot }>('question.changed', {
  dates: ['question.createdAt', 'question.votedAt'],
});

/** One vote that became another, and the tally after it. All of a question's changes sum up to its tally. */
export interface QuestionVoted {
  readonly questionId: string;
  readonly attendeeId: string;
  readonly value: Ballot;
  readonly previous: Ballot;
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
}

/** On the session's votes stream, away from the session's own: many votes must not hold up, or be replayed among, few changes. */
export const questionVoted = defineEvent<QuestionVoted>('question.voted');

export function votesStream(sessionId: string): StreamId {
  return `votes:${sessionId}`;
}

export function snapshotOf({ clientId: _, clientDigest: __, ...question }: QuestionRecord): QuestionSnapshot {
  return question;
}
