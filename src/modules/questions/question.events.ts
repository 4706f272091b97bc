import type { Json, StreamEvent, StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { QuestionRecord } from './question.repository';
import type { ReportCount } from './report.repository';
import type { Ballot } from './vote.repository';

/** A question as the log tells it: what makes retries harmless and finds duplicates stays in the table. */
export type QuestionSnapshot = Omit<QuestionRecord, 'clientId' | 'clientDigest' | 'fingerprint'>;

const DATES = ['question.createdAt', 'question.publishedAt', 'question.votedAt'];

/** On the session's stream: everything that becomes of a question but its deletion. Not for votes. */
export const questionChanged = defineEvent<{ question: QuestionSnapshot }>('question.changed', {
  dates: DATES,
  // Before there was approval every question was public at once.
  upgrade: ({ question }) => ({
    question: {
      ...{ heldFor: null, shadowed: false },
      ...question,
      publishedAt: question.publishedAt === undefined ? question.createdAt : question.publishedAt,
    },
  }),
});

/** The question without its text; the events before it are rewritten without theirs. */
export const questionDeleted = defineEvent<{ question: QuestionSnapshot }>('question.deleted', { dates: DATES, erasesPast: true });

/** What stands against a question, after a report, after their dismissal, or as it comes into sight again. For who keeps order. */
export const reportsChanged = defineEvent<{ reported: ReportCount }>('question.reports_changed');

/** The question that the event tells of; null when it tells of something else. */
export function questionIn(event: StreamEvent): QuestionSnapshot | null {
  const kind = [questionChanged, questionDeleted].find((known) => known.is(event));
  return kind === undefined ? null : kind.read(event).question;
}

/** What a past event of a question that was deleted is rewritten to. */
export function withoutText(payload: Json): Json {
  const { question } = payload as { question: Record<string, Json> };
  return { question: { ...question, body: '', answer: null, rejectionReason: null } };
}

/** One vote that became another, and the tally after it. All of a question's changes sum up to its tally. */
export interface QuestionVoted {
  readonly questionId: string;
  readonly attendeeId: string;
  readonly value: Ballot;
  readonly previous: Ballot;
  readonly upvotes: number;
  readonly downvotes: number;
  readonly score: number;
  /** Of a question that is held, who asked it: nobody else is told, but those who keep order. */
  readonly heldOf?: string;
}

/** On the session's votes stream, away from the session's own: many votes must not hold up, or be replayed among, few changes. */
export const questionVoted = defineEvent<QuestionVoted>('question.voted');

export function votesStream(sessionId: string): StreamId {
  return `votes:${sessionId}`;
}

export function snapshotOf({ clientId: _, clientDigest: __, fingerprint: ___, ...question }: QuestionRecord): QuestionSnapshot {
  return question;
}
