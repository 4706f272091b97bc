import type { Redis } from 'ioredis';
import type { Bus } from '../../src/realtime/bus';
import { MemoryBus } from '../../src/realtime/bus.memory';
import { PostgresBus } from '../../src/realtime/bus.postgres';
import { RedisBus } from '../../src/realtime/bus.redis';
import { RedisClusterBus } from '../../src/realtime/bus.redis-cluster';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';
import { hasTestRedis, onRedis, testRedisUrl, uniquePrefix } from '../support/redis';
import { canStartCluster, startRedisCluster } from '../support/redis-cluster';
import type { RedisCluster } from '../support/redis-cluster';
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

if (hasTestRedis()) describeRemoteBusContract('redis', () => openRedisBench([testRedisUrl()], 'CHANNELS', startRedisBus));
else describe.skip('the redis bus', () => test.todo('needs Redis'));

(canStartCluster() ? describe : describe.skip)('on three masters', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  describeRemoteBusContract('redis cluster', () => openRedisBench(cluster.seeds, 'SHARDCHANNELS', startClusterBus));
});

async function openPostgresBench(): Promise<RemoteBusBench> {
  const { database, url, drop } = await openTestDatabase('postgres');
  if (url === null) throw new Error('PostgreSQL has a URL.');
  const sessions = "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'parley-bus-%'";
  return {
    instance: () => new PostgresBus({ url }),
    // One LISTEN per instance, whatever the topics.
    backendSubscriptions: () => Promise.resolve(0),
    connections: async () => {
      const [row] = await asOwner<{ count: number }>(database, `SELECT count(*) AS count ${sessions}`);
      return row?.count ?? 0;
    },
    breakConnections: async () => {
      await asOwner(database, `SELECT pg_terminate_backend(pid) ${sessions}`);
    },
    unreachable: () => new PostgresBus({ url: `postgres://postgres@${NOBODY}/nowhere` }),
    close: drop,
  };
}

function startRedisBus([url = '']: readonly string[], prefix: string): Bus {
  return new RedisBus({ url, prefix });
}

function startClusterBus(seeds: readonly string[], prefix: string): Bus {
  return new RedisClusterBus({ seeds, prefix });
}

function openRedisBench(
  urls: readonly string[],
  channels: 'CHANNELS' | 'SHARDCHANNELS',
  startBus: (urls: readonly string[], prefix: string) => Bus,
): Promise<RemoteBusBench> {
  const prefix = uniquePrefix();
  const onEach = <T>(work: (client: Redis) => Promise<T>): Promise<T[]> => Promise.all(urls.map((url) => onRedis(url, work)));
  const ours = async (client: Redis): Promise<string[]> =>
    String(await client.client('LIST'))
      .split('\n')
      .filter((line) => line.includes(`name=${prefix}`));
  return Promise.resolve({
    instance: () => startBus(urls, prefix),
    backendSubscriptions: async () => {
      const lists = await onEach((client) => client.call('PUBSUB', channels, `${prefix}*`));
      return lists.flat().length;
    },
    connections: async () => (await onEach(ours)).flat().length,
    breakConnections: async () => {
      await onEach(async (client) => {
        const ids = (await ours(client)).map((line) => /\bid=(\d+)/.exec(line)?.[1] ?? '');
        await Promise.all(ids.map((id) => client.client('KILL', 'ID', id)));
      });
    },
    unreachable: () => startBus([`redis://${NOBODY}`], prefix),
    close: () => Promise.resolve(),
  });
}
