import type Redis from 'ioredis';
import type { Guest, Stage } from '../support/factories/stage';
import { setStage } from '../support/factories/stage';
import {
  OnSignalsDocument,
  RefreshTokensDocument,
  SendMessageDocument,
  SendSignalDocument,
  ViewerDocument,
} from '../support/generated/graphql';
import { closeAfterTest } from '../support/jest-leaks';
import type { ProcessBackends } from '../support/process-backends';
import { openProcessBackends } from '../support/process-backends';
import { onRedis } from '../support/redis';
import type { RedisServer } from '../support/redis-server';
import { canStartRedis, startRedisServer } from '../support/redis-server';
import { ServerProcess } from '../support/server-process';
import { APP_BACKENDS } from '../support/test-app';
import { waitFor } from '../support/wait-for';
import { createBalancer } from './harness/balancer';
import type { Balancer } from './harness/balancer';
import { bookOf } from './harness/book';
import { Crowd } from './harness/crowd';
import { FAULT_TIMEOUT_MS, percentile, tell, times } from './harness/form';

const PUBSUB_KILLS = times(10, 100);
const MUTATIONS = 120;
/** Or, on a machine where it is more with Redis as well, three times that. */
const MUTATION_P99_MS = 300;
const MESSAGES_A_MINUTE = 100;
/** Listeners renew their leases every ten seconds. */
const PRESENCE_MS = 20_000;
const MAX_LOG_LINES = 20;
const BALANCED = 2;
const NOBODY_LISTENS = 1;
const JUNK = 'x'.repeat(1_000_000);

const describeServers = APP_BACKENDS === 'postgres-redis' && canStartRedis() ? describe : describe.skip;

describeServers('Redis under two instances', () => {
  let backends: ProcessBackends;
  let redis: RedisServer;
  let servers: ServerProcess[];
  /** The last of them, apart from the balancer: the others serve more messages than the limits allow. */
  let limited: ServerProcess;
  let balancer: Balancer;

  beforeAll(async () => {
    [backends, redis] = [await openProcessBackends(), await startRedisServer()];
    const environment = { ...backends.environment, REDIS_URL: redis.url };
    const environments = [environment, environment, { ...environment, PARLEY_RATE_LIMITS: 'on' }];
    servers = await Promise.all(environments.map((each) => ServerProcess.start(each)));
    limited = servers[2]!;
    balancer = await createBalancer(servers.slice(0, BALANCED).map(({ url }) => url));
  });
  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.kill()));
    await balancer?.close();
    await redis?.stop();
    await backends?.remove();
  });

  const administer = async (work: (client: Redis) => Promise<unknown>, password?: string): Promise<void> => {
    const url = new URL(redis.url);
    if (password !== undefined) url.password = password;
    await onRedis(url.href, work);
  };
  const gather = async (writers: number, readers: number, paceMs: number): Promise<{ stage: Stage; crowd: Crowd }> => {
    const stage = await setStage(balancer.url, { capacity: 1_000 });
    const crowd = await Crowd.gather({ stage, url: balancer.url, writers, readers, paceMs });
    return { stage, crowd };
  };
  const expectAllWell = async (crowd: Crowd): Promise<void> => {
    await crowd.settle();
    expect(await crowd.audit(bookOf(backends.environment.DATABASE_URL!))).toEqual([]);
    expect(crowd.codes).toEqual([]);
    expect(servers.every(({ running }) => running)).toBe(true);
  };
  const busReconnects = (): Promise<number[]> => Promise.all(servers.map((server) => server.metric('parley_bus_reconnects_total')));
  const busIs = (up: boolean): Promise<boolean> =>
    waitFor(
      async () => (await Promise.all(servers.map((server) => server.metric('parley_bus_up')))).every((figure) => figure === (up ? 1 : 0)),
      {
        timeoutMs: 15_000,
        what: `the bus ${up ? 'up' : 'degraded'} everywhere`,
      },
    );

  it.each(times(['restarted empty'], ['restarted empty', 'flushed']))(
    '%s: limits count again, presence comes back, everybody stays signed in, events go on (F7)',
    async (how) => {
      const { stage, crowd } = await gather(5, 2, 200);
      const [speaker, listener] = [await stage.join('Speaker', limited.url), await stage.join('Listener', servers[0]!.url)];
      closeAfterTest(() => listener.api.close());
      const signals = listener.api.follow(OnSignalsDocument, { sessionId: stage.session.id });
      await waitFor(() => signals.received.length === 1, { what: 'an open inbox' });
      const isListening = async (): Promise<boolean> => {
        const input = { sessionId: stage.session.id, to: listener.attendee.id, type: 'END' as const, payload: {} };
        return (await stage.host.api.run(SendSignalDocument, { input })).sendSignal.delivered;
      };
      const sendUntilRefused = async ({ api }: Guest): Promise<{ sent: number; code: string | undefined }> => {
        for (let sent = 0; ; sent += 1) {
          const { errors } = await api.ask(SendMessageDocument, { input: { channelId: (await spare).channelId, body: `${sent}` } });
          if (errors.length > 0) return { sent, code: errors[0]?.extensions.code };
        }
      };
      // A channel of its own, so that the audit knows every message of the other.
      const spare = setStage(limited.url);
      const talker: Guest = await (await spare).join('Talker', limited.url);
      expect(await isListening()).toBe(true);
      expect(await sendUntilRefused(talker)).toEqual({ sent: MESSAGES_A_MINUTE, code: 'RATE_LIMITED' });

      if (how === 'flushed') await administer((client) => client.flushall());
      else {
        const before = await busReconnects();
        await redis.kill();
        await redis.start();
        await waitFor(async () => (await busReconnects()).every((figure, n) => figure > before[n]!), {
          timeoutMs: 15_000,
          what: 'a reconnect counted everywhere',
        });
      }
      await busIs(true);
      expect((await speaker.api.run(ViewerDocument, {})).viewer).toBeNull();
      const { host } = stage;
      await host.api.run(RefreshTokensDocument, { input: { refreshToken: host.refreshToken } });
      expect(await sendUntilRefused(talker)).toEqual({ sent: MESSAGES_A_MINUTE, code: 'RATE_LIMITED' });
      await waitFor(isListening, { timeoutMs: PRESENCE_MS, what: 'a presence that came back' });
      await expectAllWell(crowd);
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    `its subscribers killed ${PUBSUB_KILLS} times under load: 0 missing (F8)`,
    async () => {
      const { crowd } = await gather(20, 6, 100);
      for (let kill = 0; kill < PUBSUB_KILLS; kill += 1) {
        await administer((client) => client.client('KILL', 'TYPE', 'pubsub'));
        await crowd.progress(50);
      }
      await expectAllWell(crowd);
      tell('F8', { kills: PUBSUB_KILLS, messages: crowd.acknowledged });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'cut off by it for reading too slowly: 0 missing (F8)',
    async () => {
      const { stage, crowd } = await gather(20, 6, 100);
      const slow = servers[0]!;
      const channel = `${backends.environment.PARLEY_REDIS_PREFIX}bus:channel:${stage.channelId}`;
      const allListen = async (client: Redis): Promise<boolean> => Number((await client.pubsub('NUMSUB', channel))[1]) === BALANCED;
      await crowd.progress(50);
      await administer(async (client) => {
        await client.config('SET', 'client-output-buffer-limit', 'pubsub 1000000 0 0');
        await waitFor(() => allListen(client), { what: 'every subscriber' });
        slow.freeze();
        try {
          await waitFor(async () => (await client.publish(channel, JUNK)) < BALANCED, {
            timeoutMs: 10_000,
            what: 'a subscriber cut off',
          });
        } finally {
          slow.thaw();
        }
        await waitFor(() => allListen(client), { timeoutMs: 10_000, what: 'every subscriber again' });
        await client.config('SET', 'client-output-buffer-limit', 'pubsub 32mb 8mb 60');
      });
      await crowd.progress(50);
      await expectAllWell(crowd);
    },
    FAULT_TIMEOUT_MS,
  );

  interface Refusal {
    readonly how: string;
    readonly busStaysUp: boolean;
    readonly refuse: (client: Redis) => Promise<unknown>;
    readonly accept: (client: Redis) => Promise<unknown>;
    readonly password?: string;
  }
  const refusals: Refusal[] = [
    {
      how: 'full',
      busStaysUp: true,
      refuse: (client) => client.config('SET', 'maxmemory', '1'),
      accept: (client) => client.config('SET', 'maxmemory', '0'),
    },
    {
      how: 'a replica that takes no writes',
      busStaysUp: true,
      refuse: (client) => client.replicaof('127.0.0.1', NOBODY_LISTENS),
      accept: (client) => client.replicaof('NO', 'ONE'),
    },
    {
      how: 'behind another password',
      busStaysUp: false,
      refuse: async (client) => {
        await client.config('SET', 'requirepass', 'another');
        for (const type of ['pubsub', 'normal'] as const) await client.client('KILL', 'TYPE', type, 'SKIPME', 'yes');
      },
      accept: (client) => client.config('SET', 'requirepass', ''),
      password: 'another',
    },
  ];
  it.each(refusals)(
    '$how: mutations do not notice, events go on, and the log stays short (F9)',
    async ({ how, busStaysUp, refuse, accept, password }) => {
      const { crowd } = await gather(5, 2, 200);
      const spare = await setStage(limited.url);
      const talkers = await Promise.all(Array.from({ length: 8 }, () => spare.join('Talker', limited.url)));
      const sendMany = async (): Promise<number[]> => {
        const durations: number[] = [];
        for (let n = 0; n < MUTATIONS; n += 1) {
          const startedAt = performance.now();
          await talkers[n % talkers.length]!.api.run(SendMessageDocument, { input: { channelId: spare.channelId, body: `${n}` } });
          durations.push(performance.now() - startedAt);
        }
        return durations;
      };
      const before = await sendMany();
      const printed = servers.map((server) => server.printed.length);
      await administer(refuse);
      let refusing = true;
      closeAfterTest(() => refusing && administer(accept, password));
      if (!busStaysUp) await busIs(false);
      const durations = await sendMany();
      expect(percentile(durations, 0.99)).toBeLessThan(Math.max(MUTATION_P99_MS, 3 * percentile(before, 0.99)));
      expect(await Promise.all(servers.map((server) => server.status('/readyz')))).toEqual(servers.map(() => 200));
      await crowd.progress(20);
      await administer(accept, password);
      refusing = false;
      await busIs(true);
      await crowd.progress(20);
      await expectAllWell(crowd);
      const lines = servers.map((server, n) => server.printed.slice(printed[n]).split('\n').length);
      expect(Math.max(...lines)).toBeLessThan(MAX_LOG_LINES);
      tell(`F9 ${how}`, {
        mutations: MUTATIONS,
        'p99 ms before': percentile(before, 0.99),
        'p50 ms': percentile(durations, 0.5),
        'p99 ms': percentile(durations, 0.99),
        'log lines at most': Math.max(...lines),
      });
    },
    FAULT_TIMEOUT_MS,
  );
});
