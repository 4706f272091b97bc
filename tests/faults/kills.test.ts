import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../support/api-client';
import { setStage } from '../support/factories/stage';
import { OnChannelEventsDocument, SendMessageDocument } from '../support/generated/graphql';
import { closeAfterTest } from '../support/jest-leaks';
import type { ProcessBackends } from '../support/process-backends';
import { openProcessBackends } from '../support/process-backends';
import { requireRedisUrl } from '../support/redis';
import { ServerProcess } from '../support/server-process';
import type { ServerEnvironment } from '../support/server-process';
import { createTcpProxy } from '../support/tcp-proxy';
import { APP_BACKENDS } from '../support/test-app';
import { waitFor } from '../support/wait-for';
import { createBalancer } from './harness/balancer';
import type { Balancer } from './harness/balancer';
import { bookOf } from './harness/book';
import { Crowd } from './harness/crowd';
import { FAULT_TIMEOUT_MS, percentile, tell, times } from './harness/form';

const KILLS = times(8, 200);
const SUBSCRIBERS = times(60, 1_000);
const ENDINGS = times(2, 20);
/** Hundreds of sockets have moved meanwhile. */
const PROGRESS_MS = 120_000;
const CHECK_EVERY_MS = 1_000;
const SOCKETS = times(60, 500);
/** Ten seconds, and what a starved machine may add; a process that hangs is ended by its last resort, and not with 0. */
const EXIT_MS = 20_000;

// Several processes share one database, which PGlite cannot; a process on a directory is killed in directory.test.ts.
const describeServers = APP_BACKENDS === 'postgres-redis' ? describe : describe.skip;

describeServers('processes that end', () => {
  let backends: ProcessBackends;
  beforeAll(async () => {
    backends = await openProcessBackends();
  });
  afterAll(() => backends.remove());

  const start = (environment: ServerEnvironment = {}): Promise<ServerProcess> =>
    ServerProcess.startForTest({ ...backends.environment, ...environment });
  const balance = async (servers: readonly ServerProcess[], checkEveryMs?: number): Promise<Balancer> => {
    const balancer = await createBalancer(
      servers.map(({ url }) => url),
      { checkEveryMs },
    );
    closeAfterTest(() => balancer.close());
    return balancer;
  };
  const gather = async (url: string, writers: number, readers: number): Promise<Crowd> => {
    const stage = await setStage(url, { capacity: writers + readers });
    return Crowd.gather({ stage, url, writers, readers });
  };

  it(
    `killed ${KILLS} times under 50 writers: every acknowledged message is there once, and who comes back to the survivor has all of them in order (F1)`,
    async () => {
      const servers = await Promise.all([start(), start()]);
      const { url } = await balance(servers);
      const crowd = await gather(url, 50, 6);
      const readyMs: number[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await crowd.progress(20 + Math.floor(Math.random() * 200));
        const victim = servers[kill % servers.length]!;
        await victim.kill();
        const startedAt = performance.now();
        await victim.start();
        readyMs.push(performance.now() - startedAt);
      }
      await crowd.progress(50);
      await crowd.settle();
      expect(await crowd.audit(bookOf(backends.environment.DATABASE_URL!))).toEqual([]);
      expect(crowd.failures).toBeGreaterThan(0);
      expect(crowd.readers.some(({ openings }) => openings > 1)).toBe(true);
      tell('F1', {
        kills: KILLS,
        messages: crowd.acknowledged,
        'failed attempts': crowd.failures,
        'ready p50 ms': percentile(readyMs, 0.5),
        'max ms': Math.max(...readyMs),
      });
    },
    FAULT_TIMEOUT_MS,
  );

  it('killed between COMMIT and publishing: the others tell it within two seconds (F3)', async () => {
    const redis = new URL(await requireRedisUrl());
    const proxy = await createTcpProxy({ port: Number(redis.port || 6379), host: redis.hostname });
    closeAfterTest(() => proxy.close());
    const [survivor, victim] = await Promise.all([start(), start({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` })]);
    const stage = await setStage(survivor.url);
    const { api } = await stage.join();
    closeAfterTest(() => api.close());
    const follower = api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    await waitFor(() => follower.received.length === 1, { what: 'the opening' });
    proxy.blackhole();
    await new ApiClient(victim.url, api.token).run(SendMessageDocument, { input: { channelId: stage.channelId, body: 'last words' } });
    await victim.kill();
    await waitFor(() => follower.received.length === 2, { timeoutMs: 2_000, what: 'the event that nobody published' });
    expect(follower.received[1]?.channelEvents).toMatchObject({ __typename: 'MessageAdded', message: { body: 'last words' } });
  });

  it(
    `restarted one after the other: ${SUBSCRIBERS} subscribers go on elsewhere and miss nothing (F18)`,
    async () => {
      const servers = await Promise.all([start(), start(), start()]);
      const { url } = await balance(servers);
      const crowd = await gather(url, 5, SUBSCRIBERS);
      const exits: (number | null)[] = [];
      for (const server of servers) {
        await crowd.progress(20);
        exits.push(await server.terminate());
        await server.start();
      }
      await crowd.progress(20);
      await crowd.settle();
      expect(await crowd.audit(bookOf(backends.environment.DATABASE_URL!))).toEqual([]);
      expect(exits).toEqual([0, 0, 0]);
      const openings = crowd.readers.map((reader) => reader.openings);
      expect(Math.min(...openings)).toBeGreaterThan(1);
      tell('F18', {
        subscribers: SUBSCRIBERS,
        messages: crowd.acknowledged,
        'openings at most': Math.max(...openings),
        'failed attempts': crowd.failures,
      });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    `asked to end ${ENDINGS} times under load: exit 0 in time, and behind a balancer no request fails (F17)`,
    async () => {
      const servers = await Promise.all([start(), start()]);
      const { url } = await balance(servers, CHECK_EVERY_MS);
      const crowd = await gather(url, 10, SOCKETS);
      const exits: string[] = [];
      const exitMs: number[] = [];
      for (let ending = 0; ending < ENDINGS; ending += 1) {
        const server = servers[ending % servers.length]!;
        await crowd.progress(50, PROGRESS_MS);
        const askedAt = performance.now();
        const code = await server.terminate();
        exits.push(code === 0 ? 'exit 0' : `exit ${code}: ${server.printed}`);
        exitMs.push(performance.now() - askedAt);
        await server.start();
        // So that the other one is not alone when it ends: the balancer knows by then that this one is back.
        await pause(2 * CHECK_EVERY_MS);
      }
      await crowd.progress(50, PROGRESS_MS);
      await crowd.settle();
      expect(await crowd.audit(bookOf(backends.environment.DATABASE_URL!))).toEqual([]);
      tell('F17', {
        endings: ENDINGS,
        sockets: SOCKETS,
        requests: crowd.attempts().length,
        failed: crowd.failures,
        'exit p50 ms': percentile(exitMs, 0.5),
        'max ms': Math.max(...exitMs),
      });
      expect(exits).toEqual(exits.map(() => 'exit 0'));
      expect(Math.max(...exitMs)).toBeLessThan(EXIT_MS);
      expect(crowd.failures).toBe(0);
    },
    FAULT_TIMEOUT_MS,
  );
});
