import type { Client } from 'graphql-sse';
import { closeAfterTest } from '../support/jest-leaks';
import { waitFor } from '../support/wait-for';
import { sseClient } from './sse-client';
import type { SseMode } from './sse-client';
import type { TestServer } from './test-server';
import { read, startTestServer } from './test-server';

interface Followed {
  readonly results: unknown[];
  readonly ended: Promise<'completed' | Error>;
  stop(): void;
}

function follow(client: Client<boolean>, query: string, variables?: Record<string, unknown>): Followed {
  const results: unknown[] = [];
  let stop: () => void = () => undefined;
  const ended = new Promise<'completed' | Error>((resolve) => {
    stop = client.subscribe(
      { query, variables },
      { next: (result) => results.push(result), error: (error) => resolve(error as Error), complete: () => resolve('completed') },
    );
  });
  return { results, ended, stop: () => stop() };
}

async function stream(server: TestServer, init: RequestInit & { path?: string } = {}): Promise<Response> {
  return fetch(`${server.url}/graphql/stream${init.path ?? ''}`, init);
}

describe.each<SseMode>(['distinct', 'single'])('event streams, %s connections', (mode) => {
  test('queries, mutations and subscriptions are answered', async () => {
    const server = await startTestServer();
    const client = sseClient(server, mode);
    const subscription = follow(client, 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 1);
    const query = follow(client, '{ hello }');
    const mutation = follow(client, 'mutation { write(input: { title: "note" }) }');
    expect(await Promise.all([query.ended, mutation.ended])).toEqual(['completed', 'completed']);
    expect([...query.results, ...mutation.results]).toEqual([{ data: { hello: 'hello user' } }, { data: { write: 'note' } }]);
    server.stage.sources[0]?.emit(7);
    await waitFor(() => subscription.results.length === 1);
    expect(subscription.results).toEqual([{ data: { ticks: 'tick 7' } }]);
    expect(server.stage.contexts.every(({ transport }) => transport === 'sse')).toBe(true);
  });

  test('leaving closes the source though no event ever came', async () => {
    const server = await startTestServer();
    const subscription = follow(sseClient(server, mode), 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 1);
    subscription.stop();
    await waitFor(() => server.stage.sources[0]?.returned === 1);
    expect(server.stage.sources[0]?.context.signal.aborted).toBe(true);
    expect(server.transport.pipeline.openSubscriptions).toBe(0);
  });

  test('an expired token ends the subscription with the reason', async () => {
    const server = await startTestServer();
    const subscription = follow(sseClient(server, mode, 'short-ada'), 'subscription { ticks }');
    expect(await subscription.ended).toBe('completed');
    expect(subscription.results).toMatchObject([{ errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' } }] }]);
  });

  test('a token that is not good is refused with 401', async () => {
    const ended = await follow(sseClient(await startTestServer(), mode, 'forged'), '{ hello }').ended;
    expect((ended as Error & { response: Response }).response.status).toBe(401);
  });

  test('a source that gives its reader up cuts the connection', async () => {
    const server = await startTestServer();
    const subscription = follow(sseClient(server, mode), 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 1);
    server.stage.sources[0]?.overflowNow();
    expect(await subscription.ended).not.toBe('completed');
    await waitFor(() => server.transport.pipeline.openSubscriptions === 0);
  });

  test('a reader that stalls stops the source from being read', async () => {
    const server = await startTestServer();
    const leaving = new AbortController();
    closeAfterTest(() => leaving.abort());
    const headers = { authorization: 'Bearer user-ada', 'content-type': 'application/json' };
    const operation = { method: 'POST', body: '{"query":"subscription { ticks(width: 100000) }","extensions":{"operationId":"1"}}' };
    if (mode === 'distinct') {
      await stream(server, { ...operation, headers: { ...headers, accept: 'text/event-stream' }, signal: leaving.signal });
    } else {
      const token = await (await stream(server, { method: 'PUT', headers: { authorization: headers.authorization } })).text();
      const named = { ...headers, 'x-graphql-event-stream-token': token };
      await stream(server, { headers: { ...named, accept: 'text/event-stream' }, signal: leaving.signal });
      await stream(server, { ...operation, headers: named });
    }
    await waitFor(() => server.stage.sources.length === 1);
    const [source] = server.stage.sources;
    // Nobody reads the response body: Node's and the kernel's buffers fill up, then the source waits.
    for (let tick = 0; tick < EVENTS; tick += 1) source?.emit(tick);
    let seen = 0;
    await waitForQuiet(
      () => server.stage.contexts.length - seen,
      () => (seen = server.stage.contexts.length),
    );
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(EVENTS);
  });
});

const EVENTS = 600;
const QUIET_MS = 300;

/** Resolves once `change` has been zero for a while. */
async function waitForQuiet(change: () => number, note: () => void): Promise<void> {
  let quietSince = performance.now();
  await waitFor(
    () => {
      if (change() !== 0) quietSince = performance.now();
      note();
      return performance.now() - quietSince > QUIET_MS;
    },
    { timeoutMs: 20_000, what: 'quiet' },
  );
}

describe('event streams', () => {
  test('a stream that was reserved and never opened is given up', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    closeAfterTest(() => jest.useRealTimers());
    const server = await startTestServer({ pipeline: { limits: { socketsPerViewer: 1 } } });
    const headers = { authorization: 'Bearer user-ada' };
    const reserved = await stream(server, { method: 'PUT', headers });
    expect(reserved.status).toBe(201);
    expect((await stream(server, { method: 'PUT', headers })).status).toBe(429);
    await jest.advanceTimersByTimeAsync(11_000);
    const named = { accept: 'text/event-stream', 'x-graphql-event-stream-token': await reserved.text() };
    expect((await stream(server, { headers: named })).status).toBe(400);
    expect((await stream(server, { method: 'PUT', headers })).status).toBe(201);
  });

  test('a reservation is a new stream, though it comes with the name of an earlier one', async () => {
    const server = await startTestServer();
    const leaving = new AbortController();
    const reserve = async (earlier = ''): Promise<string> =>
      (await stream(server, { method: 'PUT', headers: { 'x-graphql-event-stream-token': earlier } })).text();
    const open = async (token: string, signal: AbortSignal): Promise<Response> =>
      stream(server, { headers: { accept: 'text/event-stream', 'x-graphql-event-stream-token': token }, signal });
    const first = await reserve();
    await open(first, leaving.signal);
    const second = await reserve(first);
    leaving.abort();
    await waitFor(async () => (await (await fetch(`${server.url}/metrics`)).text()).includes('parley_connections_open{transport="sse"} 0'));
    const staying = new AbortController();
    closeAfterTest(() => staying.abort());
    const opened = await open(second, staying.signal);
    const asked = await stream(server, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-graphql-event-stream-token': second },
      body: '{"query":"subscription { sharedTicks }","extensions":{"operationId":"1"}}',
    });
    expect(asked.status).toBe(202);
    await waitFor(() => server.stage.rendered === 1);
    server.stage.stream.publish();
    let text = '';
    for await (const chunk of opened.body!.pipeThrough(new TextDecoderStream())) if ((text += chunk).includes('tick 1')) break;
    expect(text).toContain('tick 1');
  });

  test("a caller's own choice of a token reserves nothing", async () => {
    const server = await startTestServer();
    const response = await stream(server, { method: 'PUT', headers: { 'x-graphql-event-stream-token': '__proto__' } });
    expect(await response.text()).toMatch(/^[0-9a-f-]{36}$/);
    const opened = await read(
      await stream(server, { headers: { 'x-graphql-event-stream-token': '__proto__', accept: 'text/event-stream' } }),
    );
    expect(opened.status).toBe(400);
  });

  test('one stream carries at most 50 operations', async () => {
    const server = await startTestServer({ pipeline: { limits: { subscriptionsPerSocket: 1 } } });
    const client = sseClient(server, 'single');
    follow(client, 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 1);
    const refused = follow(client, 'subscription { ticks }');
    expect(await refused.ended).toBe('completed');
    expect(refused.results).toMatchObject([
      { errors: [{ extensions: { code: 'RATE_LIMITED', details: { limit: 'subscriptionsPerSocket' } } }] },
    ]);
  });

  test('a mutation by GET is refused', async () => {
    const server = await startTestServer();
    const answer = await stream(server, { path: '?query=mutation{write(input:{title:"x"})}', headers: { accept: 'text/event-stream' } });
    expect(await answer.text()).toContain('BAD_REQUEST');
    expect(server.stage.written).toBe(0);
  });

  test.each([
    ['POST', { 'content-type': 'application/json', accept: 'text/event-stream' }, '{"query":1}', 400],
    ['POST', { 'content-type': 'text/plain', accept: 'text/event-stream' }, 'query', 415],
    ['POST', { 'content-type': 'application/json' }, '{"query":"{ hello }"}', 404],
    ['DELETE', {}, undefined, 404],
    ['PATCH', {}, undefined, 404],
  ])('%s %j is refused with a code and a request id', async (method, headers, body, status) => {
    const answer = await read(await stream(await startTestServer(), { method, headers, body }));
    expect(answer.status).toBe(status);
    expect(answer.json.errors?.[0]?.extensions).toMatchObject({ code: expect.any(String), requestId: answer.headers.get('x-request-id') });
  });
});
