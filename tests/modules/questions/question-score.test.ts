import { HALF_LIFE_MS, questionScore, SCORE_EPOCH_MS, wilsonLowerBound } from '../../../src/modules/questions/question-score';

const epoch = new Date(SCORE_EPOCH_MS);
const after = (halfLives: number): Date => new Date(SCORE_EPOCH_MS + halfLives * HALF_LIFE_MS);

describe('the score of a question', () => {
  // (p + z²/2n − z·√((p(1−p) + z²/4n)/n)) / (1 + z²/n) with z = 1.959964, z² = 3.841459, worked out by hand:
  it.each([
    // p = 1: (1 + 1.9207295 − 1.959964·√0.96036475) / 4.841459 = (2.9207295 − 1.9207295) / 4.841459
    [1, 1, 0.206549],
    // p = 1: the same steps give 1 / (1 + z²/n)
    [10, 10, 0.722467],
    [100, 100, 0.963007],
    // p = 0.5: (0.5 + 0.19207295 − 1.959964·√(0.025 + 0.0096036475)) / 1.3841459 = (0.69207295 − 0.36459400) / 1.3841459
    [5, 10, 0.236593],
    // p = 0.9: (0.9 + 0.019207295 − 1.959964·√(0.0009 + 0.000096036475)) / 1.03841459 = (0.919207295 − 0.061856580) / 1.03841459
    [90, 100, 0.825634],
    [0, 10, 0],
    [0, 0, 0],
  ])('relies on %i of %i votes with a bound of %f', (positive, total, bound) => {
    expect(wilsonLowerBound(positive, total)).toBeCloseTo(bound, 5);
  });

  it.each([
    [0, 0, 0],
    [1, 0, 0.270886], // log2(1 + 1·0.206549)
    [10, 0, 3.039958], // log2(1 + 10·0.722467)
    [5, 5, 1.751006], // log2(1 + 10·0.236593)
    [90, 10, 6.3848], // log2(1 + 100·0.825634)
    [0, 10, 0],
  ])('of %i up and %i down, at the epoch, is %f', (up, down, score) => {
    expect(questionScore(up, down, epoch)).toBeCloseTo(score, 4);
  });

  it('counts one for each half-life of youth: as much as twice the votes', () => {
    expect(questionScore(0, 0, after(1)) - questionScore(0, 0, epoch)).toBeCloseTo(1, 10);
    expect(questionScore(40, 3, after(24)) - questionScore(40, 3, after(23))).toBeCloseTo(1, 10);
  });

  it('rises with each vote for, falls with each against', () => {
    for (let votes = 0; votes < 200; votes += 1) {
      expect(questionScore(votes + 1, 5, epoch)).toBeGreaterThan(questionScore(votes, 5, epoch));
      expect(questionScore(50, votes + 1, epoch)).toBeLessThan(questionScore(50, votes, epoch));
    }
  });
});
