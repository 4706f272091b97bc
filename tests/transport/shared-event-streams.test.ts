import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import { closeAfterTest } from '../support/jest-leaks';
import { waitFor } from '../support/wait-for';
import { sseClient } from './sse-client';
import type { SseMode } from './sse-client';
import type { TestServer } from './test-server';
import { startTestServer, wsClient } from './test-server';

type Mode = SseMode | 'ws';

const SHARED = 'subscription { sharedTicks }';
const WIDE = 'subscription { sharedTicks(width: 100000) }';

interface Subscriber {
  subscribe(
    operation: { query: string },
    sink: {
      next(result: { data?: unknown; errors?: unknown }): void;
      error(error: unknown): void;
      complete(): void;
    },
  ): () => void;
}

interface Followed {
  readonly ticks: string[];
  readonly errors: unknown[];
  readonly ended: Promise<string>;
  stop(): void;
}

function clientOf(server: TestServer, mode: Mode, token = 'user-ada'): Subscriber {
  return mode === 'ws' ? wsClient(server, token) : sseClient(server, mode, token);
}

function follow(client: Subscriber, query = SHARED): Followed {
  const ticks: string[] = [];
  const errors: unknown[] = [];
  let stop = (): void => undefined;
  const ended = new Promise<string>((resolve) => {
    stop = client.subscribe(
      { query },
      {
        next: ({ data, errors: failed }) => {
          if (failed !== undefined) errors.push(failed);
          else ticks.push((data as { sharedTicks: string }).sharedTicks.trimEnd());
        },
        error: () => resolve('cut'),
        complete: () => resolve('completed'),
      },
    );
  });
  return { ticks, errors, ended, stop: () => stop() };
}

/** What whoever came at this offset must have received when the stream has come to that one. */
const received = (from: number, upTo: number): string[] => [
  `opened at ${from}`,
  ...Array.from({ length: upTo - from }, (_, n) => `tick ${from + 1 + n}`),
];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function metric(server: TestServer, line: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length) ?? 0);
}

/** An event stream that is read when the test says so. */
async function openRaw(server: TestServer, query: string): Promise<IncomingMessage> {
  const headers = { authorization: 'Bearer user-bob', 'content-type': 'application/json', accept: 'text/event-stream' };
  const asked = request(`${server.url}/graphql/stream`, { method: 'POST', headers });
  asked.end(JSON.stringify({ query }));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  closeAfterTest(() => response.destroy());
  response.on('error', () => undefined);
  return response;
}

describe.each<Mode>(['distinct', 'single'])('shared events on event streams, %s connections', (mode) => {
  test('are rendered once for streams and sockets together, and counted for each', async () => {
    const server = await startTestServer();
    const { stage } = server;
    const all = [mode, mode, 'ws' as const].map((each, n) => follow(clientOf(server, each, `user-${n}`)));
    await waitFor(() => all.every(({ ticks }) => ticks.length === 1));
    await waitFor(async () => (await metric(server, 'parley_share_groups')) === 1);
    await turn();
    expect(stage.rendered).toBe(3);
    for (let n = 0; n < 10; n += 1) {
      stage.stream.publish(1 + (n % 3));
      await turn();
    }
    const { head } = stage.stream;
    await waitFor(() => all.every(({ ticks }) => ticks.length === 1 + head));
    for (const { ticks } of all) expect(ticks).toEqual(received(0, head));
    expect(stage.rendered).toBe(3 + head);
    expect(await metric(server, 'parley_subscription_payloads_total')).toBe(3 * (1 + head));
    for (const { stop } of all) stop();
    await waitFor(async () => (await metric(server, 'parley_share_groups')) === 0);
  });

  test('come in order, once, whenever one comes', async () => {
    const server = await startTestServer();
    const { stream } = server.stage;
    const clients = Array.from({ length: 4 }, (_, n) => clientOf(server, mode, `user-${n}`));
    const all: Followed[] = [];
    for (let n = 0; n < 200; n += 1) {
      stream.publish(1 + (n % 2));
      if (n % 10 === 0) all.push(follow(clients[all.length % clients.length]!));
      await turn();
    }
    await waitFor(() => all.every(({ ticks }) => ticks.length > 0));
    stream.publish();
    await waitFor(() => all.every(({ ticks }) => ticks.at(-1) === `tick ${stream.head}`));
    for (const { ticks } of all) expect(ticks).toEqual(received(Number(ticks[0]?.slice('opened at '.length)), stream.head));
  });

  test('end with the reason when the token expires, after all that was shared', async () => {
    const server = await startTestServer();
    const lasting = follow(clientOf(server, mode));
    const short = follow(clientOf(server, mode, 'short-ada'));
    await waitFor(() => lasting.ticks.length === 1 && short.ticks.length === 1);
    let over = false;
    const ended = short.ended.finally(() => (over = true));
    while (!over) {
      server.stage.stream.publish();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await ended).toBe('completed');
    expect(short.errors).toMatchObject([[{ extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' } }]]);
    expect(short.ticks).toEqual(received(0, short.ticks.length - 1));
    const { head } = server.stage.stream;
    await waitFor(() => lasting.ticks.length === 1 + head);
    expect(lasting.ticks).toEqual(received(0, head));
  });

  test('stop when the instance drains, without completing, so that the reader comes back for the rest', async () => {
    const server = await startTestServer();
    const all = [follow(clientOf(server, mode)), follow(clientOf(server, 'ws'))];
    await waitFor(() => all.every(({ ticks }) => ticks.length === 1));
    server.stage.stream.publish();
    const drained = server.transport.drain();
    for (let n = 0; n < 10; n += 1) {
      server.stage.stream.publish();
      await turn();
    }
    await drained;
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(['cut', 'cut']);
    for (const { ticks } of all) expect(ticks).toEqual(received(0, ticks.length - 1));
    await waitFor(() => server.transport.pipeline.openSubscriptions === 0);
    expect(await metric(server, 'parley_event_stream_closes_total{reason="restarting"}')).toBe(1);
  });
});

describe('shared events on event streams', () => {
  test('come to each operation of one stream, and to those that stay when another leaves', async () => {
    const server = await startTestServer();
    const { stream } = server.stage;
    const client = clientOf(server, 'single');
    const [first, second, alone] = [follow(client), follow(client), follow(client, 'subscription { sharedTicks(width: 20) }')];
    await waitFor(() => [first, second, alone].every(({ ticks }) => ticks.length === 1));
    stream.publish(3);
    await waitFor(() => [first, second, alone].every(({ ticks }) => ticks.length === 4));
    expect(await metric(server, 'parley_share_groups')).toBe(2);
    first.stop();
    await waitFor(() => server.transport.pipeline.openSubscriptions === 2);
    stream.publish(2);
    await waitFor(() => [second, alone].every(({ ticks }) => ticks.length === 6));
    expect([first.ticks, second.ticks, alone.ticks]).toEqual([received(0, 3), received(0, 5), received(0, 5)]);
    expect(await metric(server, 'parley_connections_open{transport="sse"}')).toBe(1);
  });

  test('that a reader leaves unread end its stream, at the cost of nobody else', async () => {
    const server = await startTestServer();
    const { stream } = server.stage;
    const reading = follow(clientOf(server, 'distinct'), WIDE);
    const stalled = await openRaw(server, WIDE);
    await waitFor(() => reading.ticks.length === 1 && server.transport.pipeline.openSubscriptions === 2);
    await once(stalled, 'readable');
    const cut = (): Promise<number> => metric(server, 'parley_event_stream_closes_total{reason="tooSlow"}');
    let unsent = 0;
    // The kernel's buffers take the first megabytes.
    while ((await cut()) === 0 && stream.head < 500) {
      stream.publish();
      await waitFor(() => reading.ticks.length === 1 + stream.head, { what: 'the other one to have it' });
      unsent = Math.max(unsent, await metric(server, 'parley_socket_unsent_bytes'));
    }
    expect([await cut(), server.transport.pipeline.openSubscriptions]).toEqual([1, 1]);
    expect(unsent).toBeGreaterThan(0);
    expect(unsent).toBeLessThan(2 * DEFAULT_LIMITS.unsentBytes);
    expect(reading.ticks).toEqual(received(0, stream.head));
  });
});
