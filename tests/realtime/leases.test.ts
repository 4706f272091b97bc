import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { Leases } from '../../src/realtime/leases';
import type { LocalMembers } from '../../src/realtime/leases';
import type { PresenceStore } from '../../src/realtime/presence-store';
import { MAX_TOGETHER } from '../../src/realtime/presence-store';
import { MemoryPresenceStore } from '../../src/realtime/presence-store.memory';
import { PostgresPresenceStore } from '../../src/realtime/presence-store.postgres';
import { RedisPresenceStore } from '../../src/realtime/presence-store.redis';
import { RedisLink } from '../../src/realtime/redis-link';
import { openTestDatabase, testBackends } from '../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../support/property-runs';
import { deleteKeys, hasTestRedis, testRedisUrl, uniquePrefix } from '../support/redis';
import { waitFor } from '../support/wait-for';

const PLACE = 'session:1';
const NEVER_MS = 3_600_000;

/** An instance as the leases see it: who is here is what this set says. */
class Instance implements LocalMembers {
  readonly here = new Set<string>();
  readonly leases: Leases;
  private readonly place: string;
  private crashed = false;

  constructor(store: PresenceStore, options: { heartbeatMs?: number; place?: string } = {}) {
    const { heartbeatMs = NEVER_MS, place = PLACE } = options;
    this.place = place;
    const joinAll: PresenceStore['joinAll'] = (...given) => (this.crashed ? Promise.resolve() : store.joinAll(...given));
    const leaveAll: PresenceStore['leaveAll'] = (...given) => (this.crashed ? Promise.resolve() : store.leaveAll(...given));
    this.leases = new Leases({ store: { joinAll, leaveAll }, local: this, heartbeatMs });
  }

  *all() {
    for (const member of this.here) yield { place: this.place, member };
  }

  has(place: string, member: string): boolean {
    return place === this.place && this.here.has(member);
  }

  come(member: string): void {
    this.here.add(member);
    this.leases.note(this.place, member);
  }

  go(member: string): void {
    this.here.delete(member);
    this.leases.note(this.place, member);
  }

  /** Ends without a word. */
  crash(): void {
    this.crashed = true;
    void this.leases.close();
  }
}

describe('leases', () => {
  let store: MemoryPresenceStore;
  beforeEach(() => {
    store = new MemoryPresenceStore();
  });

  it('tell who came and who left, by themselves', async () => {
    const instance = new Instance(store);
    for (const member of ['anna', 'ben']) instance.come(member);
    await waitFor(async () => (await store.count(PLACE)) === 2);
    instance.go('anna');
    await waitFor(async () => (await store.count(PLACE)) === 1);
    await instance.leases.close();
  });

  it('ask the store once for a crowd that comes at once, and not at all for who has left again', async () => {
    const instance = new Instance(store);
    const joined = jest.spyOn(store, 'joinAll');
    for (let n = 0; n < 2 * MAX_TOGETHER; n += 1) instance.come(`member ${n}`);
    for (let n = 0; n < MAX_TOGETHER; n += 1) instance.go(`member ${n}`);
    await instance.leases.flush();
    expect(joined.mock.calls.map(([members]) => members.length)).toEqual([MAX_TOGETHER]);
    expect(await store.count(PLACE)).toBe(MAX_TOGETHER);
  });

  it('renew everybody in parts, and never one who left while they did', async () => {
    const instance = new Instance(store);
    for (let n = 0; n < 2 * MAX_TOGETHER; n += 1) instance.here.add(`member ${n}`);
    const joined = jest.spyOn(store, 'joinAll').mockImplementationOnce((members, leaseId, ttlMs) => {
      instance.go('member 0');
      return MemoryPresenceStore.prototype.joinAll.call(store, members, leaseId, ttlMs);
    });
    await instance.leases.beat();
    await instance.leases.flush();
    expect(joined.mock.calls.map(([members]) => members.length)).toEqual([MAX_TOGETHER, MAX_TOGETHER]);
    expect(await store.has(PLACE, 'member 0')).toBe(false);
    expect(await store.count(PLACE)).toBe(2 * MAX_TOGETHER - 1);
  });

  it('bring everybody back with the heartbeat after the store was away', async () => {
    const instance = new Instance(store);
    const away = jest.spyOn(store, 'joinAll').mockRejectedValue(new Error('away'));
    instance.come('anna');
    await instance.leases.flush();
    await instance.leases.beat();
    away.mockRestore();
    expect(await store.count(PLACE)).toBe(0);
    await instance.leases.beat();
    expect(await store.list(PLACE)).toEqual(['anna']);
  });

  it('close within a second though the store hangs', async () => {
    jest.spyOn(store, 'leaveAll').mockReturnValue(new Promise(() => undefined));
    const instance = new Instance(store);
    instance.go('anna');
    await instance.leases.close();
  });

  it('tell of the places where somebody is, or was for a moment', async () => {
    const told: string[][] = [];
    const onOccupied = (places: readonly string[]): Promise<void> => {
      told.push([...places]);
      return Promise.reject(new Error('not now'));
    };
    const leases = new Leases({ store, local: { all: () => [{ place: 'a', member: 'anna' }], has: () => false }, onOccupied });
    leases.see('b', 'ben');
    leases.note('c', 'carl');
    await leases.flush();
    await leases.beat();
    await leases.close();
    expect(told).toEqual([['b', 'c'], ['a']]);
    expect(await Promise.all(['a', 'b', 'c'].map((place) => store.count(place)))).toEqual([1, 1, 0]);
  });
});

interface Bench {
  readonly stores: readonly [PresenceStore, PresenceStore];
  close(): Promise<void>;
}

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  memory: () => {
    const store = new MemoryPresenceStore();
    return Promise.resolve({ stores: [store, store], close: () => store.close() });
  },
  ...(testBackends().includes('postgres') && { postgres: openPostgresBench }),
  ...(hasTestRedis() && { redis: openRedisBench }),
};

type Step = { readonly instance: 0 | 1; readonly member: string } & { readonly does: 'comes' | 'goes' | 'crashes' | 'pauses' };

const step: fc.Arbitrary<Step> = fc.record({
  instance: fc.constantFrom(0, 1),
  member: fc.constantFrom('anna', 'ben', 'carl'),
  does: fc.oneof(
    { weight: 5, arbitrary: fc.constant('comes' as const) },
    { weight: 3, arbitrary: fc.constant('goes' as const) },
    fc.constant('crashes' as const),
    fc.constant('pauses' as const),
  ),
});

/** Long against a round trip, so that a busy machine renews in time; short enough to try many. */
const HEARTBEAT_MS = 100;

describe.each(Object.entries(BENCHES))('P3 on %s', (_, openBench) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it(
    'after any comings, goings and crashes on two instances, who is seen is who is there, two heartbeats later',
    async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const place = `session:${(run += 1)}`;
          const start = (n: 0 | 1): Instance => new Instance(bench.stores[n], { heartbeatMs: HEARTBEAT_MS, place });
          const instances = [start(0), start(1)];
          for (const { instance, member, does } of steps) {
            if (does === 'comes') instances[instance]?.come(member);
            else if (does === 'goes') instances[instance]?.go(member);
            else if (does === 'pauses') await delay(HEARTBEAT_MS / 4);
            else {
              instances[instance]?.crash();
              instances[instance] = start(instance);
            }
          }
          const truth = [...new Set(instances.flatMap(({ here }) => [...here]))].sort().join();
          // Two heartbeats and the time of a busy machine.
          const isTrue = async (): Promise<boolean> => (await bench.stores[0].list(place)).sort().join() === truth;
          await waitFor(isTrue, { timeoutMs: 50 * HEARTBEAT_MS, what: `${truth} to be seen` });
          for (const { here, leases } of instances) {
            here.clear();
            await leases.close();
          }
        }),
        { numRuns: propertyRuns(15) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

async function openPostgresBench(): Promise<Bench> {
  const { database, drop } = await openTestDatabase('postgres');
  const stores = [new PostgresPresenceStore(database), new PostgresPresenceStore(database)] as const;
  return {
    stores,
    close: async () => {
      for (const store of stores) await store.close();
      await drop();
    },
  };
}

async function openRedisBench(): Promise<Bench> {
  const [url, prefix] = [testRedisUrl(), uniquePrefix()];
  const links = [new RedisLink({ url, name: 'test' }), new RedisLink({ url, name: 'test' })] as const;
  await waitFor(() => links.every(({ up }) => up));
  return {
    stores: [new RedisPresenceStore({ link: links[0], prefix }), new RedisPresenceStore({ link: links[1], prefix })],
    close: async () => {
      for (const link of links) await link.close();
      await deleteKeys(url, prefix);
    },
  };
}
