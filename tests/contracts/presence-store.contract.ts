import { randomUUID } from 'node:crypto';
import type { PresenceStore } from '../../src/realtime/presence-store';
import { MAX_TOGETHER } from '../../src/realtime/presence-store';
import { waitFor } from '../support/wait-for';

export interface PresenceBench {
  /** Two instances on the same store. For the memory store, the same one twice. */
  readonly instances: readonly [PresenceStore, PresenceStore];
  /** How many rows or keys the store holds for the place, ended ones included. */
  held(place: string): Promise<number>;
  close(): Promise<void>;
}

const LONG_MS = 60_000;
const SHORT_MS = 150;

/** What the doc comment of `PresenceStore` promises. */
export function describePresenceStoreContract(name: string, openBench: () => Promise<PresenceBench>): void {
  describe(`the ${name} presence store`, () => {
    let bench: PresenceBench;
    let here: PresenceStore;
    let there: PresenceStore;
    let place: string;
    beforeAll(async () => {
      bench = await openBench();
      [here, there] = bench.instances;
    });
    beforeEach(() => {
      place = `session:${randomUUID()}`;
    });
    afterAll(async () => {
      for (const store of bench.instances) await store.close();
      await bench.close();
    });

    it('answers for a place where nobody ever was', async () => {
      expect(await here.list(place)).toEqual([]);
      expect(await here.count(place)).toBe(0);
      expect(await here.has(place, 'anna')).toBe(false);
      await here.leave(place, 'anna', 'tab 1');
    });

    it('shows who joined to every instance, and only at that place', async () => {
      await here.join(place, 'anna', 'tab 1', LONG_MS);
      await there.join(place, 'ben', 'tab 1', LONG_MS);
      expect((await there.list(place)).sort()).toEqual(['anna', 'ben']);
      expect(await here.count(place)).toBe(2);
      expect(await there.has(place, 'anna')).toBe(true);
      expect(await here.has(`${place}x`, 'anna')).toBe(false);
      await here.leave(place, 'anna', 'tab 1');
      expect(await there.list(place)).toEqual(['ben']);
      expect(await there.has(place, 'anna')).toBe(false);
    });

    it('counts a member once however many leases it holds, and keeps it until the last has gone', async () => {
      await here.join(place, 'anna', 'tab 1', LONG_MS);
      await there.join(place, 'anna', 'tab 2', LONG_MS);
      expect(await here.count(place)).toBe(1);
      await here.leave(place, 'anna', 'tab 1');
      expect(await there.list(place)).toEqual(['anna']);
      await here.leave(place, 'anna', 'tab 1');
      await here.leave(place, 'ben', 'tab 2');
      expect(await here.has(place, 'anna')).toBe(true);
      await here.leave(place, 'anna', 'tab 2');
      expect(await there.count(place)).toBe(0);
    });

    it('forgets a lease that is not renewed, after its time and not before', async () => {
      const joined = performance.now();
      await here.join(place, 'anna', 'tab 1', SHORT_MS);
      await waitFor(async () => !(await there.has(place, 'anna')), { what: 'the lease to end' });
      expect(performance.now() - joined).toBeGreaterThanOrEqual(SHORT_MS - 2);
      expect(await there.list(place)).toEqual([]);
      expect(await there.count(place)).toBe(0);
    });

    it('keeps a lease that is renewed, and a member whose other lease lives', async () => {
      await here.join(place, 'anna', 'tab 1', SHORT_MS);
      await here.join(place, 'anna', 'tab 1', LONG_MS);
      await here.join(place, 'ben', 'tab 1', SHORT_MS);
      await here.join(place, 'ben', 'tab 2', LONG_MS);
      await here.join(place, 'carl', 'tab 1', SHORT_MS);
      await waitFor(async () => !(await here.has(place, 'carl')));
      expect((await there.list(place)).sort()).toEqual(['anna', 'ben']);
    });

    it('shortens a lease that is renewed for less', async () => {
      await here.join(place, 'anna', 'tab 1', LONG_MS);
      await here.join(place, 'anna', 'tab 1', SHORT_MS);
      await waitFor(async () => (await there.count(place)) === 0);
    });

    it('takes back a member whose lease had ended', async () => {
      await here.join(place, 'anna', 'tab 1', 20);
      await waitFor(async () => !(await here.has(place, 'anna')));
      await there.join(place, 'anna', 'tab 1', LONG_MS);
      expect(await here.list(place)).toEqual(['anna']);
    });

    it('takes any text for places, members and leases', async () => {
      const odd = ['a:b', '{x}', '"quoted" \n', 'żółć 🎉', '__proto__', '', '%'];
      for (const text of odd) await here.join(`${place}${text}`, text, text, LONG_MS);
      for (const text of odd) expect(await there.list(`${place}${text}`)).toEqual([text]);
    });

    it('agrees with itself when many join and leave at once', async () => {
      const members = Array.from({ length: 100 }, (_, n) => `member ${n}`);
      await Promise.all(members.map((member, n) => (n % 2 ? here : there).join(place, member, 'tab', LONG_MS)));
      await Promise.all(members.filter((_, n) => n % 4 === 0).map((member) => here.leave(place, member, 'tab')));
      expect(await there.count(place)).toBe(75);
      expect((await there.list(place)).length).toBe(75);
    });

    it('knows of many places where somebody is', async () => {
      const [never, ended, left] = [`${place}1`, `${place}2`, `${place}3`];
      expect(await here.listOccupied([])).toEqual([]);
      await here.join(ended, 'anna', 'tab', 20);
      await here.join(left, 'anna', 'tab', LONG_MS);
      await here.leave(left, 'anna', 'tab');
      await here.join(place, 'anna', 'tab', LONG_MS);
      await waitFor(async () => (await there.count(ended)) === 0);
      expect(await there.listOccupied([never, ended, place, left])).toEqual([place]);
    });

    it('does for many at once, at many places, what it does for each', async () => {
      const places = [place, `${place}+`];
      const crowd = places.flatMap((at) => Array.from({ length: MAX_TOGETHER / 2 }, (_, n) => ({ place: at, member: `member ${n}` })));
      const [first, ...others] = crowd;
      await here.join(place, 'member 0', 'tab 2', LONG_MS);
      await here.joinAll([...crowd, first!], 'tab', SHORT_MS);
      await here.joinAll(crowd, 'tab', LONG_MS);
      for (const at of places) expect(await there.count(at)).toBe(MAX_TOGETHER / 2);
      await there.leaveAll([...crowd, ...others], 'tab');
      expect(await here.list(place)).toEqual(['member 0']);
      expect(await here.count(`${place}+`)).toBe(0);
      expect(await bench.held(`${place}+`)).toBe(0);
      await here.leave(place, 'member 0', 'tab 2');
    });

    it('holds nothing of those who left', async () => {
      await here.join(place, 'anna', 'tab 1', LONG_MS);
      await here.join(place, 'anna', 'tab 2', LONG_MS);
      expect(await bench.held(place)).toBeGreaterThan(0);
      await here.leave(place, 'anna', 'tab 1');
      await here.leave(place, 'anna', 'tab 2');
      expect(await bench.held(place)).toBe(0);
    });
  });
}
