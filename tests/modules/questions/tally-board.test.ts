import { questionVoted } from '../../../src/modules/questions';
import { TallyBoards } from '../../../src/modules/questions/tally-board';
import type { Tally } from '../../../src/modules/questions/tally-board';
import type { StreamEvent } from '../../../src/realtime/event';
import { waitFor } from '../../support/wait-for';
import { open } from '../open';
import { Collected } from '../collected';

/** Votes by hand, in place of the fan-out. */
class Votes {
  readonly listeners = new Set<(event: StreamEvent) => void>();
  private offset = 0;

  watch(_stream: string, listener: (event: StreamEvent) => void): Promise<() => void> {
    this.listeners.add(listener);
    return Promise.resolve(() => this.listeners.delete(listener));
  }

  tell(questionId: string, upvotes: number): void {
    const payload = { questionId, attendeeId: 'att', value: 1 as const, previous: 0 as const, upvotes, downvotes: 0, score: upvotes };
    const event = {
      ...questionVoted.record(payload),
      stream: 'votes:ses' as const,
      epoch: 'e',
      offset: (this.offset += 1),
      at: new Date(),
    };
    for (const listener of this.listeners) listener(event);
  }
}

const tally = (questionId: string, upvotes: number): Tally => ({ questionId, upvotes, downvotes: 0, score: upvotes });

describe('a tally board', () => {
  it('tells the first vote at once, then the newest tally at most once per interval, the last one always', async () => {
    const votes = new Votes();
    const reader = new Collected(await new TallyBoards(votes, () => Promise.resolve([]), 20).follow('ses', open()));
    for (let n = 1; n <= 1_000; n += 1) votes.tell('a', n);
    await waitFor(() => reader.items.length === 2, { what: 'both tellings' });
    expect(reader.items).toEqual([tally('a', 1), tally('a', 1_000)]);
    await reader.cut();
  });

  it('holds one tally per question for a reader that does not read', async () => {
    const votes = new Votes();
    const source = await new TallyBoards(votes, () => Promise.resolve([]), 1).follow('ses', open());
    for (let n = 1; n <= 50; n += 1) {
      votes.tell('a', n);
      votes.tell('b', n);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const reader = new Collected(source);
    await waitFor(() => reader.items.filter(({ upvotes }) => upvotes === 50).length === 2, { what: 'the newest of both' });
    expect(reader.items.length).toBeLessThanOrEqual(4);
    await reader.cut();
  });

  it('gives a newcomer what changed lately: read once, remembered since', async () => {
    const votes = new Votes();
    let reads = 0;
    const boards = new TallyBoards(votes, () => Promise.resolve([tally('a', 7), tally('b', (reads += 1))]), 1);
    const first = new Collected(await boards.follow('ses', open()));
    votes.tell('c', 3);
    const second = new Collected(await boards.follow('ses', open()));
    await waitFor(() => second.items.length >= 3, { what: 'three tallies' });
    expect(new Set(second.items.map(({ questionId, upvotes }) => `${questionId} ${upvotes}`))).toEqual(new Set(['a 7', 'b 1', 'c 3']));
    expect(reads).toBe(1);
    await first.cut();
    await second.cut();
  });

  it('does not put a tally back that changed while it was read', async () => {
    const votes = new Votes();
    const boards = new TallyBoards(votes, () => {
      votes.tell('a', 2);
      return Promise.resolve([tally('a', 1)]);
    });
    const reader = new Collected(await boards.follow('ses', open()));
    await waitFor(() => reader.items.length > 0, { what: 'a tally' });
    expect(reader.items.every(({ upvotes }) => upvotes === 2)).toBe(true);
    await reader.cut();
  });

  it('ends with its last reader and leaves nothing behind', async () => {
    const votes = new Votes();
    const boards = new TallyBoards(votes, () => Promise.resolve([]), 1);
    const leaving = new AbortController();
    const [one, two] = [new Collected(await boards.follow('ses', leaving.signal)), new Collected(await boards.follow('ses', open()))];
    votes.tell('a', 1);
    leaving.abort();
    await one.done;
    expect([boards.size, votes.listeners.size]).toEqual([1, 1]);
    await two.cut();
    expect([boards.size, votes.listeners.size]).toEqual([0, 0]);
  });

  it('leaves nothing behind when it cannot be opened, or nobody wants it any more', async () => {
    const votes = new Votes();
    const boards = new TallyBoards(votes, () => Promise.reject(new Error('away')));
    await expect(boards.follow('ses', open())).rejects.toThrow('away');
    const reader = new Collected(await new TallyBoards(votes, () => Promise.resolve([])).follow('ses', AbortSignal.abort()));
    await reader.done;
    expect([boards.size, votes.listeners.size]).toEqual([0, 0]);
  });
});
