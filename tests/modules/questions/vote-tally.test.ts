import { questionScore } from '../../../src/modules/questions/question-score';
import { lastCasts, tally } from '../../../src/modules/questions/vote-tally';

const createdAt = new Date();
const question = (id: string, upvotes = 0, downvotes = 0) => ({
  ...{ id, upvotes, downvotes, createdAt },
  ...{ askerId: 'asker', status: 'OPEN' as const, shadowed: false },
});

describe('a batch of votes', () => {
  it('keeps the last wish of each person for each question', () => {
    const casts = [
      { questionId: 'a', attendeeId: '1', value: 1 as const },
      { questionId: 'b', attendeeId: '1', value: 1 as const },
      { questionId: 'a', attendeeId: '1', value: -1 as const },
      { questionId: 'a', attendeeId: '2', value: 0 as const },
    ];
    expect(lastCasts(casts)).toEqual([casts[2], casts[1], casts[3]]);
  });

  it('tells the tally after each change, and the sum per question', () => {
    const { voted, tallies } = tally(
      [question('a', 5, 2), question('b')],
      [
        { questionId: 'a', attendeeId: '1', value: 1, previous: -1 },
        { questionId: 'b', attendeeId: '1', value: -1, previous: 0 },
        { questionId: 'a', attendeeId: '2', value: 0, previous: 1 },
      ],
    );
    expect(voted.map(({ questionId, upvotes, downvotes }) => [questionId, upvotes, downvotes])).toEqual([
      ['a', 6, 1],
      ['b', 0, 1],
      ['a', 5, 1],
    ]);
    expect(tallies).toEqual([
      { questionId: 'a', up: 0, down: -1, score: questionScore(5, 1, createdAt) },
      { questionId: 'b', up: 0, down: 1, score: questionScore(0, 1, createdAt) },
    ]);
  });

  it('comes to nothing when nothing changed', () => {
    expect(tally([question('a', 1, 1)], [])).toEqual({ voted: [], tallies: [] });
  });
});
