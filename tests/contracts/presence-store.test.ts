import { MemoryPresenceStore } from '../../src/realtime/presence-store.memory';
import { PostgresPresenceStore } from '../../src/realtime/presence-store.postgres';
import { RedisPresenceStore } from '../../src/realtime/presence-store.redis';
import { RedisClusterLink } from '../../src/realtime/redis-cluster-link';
import { RedisLink } from '../../src/realtime/redis-link';
import type { RedisCommands } from '../../src/realtime/redis-link';
import { openTestDatabase, testBackends } from '../support/databases';
import { deleteKeys, hasTestRedis, onRedis, testRedisUrl, uniquePrefix } from '../support/redis';
import { canStartCluster, startRedisCluster } from '../support/redis-cluster';
import type { RedisCluster } from '../support/redis-cluster';
import { waitFor } from '../support/wait-for';
import { describePresenceStoreContract } from './presence-store.contract';
import type { PresenceBench } from './presence-store.contract';

const redisAnswers = hasTestRedis();

describePresenceStoreContract('memory', () => {
  const store = new MemoryPresenceStore();
  return Promise.resolve({ instances: [store, store], held: (place) => store.count(place), close: () => Promise.resolve() });
});

if (testBackends().includes('postgres')) describePresenceStoreContract('postgres', openPostgresBench);
else describe.skip('the postgres presence store', () => test.todo('needs PostgreSQL'));

if (redisAnswers) describePresenceStoreContract('redis', () => openRedisBench());
else describe.skip('the redis presence store', () => test.todo('needs Redis'));

(canStartCluster() ? describe : describe.skip)('on three masters', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  describePresenceStoreContract('redis cluster', () =>
    openRedisBench(cluster.seeds, () => new RedisClusterLink({ seeds: cluster.seeds, name: 'test' })),
  );
});

(redisAnswers ? describe : describe.skip)('the redis presence store, by itself', () => {
  it('leaves no key behind when everybody’s lease has ended', async () => {
    const { instances, held, close } = await openRedisBench();
    for (const member of ['anna', 'ben']) await instances[0].join('place', member, 'tab', 1_000);
    expect(await held('place')).toBe(3);
    await waitFor(async () => (await held('place')) === 0, { what: 'the keys to expire' });
    await close();
  });

  it('is UNAVAILABLE at once while Redis is away', async () => {
    const link = new RedisLink({ url: 'redis://127.0.0.1:1', name: 'test' });
    const store = new RedisPresenceStore({ link, prefix: uniquePrefix() });
    for (const ask of [
      () => store.join('p', 'm', 'l', 1_000),
      () => store.leave('p', 'm', 'l'),
      () => store.list('p'),
      () => store.has('p', 'm'),
    ]) {
      const asked = performance.now();
      await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(performance.now() - asked).toBeLessThan(600);
    }
    await link.close();
  });
});

async function openPostgresBench(): Promise<PresenceBench> {
  const { database, drop } = await openTestDatabase('postgres');
  return {
    instances: [new PostgresPresenceStore(database), new PostgresPresenceStore(database)],
    held: async (place) => {
      const rows = await database.sql('SELECT 1 FROM presence_leases WHERE place = $1', [place]);
      return rows.length;
    },
    close: drop,
  };
}

async function openRedisBench(
  urls: readonly string[] = [testRedisUrl()],
  link: () => RedisCommands = () => new RedisLink({ url: testRedisUrl(), name: 'test' }),
): Promise<PresenceBench> {
  const prefix = uniquePrefix();
  const links = [link(), link()] as const;
  await waitFor(() => links.every(({ up }) => up));
  return {
    instances: [new RedisPresenceStore({ link: links[0], prefix }), new RedisPresenceStore({ link: links[1], prefix })],
    held: async (place) => {
      const keys = await Promise.all(urls.map((url) => onRedis(url, (client) => client.keys(`${prefix}presence:{${place}}*`))));
      return keys.flat().length;
    },
    close: async () => {
      for (const one of links) await one.close();
      for (const url of urls) await deleteKeys(url, prefix);
    },
  };
}
