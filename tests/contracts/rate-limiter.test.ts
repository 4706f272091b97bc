import type { Database } from '../../src/persistence/database';
import { MemoryRateLimiter } from '../../src/realtime/rate-limiter.memory';
import { OffRateLimiter } from '../../src/realtime/rate-limiter.off';
import { PostgresRateLimiter } from '../../src/realtime/rate-limiter.postgres';
import { RedisRateLimiter } from '../../src/realtime/rate-limiter.redis';
import { RedisClusterLink } from '../../src/realtime/redis-cluster-link';
import { RedisLink } from '../../src/realtime/redis-link';
import type { RedisCommands } from '../../src/realtime/redis-link';
import type { RateDecision, RateLimiter } from '../../src/realtime/rate-limiter';
import { openTestDatabase, testBackends } from '../support/databases';
import { deleteKeys, hasTestRedis, onRedis, testRedisUrl, uniquePrefix } from '../support/redis';
import { canStartCluster, startRedisCluster } from '../support/redis-cluster';
import type { RedisCluster } from '../support/redis-cluster';
import { canStartRedis, startRedisServer } from '../support/redis-server';
import { waitFor } from '../support/wait-for';
import { describeRateLimiterContract } from './rate-limiter.contract';
import type { RateLimiterBench } from './rate-limiter.contract';

const redisAnswers = hasTestRedis();

const RULE = { name: 'test', points: 3, windowMs: 60_000 };

describeRateLimiterContract('memory', () => {
  const limiter = new MemoryRateLimiter();
  return Promise.resolve({ instances: [limiter, limiter], close: () => Promise.resolve() });
});

if (testBackends().includes('postgres')) describeRateLimiterContract('postgres', openPostgresBench);
else describe.skip('the postgres rate limiter', () => test.todo('needs PostgreSQL'));

if (redisAnswers) describeRateLimiterContract('redis', () => openRedisBench());
else describe.skip('the redis rate limiter', () => test.todo('needs Redis'));

(canStartCluster() ? describe : describe.skip)('on three masters', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  describeRateLimiterContract('redis cluster', () =>
    openRedisBench(cluster.seeds, () => new RedisClusterLink({ seeds: cluster.seeds, name: 'test' })),
  );
});

(redisAnswers ? describe : describe.skip)('the redis rate limiter, by itself', () => {
  it('puts every key under its prefix, with an end', async () => {
    const url = testRedisUrl();
    const prefix = uniquePrefix();
    const link = new RedisLink({ url, name: 'test' });
    await waitFor(() => link.up);
    await new RedisRateLimiter({ link, prefix }).consume(RULE, 'key');
    const ends = await onRedis(url, async (client) => {
      const keys = await client.keys(`${prefix}*`);
      return Promise.all(keys.map((key) => client.pttl(key)));
    });
    expect(ends).toHaveLength(1);
    expect(ends[0]).toBeGreaterThan(50_000);
    await link.close();
    await deleteKeys(url, prefix);
  });
});

describe('with the shared store away', () => {
  const limitsByItself = async (limiter: RateLimiter): Promise<void> => {
    const durations: number[] = [];
    const decisions: boolean[] = [];
    for (let n = 0; n < 8; n += 1) {
      const started = performance.now();
      const { allowed } = await limiter.consume(RULE, 'key');
      decisions.push(allowed);
      durations.push(performance.now() - started);
    }
    expect(decisions).toEqual([true, true, true, false, false, false, false, false]);
    expect(Math.max(...durations)).toBeLessThan(600);
    // The breaker is open by now: nobody waits any more.
    expect(Math.min(...durations.slice(4))).toBeLessThan(50);
    await limiter.close();
  };

  it('limits by itself without Redis', async () => {
    const link = new RedisLink({ url: 'redis://127.0.0.1:1', name: 'test' });
    await limitsByItself(new RedisRateLimiter({ link, prefix: uniquePrefix() }));
    await link.close();
  });

  (canStartRedis() ? it : it.skip)('two instances stay limited when Redis is killed, each by itself (P4)', async () => {
    const server = await startRedisServer();
    const links = [new RedisLink({ url: server.url, name: 'test' }), new RedisLink({ url: server.url, name: 'test' })] as const;
    await waitFor(() => links.every(({ up }) => up));
    const limiters = links.map((link) => new RedisRateLimiter({ link, prefix: uniquePrefix() }));
    const rule = { name: 'sliding', points: 6, windowMs: 60_000, burst: 5 };
    for (const limiter of limiters) expect(await limiter.consume(rule, 'key')).toMatchObject({ allowed: true });
    await server.kill();
    for (const limiter of limiters) {
      const decisions: RateDecision[] = [];
      for (let n = 0; n < 20; n += 1) decisions.push(await limiter.consume(rule, 'key'));
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(5);
    }
    for (const limiter of limiters) await limiter.close();
    for (const link of links) await link.close();
  });

  it.each([
    ['that fails', () => Promise.reject(new Error('gone'))],
    ['that is silent', () => new Promise<never>(() => undefined)],
  ])('limits by itself with a database %s', async (_what, sql) => {
    await limitsByItself(new PostgresRateLimiter(silentDatabase(sql)));
  });
});

it('admits everything when it is off', async () => {
  const limiter = new OffRateLimiter();
  expect(await limiter.consume(RULE)).toMatchObject({ allowed: true });
  await limiter.close();
});

/** Only `sql` is ever asked of it. */
function silentDatabase(sql: () => Promise<never>): Database {
  const unused = (): never => {
    throw new Error('The limiter asks only `sql`.');
  };
  return {
    kind: 'postgres',
    role: null,
    as: unused,
    get orm() {
      return unused();
    },
    sql,
    transaction: unused,
    exclusive: unused,
    ping: unused,
    poolStats: unused,
    close: unused,
  };
}

async function openPostgresBench(): Promise<RateLimiterBench> {
  const { database, drop } = await openTestDatabase('postgres');
  return { instances: [new PostgresRateLimiter(database), new PostgresRateLimiter(database)], close: drop };
}

async function openRedisBench(
  urls: readonly string[] = [testRedisUrl()],
  link: () => RedisCommands = () => new RedisLink({ url: testRedisUrl(), name: 'test' }),
): Promise<RateLimiterBench> {
  const prefix = uniquePrefix();
  const links = [link(), link()] as const;
  await waitFor(() => links.every(({ up }) => up));
  return {
    instances: [new RedisRateLimiter({ link: links[0], prefix }), new RedisRateLimiter({ link: links[1], prefix })],
    close: async () => {
      for (const one of links) await one.close();
      for (const url of urls) await deleteKeys(url, prefix);
    },
  };
}
