import { isDeepStrictEqual } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import { setStage } from '../support/factories/stage';
import { OnSignalsDocument, SendSignalDocument } from '../support/generated/graphql';
import { closeAfterTest } from '../support/jest-leaks';
import type { ProcessBackends } from '../support/process-backends';
import { openProcessBackends } from '../support/process-backends';
import { ServerProcess } from '../support/server-process';
import type { TcpProxy } from '../support/tcp-proxy';
import { createTcpProxy } from '../support/tcp-proxy';
import { APP_BACKENDS } from '../support/test-app';
import { waitFor } from '../support/wait-for';
import { createBalancer } from './harness/balancer';
import type { Balancer } from './harness/balancer';
import { bookOf } from './harness/book';
import { Crowd } from './harness/crowd';
import { FAULT_TIMEOUT_MS, tell, times } from './harness/form';
import { Reader } from './harness/reader';

const BAD_NETWORK_MS = times(8_000, 60_000);
const CHURN_MS = times(10_000, 600_000);
const CHURNING = times(100, 500);
const CUTS_MS = times([1_000], [1_000, 30_000]);
const STILL_MS = 2_000;
const CUT_EVERY_MS = 100;
const OPEN_FILES = 256;
const CLIENTS = 400;
/** The promise is five seconds. */
const CONVERGENCE_MS = 20_000;
/** Rosters and streams are kept warm for ten seconds each, one after the other; the promise is sixty. */
const EMPTY_MS = 40_000;

const describeServers = APP_BACKENDS === 'postgres-redis' ? describe : describe.skip;

describeServers('clients of two instances', () => {
  let backends: ProcessBackends;
  let servers: ServerProcess[];
  let proxies: TcpProxy[];
  let balancer: Balancer;

  beforeAll(async () => {
    backends = await openProcessBackends();
    servers = await Promise.all([ServerProcess.start(backends.environment), ServerProcess.start(backends.environment)]);
    proxies = await Promise.all(servers.map(({ url }) => createTcpProxy({ port: Number(new URL(url).port) })));
    balancer = await createBalancer(proxies.map(({ port }) => `http://127.0.0.1:${port}`));
  });
  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.kill()));
    await balancer?.close();
    await Promise.all((proxies ?? []).map((proxy) => proxy.close()));
    await backends?.remove();
  });

  const gather = async (writers: number, readers: number): Promise<Crowd> => {
    const stage = await setStage(balancer.url, { capacity: 10_000 });
    return Crowd.gather({ stage, url: balancer.url, writers, readers });
  };
  const expectAllWell = async (crowd: Crowd, codes: readonly string[] = []): Promise<void> => {
    await crowd.settle(CONVERGENCE_MS);
    expect(await crowd.audit(bookOf(backends.environment.DATABASE_URL!))).toEqual([]);
    expect(crowd.codes.filter((code) => !codes.includes(code))).toEqual([]);
    expect(servers.every(({ running }) => running)).toBe(true);
  };
  /** Does something to a proxy, each in turn, every so often. */
  const disturb = async (milliseconds: number, cut: (proxy: TcpProxy) => unknown): Promise<number> => {
    let cuts = 0;
    for (const until = performance.now() + milliseconds; performance.now() < until; cuts += 1) {
      await cut(proxies[cuts % proxies.length]!);
      await pause(CUT_EVERY_MS);
    }
    return cuts;
  };

  it(
    'on a network of 100 to 600 ms with random cuts and a silence: 20 users converge when it heals (F30)',
    async () => {
      const crowd = await gather(10, 10);
      for (const proxy of proxies) proxy.delay(100, 500);
      const cuts = await disturb(BAD_NETWORK_MS / 2, (proxy) => proxy.resetOne());
      proxies[0]!.blackhole();
      const more = await disturb(BAD_NETWORK_MS / 2, () => proxies[1]!.resetOne());
      for (const proxy of proxies) {
        proxy.delay(0);
        proxy.heal();
      }
      const healedAt = performance.now();
      await expectAllWell(crowd);
      expect(crowd.readers.some(({ openings }) => openings > 1)).toBe(true);
      tell('F30', { cuts: cuts + more, messages: crowd.acknowledged, 'converged and audited after ms': performance.now() - healedAt });
    },
    FAULT_TIMEOUT_MS,
  );

  it.each(CUTS_MS)(
    'without a network for %i ms, and without a word of it: they come back by cursor and miss nothing (F10)',
    async (milliseconds) => {
      const crowd = await gather(5, 20);
      await crowd.progress(20);
      for (const proxy of proxies) proxy.blackhole();
      closeAfterTest(() => proxies.forEach((proxy) => proxy.heal()));
      await pause(milliseconds);
      for (const proxy of proxies) proxy.heal();
      await crowd.progress(20);
      await expectAllWell(crowd);
      expect(Math.min(...crowd.readers.map(({ openings }) => openings))).toBeGreaterThan(1);
      tell('F10', { 'cut for ms': milliseconds, messages: crowd.acknowledged, readers: crowd.readers.length });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'when one stands still for two seconds: its metrics tell, and nothing is missed (F21)',
    async () => {
      const [still, other] = [servers[0]!, servers[1]!];
      const crowd = await gather(5, 6);
      const longestPause = (server: ServerProcess): Promise<number> => server.metric('parley_nodejs_eventloop_lag_max_seconds');
      // Reading begins a new measurement.
      await longestPause(still);
      await crowd.progress(20);
      still.freeze();
      closeAfterTest(() => still.thaw());
      await pause(STILL_MS);
      still.thaw();
      expect(await longestPause(still)).toBeGreaterThanOrEqual((STILL_MS / 1_000) * 0.9);
      expect(await other.status('/readyz')).toBe(200);
      await crowd.progress(20);
      await expectAllWell(crowd, ['UNAVAILABLE']);
    },
    FAULT_TIMEOUT_MS,
  );

  /** Healing ends what was swallowed: so that no later request is sent on a connection that is just being cut. */
  const healed = async (): Promise<void> => {
    proxies[0]!.heal();
    await pause(500);
  };

  it(
    'whose packets are swallowed without a word: given up after two pings, and their presence ends (F11)',
    async () => {
      const stage = await setStage(servers[1]!.url, { capacity: 10_000 });
      const listener = await stage.join('Listener', `http://127.0.0.1:${proxies[0]!.port}`);
      closeAfterTest(() => listener.api.close());
      const signals = listener.api.follow(OnSignalsDocument, { sessionId: stage.session.id });
      await waitFor(() => signals.received.length === 1, { what: 'an open inbox' });
      const isListening = async (): Promise<boolean> => {
        const input = { sessionId: stage.session.id, to: listener.attendee.id, type: 'END' as const, payload: {} };
        return (await stage.host.api.run(SendSignalDocument, { input })).sendSignal.delivered;
      };
      expect(await isListening()).toBe(true);
      const open = await servers[0]!.metric('parley_connections_open', 'ws');
      proxies[0]!.blackhole();
      closeAfterTest(healed);
      const silentSince = performance.now();
      await waitFor(async () => !(await isListening()), { timeoutMs: 4 * DEFAULT_LIMITS.silenceMs, what: 'an absence' });
      expect(await servers[0]!.metric('parley_connections_open', 'ws')).toBe(open - 1);
      tell('F11', { 'absent after ms': performance.now() - silentSince });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    `${CHURNING} sockets that are cut, and guests that come and go: nothing is missed, and nothing is left when all have gone (K1, K2)`,
    async () => {
      const crowd = await gather(3, CHURNING);
      const stage = await setStage(balancer.url, { capacity: 10_000 });
      const sum = async (name: string): Promise<number> =>
        (await Promise.all(servers.map((server) => server.metric(name)))).reduce((total, figure) => total + figure, 0);
      const rssBefore = await sum('parley_process_resident_memory_bytes');
      const cuts = await disturb(CHURN_MS, async (proxy) => {
        proxy.resetOne();
        const passing = new Reader(await stage.join('Passing', servers[0]!.url), servers[0]!.url, stage.channelId);
        await waitFor(() => passing.openings > 0, { timeoutMs: 20_000, what: 'an opening' });
        await passing.close();
      });
      await expectAllWell(crowd);
      const rssAfter = await sum('parley_process_resident_memory_bytes');
      await crowd.leave();
      // Each instance follows one stream for itself: whose access ends.
      const idle = {
        connections_open: 0,
        subscriptions_open: 0,
        fanout_subscribers: 0,
        fanout_streams: servers.length,
        socket_unsent_bytes: 0,
        bus_queued: 0,
      };
      const figures = async (): Promise<Record<string, number>> =>
        Object.fromEntries(await Promise.all(Object.keys(idle).map(async (name) => [name, await sum(`parley_${name}`)] as const)));
      await waitFor(async () => isDeepStrictEqual(await figures(), idle), { timeoutMs: EMPTY_MS }).catch(() => undefined);
      expect(await figures()).toEqual(idle);
      tell('K1/K2', {
        sockets: CHURNING,
        cuts,
        messages: crowd.acknowledged,
        'RSS MB before': rssBefore / 2e6,
        'after, per process': rssAfter / 2e6,
      });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    `${CLIENTS} of them at an instance that may open ${OPEN_FILES} files: it lives, and serves the rest when some have gone (F23)`,
    async () => {
      const narrow = await ServerProcess.startForTest(backends.environment, OPEN_FILES);
      const stage = await setStage(narrow.url, { capacity: 10_000 });
      const crowd = await Crowd.gather({ stage, url: narrow.url, writers: 3, readers: 5 });
      const guest = await stage.join('Everybody');
      const clients = Array.from({ length: CLIENTS }, () => new Reader(guest, narrow.url, stage.channelId));
      closeAfterTest(() => Promise.all(clients.map((client) => client.close())));
      const served = (): number => clients.filter(({ openings }) => openings > 0).length;
      await waitFor(() => served() > OPEN_FILES / 2, { timeoutMs: 30_000, what: 'as many as may' });
      await crowd.progress(10);
      expect(served()).toBeLessThan(OPEN_FILES);
      const leaving = clients.splice(0, CLIENTS - OPEN_FILES / 2);
      await Promise.all(leaving.map((client) => client.close()));
      await waitFor(() => served() === clients.length, { timeoutMs: 30_000, what: 'everybody who stayed' });
      await crowd.settle();
      expect(await crowd.audit(bookOf(backends.environment.DATABASE_URL!))).toEqual([]);
      expect(crowd.codes.filter((code) => code !== 'UNAVAILABLE')).toEqual([]);
      expect(narrow.running).toBe(true);
    },
    FAULT_TIMEOUT_MS,
  );
});
