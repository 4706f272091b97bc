import { MemoryPresenceStore } from '../../src/realtime/presence-store.memory';
import { PostgresPresenceStore } from '../../src/realtime/presence-store.postgres';
import { RedisPresenceStore } from '../../src/realtime/presence-store.redis';
import { RedisLink } from '../../src/realtime/redis-link';
import { openTestDatabase, testBackends } from '../support/databases';
import { deleteKeys, hasTestRedis, onRedis, testRedisUrl, uniquePrefix } from '../support/redis';
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

if (redisAnswers) describePresenceStoreContract('redis', openRedisBench);
else describe.skip('the redis presence store', () => test.todo('needs Redis'));

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

function openRedisBench(): Promise<PresenceBench> {
  const url = testRedisUrl();
  const prefix = uniquePrefix();
  const links = [new RedisLink({ url, name: 'test' }), new RedisLink({ url, name: 'test' })] as const;
  const bench: PresenceBench = {
    instances: [new RedisPresenceStore({ link: links[0], prefix }), new RedisPresenceStore({ link: links[1], prefix })],
    held: (place) => onRedis(url, async (client) => (await client.keys(`${prefix}presence:{${place}}*`)).length),
    close: async () => {
      for (const link of links) await link.close();
      await deleteKeys(url, prefix);
    },
  };
  return waitFor(() => links.every(({ up }) => up)).then(() => bench);
}
