import type { PointerNews } from '../../../src/modules/collaboration/pointer-frames';
import { PointerFrames } from '../../../src/modules/collaboration/pointer-frames';
import { deferred } from '../../../src/lib/deferred';

class Source implements AsyncIterableIterator<PointerNews> {
  private readonly waiting: PointerNews[] = [];
  private wake = deferred();
  private ended = false;

  push(...news: PointerNews[]): void {
    this.waiting.push(...news);
    this.wake.resolve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<PointerNews, undefined>> {
    while (!this.ended && this.waiting.length === 0) {
      this.wake = deferred();
      await this.wake.promise;
    }
    const value = this.waiting.shift();
    return value === undefined ? { value: undefined, done: true } : { value, done: false };
  }

  return(): Promise<IteratorResult<PointerNews, undefined>> {
    this.ended = true;
    this.wake.resolve();
    return Promise.resolve({ value: undefined, done: true });
  }
}

const news = (attendeeId: string, x: number, visible = true): PointerNews => ({
  attendeeId,
  displayName: attendeeId,
  x,
  y: 0,
  target: null,
  visible,
});

describe('frames of pointers', () => {
  let now: number;
  let source: Source;
  let frames: PointerFrames;

  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    source = new Source();
    frames = new PointerFrames({ source, readerId: 'me', now: () => now });
  });
  afterEach(async () => {
    await frames.return();
    jest.useRealTimers();
  });

  const pass = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
    await jest.advanceTimersByTimeAsync(milliseconds);
  };
  const moved = async (): Promise<[string, number, boolean][]> => {
    const { value } = (await frames.next()) as { value: PointerNews[] };
    return value.map(({ attendeeId, x, visible }) => [attendeeId, x, visible]);
  };

  it('are ten a second at most, each with the newest of all that moved', async () => {
    source.push(news('ann', 0.1), news('me', 0.1));
    expect(await moved()).toEqual([['ann', 0.1, true]]);
    let frame: [string, number, boolean][] | null = null;
    void moved().then((told) => (frame = told));
    source.push(news('ann', 0.2), news('bob', 0.5), news('ann', 0.3));
    await pass(99);
    expect(frame).toBeNull();
    await pass(1);
    expect(frame).toEqual([
      ['ann', 0.3, true],
      ['bob', 0.5, true],
    ]);
  });

  it('end a pointer that was taken away, or not heard of for long', async () => {
    source.push(news('ann', 0.1), news('bob', 0.1));
    await pass(0);
    expect(await moved()).toHaveLength(2);
    let frame: [string, number, boolean][] | null = null;
    void moved().then((told) => (frame = told));
    source.push(news('ann', 0.1, false), news('carl', 0.1, false));
    await pass(100);
    expect(frame).toEqual([['ann', 0.1, false]]);
    void moved().then((told) => (frame = told));
    await pass(10_000);
    expect(frame).toEqual([['bob', 0.1, false]]);
  });
});
