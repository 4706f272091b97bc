import { MemoryBus } from '../../src/realtime/bus.memory';
import { PostgresBus } from '../../src/realtime/bus.postgres';
import { RedisBus } from '../../src/realtime/bus.redis';
import { openTestDatabase, testBackends } from '../support/databases';
import { hasTestRedis, onRedis, testRedisUrl, uniquePrefix } from '../support/redis';
import { describeBusContract, describeRemoteBusContract } from './bus.contract';
import type { RemoteBusBench } from './bus.contract';

/** Nothing listens there: reserved, and refused at once on loopback. */
const NOBODY = '127.0.0.1:1';

describeBusContract('memory', () => {
  const bus = new MemoryBus();
  return Promise.resolve({
    instance: () => bus,
    backendSubscriptions: () => Promise.resolve(bus.status().topics),
    connections: () => Promise.resolve(0),
    close: () => bus.close(),
  });
});

if (testBackends().includes('postgres')) describeRemoteBusContract('postgres', openPostgresBench);
else describe.skip('the postgres bus', () => test.todo('needs PostgreSQL'));

if (hasTestRedis()) describeRemoteBusContract('redis', openRedisBench);
else describe.skip('the redis bus', () => test.todo('needs Redis'));

async function openPostgresBench(): Promise<RemoteBusBench> {
  const { database, url, drop } = await openTestDatabase('postgres');
  if (url === null) throw new Error('PostgreSQL has a URL.');
  const sessions = "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'parley-bus-%'";
  return {
    instance: () => new PostgresBus({ url }),
    // One LISTEN per instance, whatever the topics.
    backendSubscriptions: () => Promise.resolve(0),
    connections: async () => {
      const [row] = await database.sql<{ count: number }>(`SELECT count(*) AS count ${sessions}`);
      return row?.count ?? 0;
    },
    breakConnections: async () => {
      await database.sql(`SELECT pg_terminate_backend(pid) ${sessions}`);
    },
    unreachable: () => new PostgresBus({ url: `postgres://postgres@${NOBODY}/nowhere` }),
    close: drop,
  };
}

function openRedisBench(): Promise<RemoteBusBench> {
  const url = testRedisUrl();
  const prefix = uniquePrefix();
  const ours = (list: string): string[] => list.split('\n').filter((line) => line.includes(`name=${prefix}`));
  return Promise.resolve({
    instance: () => new RedisBus({ url, prefix }),
    backendSubscriptions: () =>
      onRedis(url, async (client) => {
        const channels = await client.pubsub('CHANNELS', `${prefix}*`);
        return channels.length;
      }),
    connections: () => onRedis(url, async (client) => ours(String(await client.client('LIST'))).length),
    breakConnections: () =>
      onRedis(url, async (client) => {
        for (const line of ours(String(await client.client('LIST')))) {
          const id = /\bid=(\d+)/.exec(line)?.[1];
          if (id !== undefined) await client.client('KILL', 'ID', id);
        }
      }),
    unreachable: () => new RedisBus({ url: `redis://${NOBODY}`, prefix }),
    close: () => Promise.resolve(),
  });
}
