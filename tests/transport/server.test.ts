import { waitFor } from '../support/wait-for';
import { describeInBrowser } from '../support/browser';
import type { HealthCheck } from '../../src/transport/health';
import { closeAfterTest } from '../support/jest-leaks';
import type { TestServer, TestServerOptions } from './test-server';
import { post, RawSocket, read, startTestServer } from './test-server';

async function get(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const answer = await read(await fetch(`${server.url}${path}`, { headers }));
  return { status: answer.status, body: answer.text === '' ? '' : answer.json, headers: answer.headers };
}

function check(name: string, state: 'up' | 'degraded' | 'down'): HealthCheck {
  return { name, check: () => ({ state }) };
}

/** Whoever asked whether it is ready asks again at the end, so that closing need not wait for that. */
async function startAskedServer(options: TestServerOptions): Promise<TestServer> {
  const server = await startTestServer(options);
  closeAfterTest(async () => {
    void server.transport.drain();
    expect((await get(server, '/readyz')).status).toBe(503);
  });
  return server;
}

async function connected(server: TestServer): Promise<RawSocket> {
  const socket = new RawSocket(server.wsUrl);
  await socket.init('Bearer user-ada');
  await waitFor(() => socket.messages.length > 0);
  return socket;
}

describe('probes', () => {
  test.each([
    ['up', 200, 'ok'],
    ['degraded', 200, 'degraded'],
    ['down', 503, 'unavailable'],
  ] as const)('with a check that is %s readyz answers %i', async (state, status, text) => {
    const server = await startAskedServer({ checks: [check('database', 'up'), check('bus', state)] });
    for (const path of ['/readyz', '/healthz']) expect(await get(server, path)).toMatchObject({ status, body: { status: text } });
    expect((await get(server, '/livez')).status).toBe(200);
    expect((await get(server, '/readyz?verbose')).body).toMatchObject({
      checks: { database: { state: 'up' }, bus: { state } },
      limits: { depth: 12, tokens: 2_000 },
      draining: false,
    });
  });

  test('a check that throws is down, and its words stay inside', async () => {
    const server = await startAskedServer({ checks: [{ name: 'database', check: () => Promise.reject(new Error('canary')) }] });
    const { status, body } = await get(server, '/readyz?verbose');
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain('canary');
  });

  test('however many ask, a check runs once at a time', async () => {
    let runs = 0;
    const slow: HealthCheck = {
      name: 'slow',
      check: async () => {
        runs += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { state: 'up' };
      },
    };
    const server = await startAskedServer({ checks: [slow] });
    await Promise.all(Array.from({ length: 20 }, () => get(server, '/readyz')));
    expect(runs).toBeLessThan(10);
  });
});

test('metrics tell operations by name, subscriptions, sockets, close codes and event-loop lag', async () => {
  const server = await startTestServer();
  await post(server, { query: 'query Greet { hello }' });
  await post(server, { query: 'query Broken { broken }' });
  const socket = await connected(server);
  socket.subscribe('1', 'subscription { ticks }');
  await waitFor(() => server.stage.sources.length === 1);
  (await connected(server)).socket.close(1000);
  await waitFor(async () => (await metrics(server)).includes('parley_socket_closes_total{code="1000",cause="peer"} 1'));
  const text = await metrics(server);
  expect(text).toContain('parley_graphql_operations_total{operation="Greet",type="query",transport="http",outcome="OK"} 1');
  expect(text).toContain(
    'parley_graphql_operations_total{operation="Broken",type="query",transport="http",outcome="INTERNAL_SERVER_ERROR"} 1',
  );
  expect(text).toContain('parley_graphql_operation_duration_seconds_bucket');
  expect(text).toContain('parley_subscriptions_open 1');
  expect(text).toContain('parley_connections_open{transport="ws"} 1');
  expect(text).toContain('parley_nodejs_eventloop_lag_seconds');
});

async function metrics(server: TestServer): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}

describe('closing', () => {
  test('while it drains an instance is not ready, takes no new sockets, and still serves', async () => {
    const server = await startTestServer();
    const socket = await connected(server);
    socket.subscribe('1', '{ never }');
    await waitFor(() => server.stage.contexts.length === 1);
    const draining = server.transport.drain();
    expect((await get(server, '/readyz')).status).toBe(503);
    expect((await get(server, '/livez')).status).toBe(200);
    expect(await new RawSocket(server.wsUrl).refused).toBe(503);
    const served = await post(server, { query: '{ hello }' });
    expect([served.status, served.headers.get('connection')]).toEqual([200, 'close']);
    server.stage.release();
    await draining;
    expect(socket.of('1')[0]?.payload).toEqual({ data: { never: 'released' } });
    expect(await socket.closed).toEqual({ code: 1012, reason: 'Service restart' });
  });

  test('it serves until whoever asks whether it is ready has been told, and sends nothing more (F17)', async () => {
    const server = await startTestServer();
    expect((await get(server, '/readyz')).status).toBe(200);
    let drained = false;
    const draining = server.transport.drain().then(() => (drained = true));
    // Nobody who leads requests here knows yet.
    for (let n = 0; n < 20; n += 1) expect((await post(server, { query: '{ hello }' })).status).toBe(200);
    expect(drained).toBe(false);
    expect((await get(server, '/readyz')).status).toBe(503);
    // On their way already.
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
    expect(drained).toBe(false);
    await draining;
  });

  test('event streams end without completing, so that clients come back', async () => {
    const server = await startTestServer();
    const response = await fetch(`${server.url}/graphql/stream`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: '{"query":"subscription { ticks }"}',
    });
    await waitFor(() => server.stage.sources.length === 1);
    const text = response.text();
    await server.transport.drain();
    expect(await text).not.toContain('complete');
    await waitFor(() => server.stage.sources[0]?.returned === 1);
  });

  test('a request in flight is answered', async () => {
    const server = await startTestServer();
    const asking = post(server, { query: '{ never }' });
    await waitFor(() => server.stage.contexts.length === 1);
    const closing = server.transport.close();
    server.stage.release();
    expect((await asking).json.data).toEqual({ never: 'released' });
    await closing;
  });

  test('a request that never ends does not keep the instance', async () => {
    const server = await startTestServer();
    const asking = post(server, { query: '{ never }' }).catch((error: unknown) => error);
    await waitFor(() => server.stage.contexts.length === 1);
    const startedAt = performance.now();
    await server.transport.close();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await asking).toMatchObject({ message: 'fetch failed' });
    server.stage.release();
  });

  test('sockets are closed one after the other', async () => {
    const server = await startTestServer({ http: { rateLimits: false } });
    const sockets = await Promise.all(Array.from({ length: 30 }, () => connected(server)));
    const times: number[] = [];
    for (const socket of sockets) void socket.closed.then(() => times.push(performance.now()));
    await server.transport.close();
    await waitFor(() => times.length === 30);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(150);
  });
});

describe('the playground', () => {
  test('is served whole, under a policy that lets nothing in from outside', async () => {
    const server = await startTestServer();
    const response = await fetch(`${server.url}/graphiql`);
    const html = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; /);
    expect(html.replace(/<script>[^]*<\/script>/, '')).not.toMatch(/(src|href)="https?:/);
    expect(html).toContain('subscription Chat');
    const again = await fetch(`${server.url}/graphiql`, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  test('is not there when it is off', async () => {
    expect((await get(await startTestServer({ http: { graphiql: false } }), '/graphiql')).status).toBe(404);
  });
});

describeInBrowser('the playground in a browser', (browser) => {
  test('runs a subscription with the headers of its tab, and asks no other host', async () => {
    const server = await startTestServer();
    const page = await browser().newPage();
    const hosts = new Set<string>();
    const faults: string[] = [];
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${server.url}/graphiql?query=subscription%7Bticks%7D`);
    await page.getByRole('button', { name: 'Headers' }).click({ timeout: 20_000 });
    await page.locator('.graphiql-editor-tool .monaco-editor:visible').click();
    await page.keyboard.insertText('{"Authorization":"Bearer user-ada"}');
    await page.locator('button.graphiql-execute-button').click();
    await waitFor(() => server.stage.sources.length === 1, { timeoutMs: 20_000 });
    expect(server.stage.sources[0]?.context.viewer).toMatchObject({ kind: 'user', userId: 'user-ada' });
    server.stage.sources[0]?.emit(42);
    await page.getByText('tick 42').waitFor({ timeout: 10_000 });
    await page.locator('button.graphiql-execute-button').click();
    await waitFor(() => server.stage.sources[0]?.returned === 1);
    await page.close();
    expect([...hosts].filter((host) => host !== server.url && host !== 'null')).toEqual([]);
    expect(faults).toEqual([]);
  }, 60_000);
});

test('the public keys of tokens are there for everybody, and may be kept for a while', async () => {
  const keys = [{ kty: 'EC', kid: 'one' }];
  const server = await startTestServer({ publicKeys: keys });
  const { status, body, headers } = await get(server, '/.well-known/jwks.json');
  expect([status, body]).toEqual([200, { keys }]);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  expect(headers.get('content-type')).toContain('application/jwk-set+json');
});
