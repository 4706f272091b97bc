import type { StreamEvent } from '../../src/realtime/event';
import { defineEvent } from '../../src/realtime/event';
import type { StateBoardsOptions } from '../../src/realtime/state-boards';
import { StateBoards } from '../../src/realtime/state-boards';
import { Collected } from '../modules/collected';
import { open } from '../modules/open';
import { HandPaced } from '../support/hand-paced';
import { waitFor } from '../support/wait-for';

interface Count {
  readonly of: string;
  readonly n: number;
}

const counted = defineEvent<Count>('counted');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Changes by hand, in place of the fan-out. */
class Changes {
  readonly listeners = new Set<(event: StreamEvent) => void>();
  private offset = 0;

  watch(_stream: string, listener: (event: StreamEvent) => void): Promise<() => void> {
    this.listeners.add(listener);
    return Promise.resolve(() => this.listeners.delete(listener));
  }

  tell(of: string, n: number): void {
    const event = { ...counted.record({ of, n }), stream: 'counts:one' as const, epoch: 'e', offset: (this.offset += 1), at: new Date() };
    for (const listener of this.listeners) listener(event);
  }
}

function boardsOf(changes: Changes, listRecent: StateBoardsOptions<Count>['listRecent'], time = new HandPaced()): StateBoards<Count> {
  return new StateBoards<Count>({
    fanOut: changes,
    streamOf: (id) => `counts:${id}`,
    stateOf: (event) => counted.read(event),
    keyOf: ({ of }) => of,
    listRecent,
    pace: time.pace,
  });
}

describe('a board of states', () => {
  const nothing = (): Promise<Count[]> => Promise.resolve([]);

  it('tells the first change at once, then the newest state once per interval, the last one always', async () => {
    const [changes, time] = [new Changes(), new HandPaced()];
    const reader = new Collected(await boardsOf(changes, nothing, time).follow('one', open()));
    for (let n = 1; n <= 1_000; n += 1) {
      changes.tell('a', n);
      if (n % 250 === 0) await turn();
    }
    expect(reader.items).toEqual([{ of: 'a', n: 1 }]);
    time.tick();
    await turn();
    expect(reader.items).toEqual([
      { of: 'a', n: 1 },
      { of: 'a', n: 1_000 },
    ]);
    time.tick();
    expect(time.waiting).toBe(0);
    changes.tell('a', 1_001);
    await turn();
    expect(reader.items).toHaveLength(3);
    await reader.cut();
  });

  it('holds one state of each thing for a reader that does not read', async () => {
    const [changes, time] = [new Changes(), new HandPaced()];
    const source = await boardsOf(changes, nothing, time).follow('one', open());
    for (let n = 1; n <= 50; n += 1) {
      changes.tell('a', n);
      changes.tell('b', n);
      time.tick();
    }
    const reader = new Collected(source);
    await waitFor(() => reader.items.length === 2, { what: 'the newest of both' });
    expect(reader.items).toEqual([
      { of: 'a', n: 50 },
      { of: 'b', n: 50 },
    ]);
    await reader.cut();
  });

  it('gives a newcomer what changed lately: read once, remembered since', async () => {
    const changes = new Changes();
    let reads = 0;
    const boards = boardsOf(changes, () =>
      Promise.resolve([
        { of: 'a', n: 7 },
        { of: 'b', n: (reads += 1) },
      ]),
    );
    const first = new Collected(await boards.follow('one', open()));
    changes.tell('c', 3);
    const second = new Collected(await boards.follow('one', open()));
    await waitFor(() => second.items.length >= 3, { what: 'three states' });
    expect(new Set(second.items.map(({ of, n }) => `${of} ${n}`))).toEqual(new Set(['a 7', 'b 1', 'c 3']));
    expect(reads).toBe(1);
    await first.cut();
    await second.cut();
  });

  it('does not put a state back that changed while it was read', async () => {
    const changes = new Changes();
    const boards = boardsOf(changes, () => {
      changes.tell('a', 2);
      return Promise.resolve([{ of: 'a', n: 1 }]);
    });
    const reader = new Collected(await boards.follow('one', open()));
    await waitFor(() => reader.items.length > 0, { what: 'a state' });
    expect(reader.items.every(({ n }) => n === 2)).toBe(true);
    await reader.cut();
  });

  it('ends with its last reader and leaves nothing behind', async () => {
    const [changes, time] = [new Changes(), new HandPaced()];
    const boards = boardsOf(changes, nothing, time);
    const leaving = new AbortController();
    const [one, two] = [new Collected(await boards.follow('one', leaving.signal)), new Collected(await boards.follow('one', open()))];
    changes.tell('a', 1);
    leaving.abort();
    await one.done;
    expect([boards.size, changes.listeners.size, time.waiting]).toEqual([1, 1, 1]);
    await two.cut();
    expect([boards.size, changes.listeners.size, time.waiting]).toEqual([0, 0, 0]);
  });

  it('leaves nothing behind when it cannot be opened, or nobody wants it any more', async () => {
    const changes = new Changes();
    const boards = boardsOf(changes, () => Promise.reject(new Error('away')));
    await expect(boards.follow('one', open())).rejects.toThrow('away');
    const reader = new Collected(await boardsOf(changes, nothing).follow('one', AbortSignal.abort()));
    await reader.done;
    expect([boards.size, changes.listeners.size]).toEqual([0, 0]);
  });
});
