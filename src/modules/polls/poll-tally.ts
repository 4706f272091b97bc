import type { Ballot, BallotChange } from './ballot.repository';
import { placesOf } from './choices';
import type { PollVoted } from './poll.events';
import type { PollCounts, PollRecord } from './poll.repository';

type Counted = Pick<PollRecord, 'id' | 'anonymous' | 'status' | 'resultsVisibility'> & PollCounts;

/** One ballot for each person and poll: of several at once the last one counts, as if the others had come just before. */
export function lastBallots(ballots: readonly Ballot[]): Ballot[] {
  return [...new Map(ballots.map((ballot) => [`${ballot.pollId} ${ballot.attendeeId}`, ballot])).values()];
}

/** What changed ballots come to: the counts after each of them, in order, and those that each poll is left with. */
export function count(polls: readonly Counted[], changes: readonly BallotChange[]): { voted: PollVoted[]; counted: Counted[] } {
  const latest = new Map(polls.map((poll) => [poll.id, poll]));
  const voted = changes.flatMap((change): PollVoted[] => {
    const before = latest.get(change.pollId);
    if (before === undefined) return [];
    const after = { ...before, ...countsAfter(before, change) };
    latest.set(change.pollId, after);
    const { anonymous, status, resultsVisibility, counts, voters } = after;
    return [{ ...change, attendeeId: anonymous ? null : change.attendeeId, status, resultsVisibility, counts, voters }];
  });
  const changed = new Set(voted.map(({ pollId }) => pollId));
  return { voted, counted: [...latest.values()].filter(({ id }) => changed.has(id)) };
}

function countsAfter({ counts, voters }: PollCounts, { choices, previous }: BallotChange): PollCounts {
  const after = [...counts];
  for (const place of placesOf(previous)) after[place] = (after[place] ?? 0) - 1;
  for (const place of placesOf(choices)) after[place] = (after[place] ?? 0) + 1;
  return { counts: after, voters: voters + Number(choices !== 0) - Number(previous !== 0) };
}
