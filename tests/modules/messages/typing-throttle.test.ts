import { TypingThrottle } from '../../../src/modules/messages/typing-throttle';

type News = readonly [milliseconds: number, key: string, typing: boolean];

/** Which of these the throttle lets through. */
function admitted(...news: readonly News[]): boolean[] {
  let now = 0;
  const throttle = new TypingThrottle(() => now);
  return news.map(([milliseconds, key, typing]) => {
    now = milliseconds;
    return throttle.admits(key, typing);
  });
}

describe('typing throttle', () => {
  it('lets a beginning and its end through, however close', () => {
    expect(admitted([0, 'a', true], [1, 'a', false])).toEqual([true, true]);
  });

  it('holds repetitions back for two seconds', () => {
    expect(admitted([0, 'a', true], [1_999, 'a', true], [2_000, 'a', true])).toEqual([true, false, true]);
    expect(admitted([0, 'a', false], [1_999, 'a', false])).toEqual([true, false]);
  });

  it('lets at most one beginning and one end a second through', () => {
    expect(admitted([0, 'a', true], [10, 'a', false], [20, 'a', true], [30, 'a', false], [1_000, 'a', true])).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('keeps senders apart', () => {
    expect(admitted([0, 'a', true], [0, 'b', true])).toEqual([true, true]);
  });
});
