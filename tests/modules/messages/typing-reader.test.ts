import { TypingReader } from '../../../src/modules/messages/typing-reader';
import type { Typing } from '../../../src/modules/messages/typing-reader';

/** A source fed by hand. */
class Feed implements AsyncIterableIterator<Typing> {
  private readonly waiting: Typing[] = [];
  private readonly takers: ((result: IteratorResult<Typing, undefined>) => void)[] = [];
  private ended = false;

  tell(senderId: string, typing: boolean): void {
    const value = { senderId, senderName: senderId, typing };
    const take = this.takers.shift();
    if (take === undefined) this.waiting.push(value);
    else take({ value, done: false });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Typing, undefined>> {
    const value = this.waiting.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.takers.push(resolve));
  }

  return(): Promise<IteratorResult<Typing, undefined>> {
    this.ended = true;
    for (const take of this.takers.splice(0)) take({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }
}

const news = async (reader: TypingReader): Promise<string> => {
  const { value } = await reader.next();
  return value === undefined ? 'end' : `${value.senderId} ${value.typing}`;
};

describe('a reader of typing', () => {
  it('is told changes only, and never of itself', async () => {
    const feed = new Feed();
    const reader = new TypingReader(feed, 'me');
    for (const [who, typing] of [
      ['me', true],
      ['bob', true],
      ['bob', true],
      ['eve', false],
      ['bob', false],
    ] as const)
      feed.tell(who, typing);
    expect([await news(reader), await news(reader)]).toEqual(['bob true', 'bob false']);
    await reader.return();
  });

  it('is told that somebody stopped who fell silent', async () => {
    const feed = new Feed();
    const reader = new TypingReader(feed, 'me', 30);
    feed.tell('bob', true);
    feed.tell('eve', true);
    expect([await news(reader), await news(reader), await news(reader), await news(reader)]).toEqual([
      'bob true',
      'eve true',
      'bob false',
      'eve false',
    ]);
    feed.tell('bob', true);
    expect(await news(reader)).toBe('bob true');
    await reader.return();
  });

  it('ends with its source, also while it waits for a silence to lapse', async () => {
    const feed = new Feed();
    const reader = new TypingReader(feed, 'me');
    feed.tell('bob', true);
    await news(reader);
    const waiting = news(reader);
    await reader.return();
    expect(await waiting).toBe('end');
  });
});
