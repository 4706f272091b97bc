import { questionScore } from './question-score';
import { isShadowed } from './question.policy';
import type { QuestionVoted } from './question.events';
import type { QuestionRecord, TallyChange } from './question.repository';
import type { Ballot, Cast, CastChange } from './vote.repository';

type Counted = Pick<QuestionRecord, 'id' | 'askerId' | 'status' | 'shadowed' | 'upvotes' | 'downvotes' | 'createdAt'>;

/** One cast for each person and question: of several at once the last one counts, as if the others had come just before. */
export function lastCasts(casts: readonly Cast[]): Cast[] {
  return [...new Map(casts.map((cast) => [`${cast.questionId} ${cast.attendeeId}`, cast])).values()];
}

/** What changed votes come to: the tally after each of them, in order, and the sum for each question. */
export function tally(questions: readonly Counted[], changes: readonly CastChange[]): { voted: QuestionVoted[]; tallies: TallyChange[] } {
  const counts = new Map(questions.map((question) => [question.id, { ...question, up: 0, down: 0 }]));
  const voted = changes.flatMap((change): QuestionVoted[] => {
    const count = counts.get(change.questionId);
    if (count === undefined) return [];
    count.up += ups(change.value) - ups(change.previous);
    count.down += downs(change.value) - downs(change.previous);
    const upvotes = count.upvotes + count.up;
    const downvotes = count.downvotes + count.down;
    const held = isShadowed(count) && { heldOf: count.askerId };
    return [{ ...change, upvotes, downvotes, score: questionScore(upvotes, downvotes, count.createdAt), ...held }];
  });
  const scores = new Map(voted.map(({ questionId, score }) => [questionId, score]));
  const tallies = [...scores].map(([questionId, score]) => {
    const { up = 0, down = 0 } = counts.get(questionId) ?? {};
    return { questionId, up, down, score };
  });
  return { voted, tallies };
}

function ups(value: Ballot): number {
  return value === 1 ? 1 : 0;
}

function downs(value: Ballot): number {
  return value === -1 ? 1 : 0;
}
