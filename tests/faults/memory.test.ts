import { isDeepStrictEqual } from 'node:util';
import { once } from 'node:events';
import { print } from 'graphql';
import WebSocket from 'ws';
import type { Guest, Stage } from '../support/factories/stage';
import { setStage } from '../support/factories/stage';
import { OnChannelEventsDocument } from '../support/generated/graphql';
import type { ProcessBackends } from '../support/process-backends';
import { openProcessBackends } from '../support/process-backends';
import { ServerProcess } from '../support/server-process';
import type { ServerEnvironment } from '../support/server-process';
import { APP_BACKENDS } from '../support/test-app';
import { waitFor } from '../support/wait-for';
import { bookOf } from './harness/book';
import { Crowd } from './harness/crowd';
import { FAULT_TIMEOUT_MS, tell, times } from './harness/form';
import { askEverything } from './harness/operations';
import type { Answered } from './harness/operations';

const HEAP_MEGABYTES = 128;
const MIXED_MS = times(20_000, 600_000);
const ASKING = 4;
const WARM_UP_CYCLES = times(500, 5_000);
const CYCLES = times(2_000, 100_000);
const CYCLES_AT_ONCE = 20;
/** Rosters and streams are kept warm for ten seconds each, one after the other. */
const EMPTY_MS = 40_000;
/** Each instance follows one stream for itself: whose access ends. */
const IDLE = { connections_open: 0, subscriptions_open: 0, fanout_subscribers: 0, fanout_streams: 1, socket_unsent_bytes: 0 };

const describeServers = APP_BACKENDS === 'postgres-redis' ? describe : describe.skip;

describeServers('the memory of an instance', () => {
  let backends: ProcessBackends;
  beforeAll(async () => {
    backends = await openProcessBackends();
  });
  afterAll(() => backends.remove());

  const start = (environment: ServerEnvironment = {}): Promise<ServerProcess> =>
    ServerProcess.startForTest({ ...backends.environment, ...environment });

  it(
    `bounded to a heap of ${HEAP_MEGABYTES} MB: it lives through everything at once, and loses nothing (F24)`,
    async () => {
      const server = await start({ NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}` });
      const stage = await setStage(server.url, { capacity: 10_000 });
      const crowd = await Crowd.gather({ stage, url: server.url, writers: 20, readers: 60 });
      // A channel of its own: what they ask writes nothing that the audit counts.
      const [aside, guest] = await besides(server);
      const until = performance.now() + MIXED_MS;
      const answers: Answered[] = [];
      let passed = 0;
      const asking = Array.from({ length: ASKING }, async () => {
        while (performance.now() < until) answers.push(...(await askEverything(aside, guest)));
      });
      const passing = async (): Promise<void> => {
        while (performance.now() < until) {
          await visit(guest, aside.channelId);
          passed += 1;
        }
      };
      await Promise.all([...asking, passing()]);
      expect(server.running).toBe(true);
      await crowd.settle();
      expect(await crowd.audit(bookOf(backends.environment.DATABASE_URL!))).toEqual([]);
      const expected = ['acknowledged', 'data', 'UNAVAILABLE', 'UNAUTHENTICATED'];
      const outcomes = new Set([...answers, ...crowd.attempts()].map(({ outcome }) => outcome));
      expect([...outcomes].filter((outcome) => !expected.includes(outcome))).toEqual([]);
      tell('F24', {
        messages: crowd.acknowledged,
        'other requests': answers.length,
        visits: passed,
        'heap MB': (await server.metric('parley_nodejs_heap_size_used_bytes')) / 1e6,
        'RSS MB': (await server.metric('parley_process_resident_memory_bytes')) / 1e6,
      });
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    `is where it was after ${CYCLES} sockets that came, subscribed and went (K3)`,
    async () => {
      const server = await start();
      const [stage, guest] = await besides(server);
      const visits = async (count: number): Promise<void> => {
        let left = count;
        const lane = async (): Promise<void> => {
          for (; left > 0; await visit(guest, stage.channelId)) left -= 1;
        };
        await Promise.all(Array.from({ length: CYCLES_AT_ONCE }, lane));
        await waitFor(async () => isDeepStrictEqual(await leftOpen(server), IDLE), { timeoutMs: EMPTY_MS }).catch(() => undefined);
        expect(await leftOpen(server)).toEqual(IDLE);
      };
      const memory = (): Promise<number> => server.metric('parley_process_resident_memory_bytes');
      const handles = (): Promise<number> => server.metric('parley_nodejs_active_handles', 'type="Socket"');
      await visits(WARM_UP_CYCLES);
      const [memoryBefore, handlesBefore] = [await memory(), await handles()];
      await visits(CYCLES);
      // Connections of the pool may have come or gone.
      expect(await handles()).toBeLessThanOrEqual(handlesBefore + 10);
      tell('K3', { cycles: CYCLES, 'RSS MB before': memoryBefore / 1e6, 'RSS MB after': (await memory()) / 1e6 });
    },
    FAULT_TIMEOUT_MS,
  );
});

async function besides({ url }: ServerProcess): Promise<[Stage, Guest]> {
  const stage = await setStage(url, { capacity: 10_000 });
  return [stage, await stage.join('Passing')];
}

async function leftOpen(server: ServerProcess): Promise<Record<string, number>> {
  return Object.fromEntries(
    await Promise.all(Object.keys(IDLE).map(async (name) => [name, await server.metric(`parley_${name}`)] as const)),
  );
}

/** Connects, subscribes, waits for the opening, and goes. */
async function visit({ api }: Guest, channelId: string): Promise<void> {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = once(socket, 'close');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${api.token}` } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: print(OnChannelEventsDocument), variables: { channelId } } }));
  await once(socket, 'message');
  socket.close();
  await closed;
}
