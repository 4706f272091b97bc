import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Guest, Stage } from '../support/factories/stage';
import { setStage } from '../support/factories/stage';
import { closeAfterTest } from '../support/jest-leaks';
import type { PostgresServer } from '../support/postgres-server';
import { canStartPostgres, createPostgresServer, MAX_CONNECTIONS } from '../support/postgres-server';
import { deleteKeys, requireRedisUrl, uniquePrefix } from '../support/redis';
import { ServerProcess } from '../support/server-process';
import type { CutMoment, TcpProxy } from '../support/tcp-proxy';
import { createTcpProxy } from '../support/tcp-proxy';
import { APP_BACKENDS } from '../support/test-app';
import { waitFor } from '../support/wait-for';
import { bookOf } from './harness/book';
import { Crowd } from './harness/crowd';
import { FAULT_TIMEOUT_MS, percentile, tell, times } from './harness/form';
import { askEverything } from './harness/operations';
import type { Answered } from './harness/operations';

const POOL_SIZE = 10;
const CUTS = times(25, 500);
const TERMINATIONS = times(40, 500);
const OUTAGE_MS = times(3_000, 20_000);
const FREEZE_MS = times(5_000, 20_000);
/** The promise is two seconds. This is what a starved machine may add; whoever hangs takes ten, which is the limit of a request. */
const ANSWER_MS = 6_000;
const RECOVERY_MS = 15_000;

const describeServers = APP_BACKENDS === 'postgres-redis' && canStartPostgres() ? describe : describe.skip;

describeServers('PostgreSQL under a running instance', () => {
  let postgres: PostgresServer;
  let proxy: TcpProxy;
  /** On PostgreSQL directly, and through the proxy. */
  let server: ServerProcess;
  let behindProxy: ServerProcess;
  const prefix = uniquePrefix();

  beforeAll(async () => {
    postgres = await createPostgresServer();
    const { port, pathname } = new URL(postgres.url);
    proxy = await createTcpProxy({ port: Number(port) });
    const environment = { REDIS_URL: await requireRedisUrl(), PARLEY_REDIS_PREFIX: prefix, PARLEY_POOL_SIZE: String(POOL_SIZE) };
    const proxied = `postgres://postgres@127.0.0.1:${proxy.port}${pathname}`;
    server = await ServerProcess.start({ ...environment, DATABASE_URL: postgres.url });
    behindProxy = await ServerProcess.start({ ...environment, DATABASE_URL: proxied });
  });
  afterAll(async () => {
    await Promise.all([server, behindProxy].map((started) => started?.kill()));
    await proxy?.close();
    await postgres?.remove();
    await deleteKeys(await requireRedisUrl(), prefix);
  });

  const gather = async (
    { url }: ServerProcess,
    writers: number,
    readers: number,
  ): Promise<{ crowd: Crowd; stage: Stage; guest: Guest }> => {
    const stage = await setStage(url, { capacity: 10_000 });
    const crowd = await Crowd.gather({ stage, url, writers, readers });
    return { crowd, stage, guest: await stage.join('Asking') };
  };
  const onPostgres = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    return work(client).finally(() => client.end());
  };
  const poolOf = async (state: string): Promise<number> => server.metric('parley_database_pool', `state="${state}"`);
  const expectAllWell = async (crowd: Crowd): Promise<void> => {
    await crowd.settle();
    expect(await crowd.audit(bookOf(postgres.url))).toEqual([]);
  };
  /** Every kind of request, over and over until the outage is over, next to the writers. */
  const askFor = async (milliseconds: number, stage: Stage, guest: Guest): Promise<Answered[]> => {
    const answers: Answered[] = [];
    for (const until = performance.now() + milliseconds; performance.now() < until;) {
      answers.push(...(await askEverything(stage, guest)));
      await pause(200);
    }
    return answers;
  };
  const slowest = (answers: readonly Answered[]): string => {
    const worst = [...answers].sort((a, b) => b.ms - a.ms)[0];
    return worst === undefined ? 'none' : `${worst.operation} ${Math.round(worst.ms)}`;
  };
  const unexpected = (answers: readonly Answered[], expected: readonly string[]): string[] => [
    ...new Set(answers.flatMap(({ operation, outcome }) => (expected.includes(outcome) ? [] : [`${operation}: ${outcome}`]))),
  ];

  it.each<CutMoment>(['answered', 'sent'])(
    `cut off when COMMIT was %s, ${CUTS} times: UNAVAILABLE or success, and the retry answers with the first message (F2)`,
    async (moment) => {
      const { crowd } = await gather(behindProxy, 5, 2);
      for (let cut = 0; cut < CUTS; cut += 1) {
        await proxy.cutAfter('COMMIT', moment);
        await crowd.progress(crowd.writers.length);
      }
      await expectAllWell(crowd);
      expect(crowd.codes).toEqual(['UNAVAILABLE']);
      expect(crowd.failures).toBeGreaterThanOrEqual(CUTS);
      tell(`F2 ${moment}`, { cuts: CUTS, messages: crowd.acknowledged, failed: crowd.failures });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    `its backends terminated ${TERMINATIONS} times in the middle of transactions: typed answers, and the pool is whole again (F4)`,
    async () => {
      const { crowd } = await gather(server, 20, 2);
      const terminateOne = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND xact_start IS NOT NULL LIMIT 1`;
      await onPostgres(async (client) => {
        for (let done = 0; done < TERMINATIONS; done += 1) {
          await waitFor(async () => ((await client.query(terminateOne)).rowCount ?? 0) > 0, {
            what: 'a transaction to end',
            timeoutMs: 10_000,
          });
          await crowd.progress(5);
        }
      });
      await expectAllWell(crowd);
      expect(crowd.codes).toEqual(['UNAVAILABLE']);
      expect(server.running).toBe(true);
      const stage = await setStage(server.url);
      await waitFor(
        async () => {
          await Promise.all(
            Array.from({ length: 3 * POOL_SIZE }, () => stage.host.api.post({ query: '{ sessions(first: 1) { edges { cursor } } }' })),
          );
          return (await poolOf('total')) === POOL_SIZE && (await poolOf('idle')) === POOL_SIZE && (await poolOf('waiting')) === 0;
        },
        { what: 'a pool that is whole and idle' },
      );
      tell('F4', { terminations: TERMINATIONS, messages: crowd.acknowledged, failed: crowd.failures });
    },
    FAULT_TIMEOUT_MS,
  );

  const outages: [string, number, () => Promise<void> | void, () => Promise<void> | void][] = [
    ['shut down', OUTAGE_MS, () => postgres.shutDown(), () => postgres.start()],
    ['killed', OUTAGE_MS, () => postgres.kill(), () => postgres.start()],
    ['frozen', FREEZE_MS, () => postgres.freeze(), () => postgres.thaw()],
  ];
  it.each(outages)(
    '%s for a while: UNAVAILABLE without waiting, sockets stay, and then everything goes on (F12, F13)',
    async (name, duration, stop, start) => {
      const { crowd, stage, guest } = await gather(server, 10, 3);
      closeAfterTest(() => postgres.thaw());
      await crowd.progress(20);
      await stop();
      const stoppedAt = performance.now();
      const answers = await askFor(duration, stage, guest);
      expect(await server.status('/livez')).toBe(200);
      expect(await server.status('/readyz')).toBe(503);
      const during = crowd.attempts(stoppedAt);
      await start();
      const startedAt = performance.now();
      await crowd.progress(crowd.writers.length, RECOVERY_MS);
      const recoveredMs = performance.now() - startedAt;
      await waitFor(async () => (await server.status('/readyz')) === 200, { timeoutMs: RECOVERY_MS, what: '/readyz' });
      expect(unexpected(await askEverything(stage, guest), ['data', 'UNAUTHENTICATED'])).toEqual([]);
      await expectAllWell(crowd);

      expect(unexpected(answers, ['UNAVAILABLE'])).toEqual([]);
      expect(crowd.codes).toEqual(['UNAVAILABLE']);
      const waits = [...during, ...answers].map(({ ms }) => ms);
      expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(ANSWER_MS);
      expect(Math.max(...during.map(({ ms }) => ms))).toBeLessThan(ANSWER_MS);
      expect(crowd.readers.map(({ openings }) => openings)).toEqual(crowd.readers.map(() => 1));
      expect(server.running).toBe(true);
      tell(`F12/F13 ${name}`, {
        'for ms': duration,
        answers: waits.length,
        'p50 ms': percentile(waits, 0.5),
        'p99 ms': percentile(waits, 0.99),
        'slowest message ms': Math.max(...during.map(({ ms }) => ms)),
        'slowest other ms': slowest(answers),
        'recovered after ms': recoveredMs,
      });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'every connection held by slow statements: answers in time, and all well afterwards (F14)',
    async () => {
      const { crowd, stage, guest } = await gather(server, 10, 2);
      await crowd.progress(20);
      const lockedAt = performance.now();
      const answers = await onPostgres(async (client) => {
        await client.query('BEGIN; LOCK TABLE streams, sessions, users, attendees IN ACCESS EXCLUSIVE MODE');
        const [asked] = await Promise.all([
          askFor(OUTAGE_MS, stage, guest),
          waitFor(async () => (await poolOf('waiting')) > 0, { what: 'a full pool' }),
        ]);
        expect(await server.status('/livez')).toBe(200);
        await client.query('ROLLBACK');
        return asked;
      });
      const during = crowd.attempts(lockedAt);
      await crowd.progress(crowd.writers.length, RECOVERY_MS);
      await expectAllWell(crowd);
      expect(unexpected(answers, ['UNAVAILABLE', 'UNAUTHENTICATED', 'data'])).toEqual([]);
      expect(answers.some(({ outcome }) => outcome === 'UNAVAILABLE')).toBe(true);
      expect(crowd.codes).toEqual(['UNAVAILABLE']);
      const waits = [...during, ...answers].map(({ ms }) => ms);
      expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(ANSWER_MS);
      expect(Math.max(...during.map(({ ms }) => ms))).toBeLessThan(ANSWER_MS);
      tell('F14', {
        answers: waits.length,
        'p50 ms': percentile(waits, 0.5),
        'p99 ms': percentile(waits, 0.99),
        'slowest message ms': Math.max(...during.map(({ ms }) => ms)),
        'slowest other ms': slowest(answers),
      });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'out of connections: UNAVAILABLE, and all well afterwards (F15)',
    async () => {
      const { crowd, stage, guest } = await gather(server, 10, 2);
      await crowd.progress(20);
      const others: pg.Client[] = [];
      closeAfterTest(() => Promise.all(others.map((client) => client.end())));
      const take = async (): Promise<void> => {
        const client = new pg.Client({ connectionString: postgres.url, application_name: 'parley-test' });
        client.on('error', () => undefined);
        await client.connect().then(
          () => others.push(client),
          () => client.end(),
        );
      };
      const takeFromPools = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND application_name <> 'parley-test'`;
      // The pools take back what they lost, until nothing is left to take.
      await waitFor(
        async () => {
          await others[0]?.query(takeFromPools);
          await Promise.all(Array.from({ length: POOL_SIZE }, take));
          return others.length === MAX_CONNECTIONS;
        },
        { timeoutMs: 20_000, what: 'every connection' },
      );
      const answers = await askEverything(stage, guest);
      await Promise.all(others.splice(0).map((client) => client.end()));
      await crowd.progress(crowd.writers.length, RECOVERY_MS);
      await expectAllWell(crowd);
      expect(unexpected(answers, ['UNAVAILABLE'])).toEqual([]);
      expect(crowd.codes).toEqual(['UNAVAILABLE']);
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'read-only: what writes is UNAVAILABLE, what reads is answered, and all well afterwards (F15)',
    async () => {
      const { crowd, stage, guest } = await gather(server, 10, 2);
      await crowd.progress(20);
      const setReadOnly = (on: boolean): Promise<unknown> =>
        onPostgres(async (client) => {
          await client.query(
            on ? 'ALTER SYSTEM SET default_transaction_read_only = on' : 'ALTER SYSTEM RESET default_transaction_read_only',
          );
          await client.query('SELECT pg_reload_conf()');
        });
      closeAfterTest(() => setReadOnly(false));
      await setReadOnly(true);
      await waitFor(() => crowd.failures > 0, { what: 'a refused message' });
      const answers = await askEverything(stage, guest);
      await setReadOnly(false);
      await crowd.progress(crowd.writers.length, RECOVERY_MS);
      await expectAllWell(crowd);
      expect(crowd.codes).toEqual(['UNAVAILABLE']);
      const outcomes = new Map(answers.map(({ operation, outcome }) => [operation, outcome]));
      for (const operation of ['viewer', 'sessions', 'session', 'questions', 'channel', 'channelEvents'])
        expect([operation, outcomes.get(operation)]).toEqual([operation, 'data']);
      for (const operation of ['register', 'login', 'createSession', 'updateSession', 'joinSession', 'askQuestion'])
        expect([operation, outcomes.get(operation)]).toEqual([operation, 'UNAVAILABLE']);
    },
    FAULT_TIMEOUT_MS,
  );
});
