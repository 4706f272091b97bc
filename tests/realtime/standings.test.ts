import type { Ending } from '../../src/lib/ending';
import { defineEvent } from '../../src/realtime/event';
import { Standings } from '../../src/realtime/standings';
import { openTestDatabase, testBackends } from '../support/databases';
import type { TestDatabase } from '../support/databases';
import { createTestKernel } from '../support/test-kernel';
import type { TestKernel } from '../support/test-kernel';
import { waitFor } from '../support/wait-for';

const moved = defineEvent<{ member: string; state: number }>('test.moved');
const atLeast = (least: number) => (state: number) => state >= least;

describe.each(testBackends())('standings on %s', (kind) => {
  let opened: TestDatabase;
  let here: TestKernel;
  let there: TestKernel;
  /** What is stored, by place and member. */
  const stored = new Map<string, number>();
  let standings: Standings<number>;
  let parent: AbortController;
  let place: string;
  let places = 0;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    here = createTestKernel(opened.database);
    there = createTestKernel(opened.database, here.bus);
  });
  beforeEach(() => {
    place = String((places += 1));
    parent = new AbortController();
    standings = new Standings({
      fanOut: there.fanOut,
      streamOf: (name) => `place:${name}`,
      changeOf: (event) => (moved.is(event) ? moved.read(event) : null),
      read: (name, member) => Promise.resolve(stored.get(`${name} ${member}`) ?? 0),
    });
  });
  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    await opened.drop();
  });

  const store = (member: string, state: number): void => void stored.set(`${place} ${member}`, state);
  const move = async (member: string, state: number): Promise<void> => {
    store(member, state);
    await here.unitOfWork.run((tx) => Promise.resolve(tx.record(`place:${place}`, moved.record({ member, state }))));
  };
  const follow = async (member: string, least: number): Promise<Ending | null> =>
    (await standings.follow(place, member, atLeast(least), parent.signal))?.end ?? null;

  it('end what does not suffice any more, as another instance changed it, and nothing else', async () => {
    store('ann', 2);
    store('ben', 2);
    const [high, low, other] = [await follow('ann', 2), await follow('ann', 1), await follow('ben', 2)];
    await move('ann', 1);
    await waitFor(() => high?.aborted, { timeoutMs: 1_000, what: 'the end of what took more' });
    expect([low?.aborted, other?.aborted]).toEqual([false, false]);
    await move('ann', 0);
    await waitFor(() => low?.aborted, { timeoutMs: 1_000, what: 'the end of the rest' });
    expect(other?.aborted).toBe(false);
  });

  it('open nothing for strangers, and let go of a place when nothing depends on it', async () => {
    expect(await follow('nobody', 1)).toBeNull();
    expect(standings.size).toBe(0);
    store('ann', 1);
    const end = await follow('ann', 1);
    expect(await follow('nobody', 1)).toBeNull();
    expect(standings.size).toBe(1);
    parent.abort();
    expect(end?.aborted).toBe(true);
    expect(standings.size).toBe(0);
  });

  it('are looked at again when the stream was lost, since a change may have been lost with it', async () => {
    store('ann', 1);
    store('ben', 1);
    const [ends, goesOn] = [await follow('ann', 1), await follow('ben', 1)];
    store('ann', 0);
    await opened.database.sql(`UPDATE streams SET epoch = 'another' WHERE id = $1`, [`place:${place}`]);
    await waitFor(() => ends?.aborted, { what: 'the end of what was lost' });
    expect(goesOn?.aborted).toBe(false);
  });

  it('end at once for whoever lost it while it was being opened', async () => {
    store('ann', 1);
    await follow('ann', 1);
    const opening = Promise.all(Array.from({ length: 5 }, () => follow('ann', 1)));
    await move('ann', 0);
    for (const end of await opening) await waitFor(() => end === null || end.aborted, { timeoutMs: 1_000, what: 'the end' });
  });
});
