import { waitFor } from '../support/wait-for';
import type { TestServer, TestServerOptions } from './test-server';
import { post, RawSocket, startTestServer, wsClient } from './test-server';

async function connected(server: TestServer, authorization: string | null = 'Bearer user-ada'): Promise<RawSocket> {
  const socket = new RawSocket(server.wsUrl);
  await socket.init(authorization ?? undefined);
  await waitFor(() => socket.messages.some(({ type }) => type === 'connection_ack'), { what: 'an acknowledgement' });
  return socket;
}

/** Repeats what a flood does until the server has had enough, however slow this machine is. */
async function floodUntilClosed(socket: RawSocket, act: (n: number) => void): Promise<{ code: number; reason: string }> {
  let closed: { code: number; reason: string } | null = null;
  void socket.closed.then((how) => (closed = how));
  for (let n = 0; closed === null; n += 1) {
    if (socket.socket.readyState === socket.socket.OPEN) act(n);
    if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return closed;
}

async function metrics(server: TestServer): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}

function refusalsOn(socket: RawSocket): { limit: string; retryAfterMs?: number }[] {
  const errors = socket.messages.filter(({ type }) => type === 'error').map(({ id }) => socket.errorOf(id ?? '')?.extensions);
  expect(new Set(errors.map((error) => error?.code))).toEqual(new Set(['RATE_LIMITED']));
  return errors.map((error) => error?.details as { limit: string; retryAfterMs?: number });
}

describe('operations', () => {
  test('opened and closed without end are refused with the time to wait, then the socket is closed with 1013 (D17)', async () => {
    const server = await startTestServer();
    const socket = await connected(server);
    const closed = await floodUntilClosed(socket, (n) => {
      socket.subscribe(`${n}`, 'subscription { ticks }');
      socket.send({ id: `${n}`, type: 'complete' });
    });
    expect(closed).toEqual({ code: 1013, reason: 'Too many operations' });
    expect(refusalsOn(socket).length).toBeGreaterThan(0);
    await waitFor(async () => (await metrics(server)).includes('parley_socket_closes_total{code="1013",cause="tooManyOperations"} 1'));
    expect(server.transport.pipeline.openSubscriptions).toBe(0);
  });

  test('refused now and then leave the socket open, and are told what to wait for (D17)', async () => {
    const server = await startTestServer();
    const socket = await connected(server);
    for (let n = 0; n < 120; n += 1) socket.subscribe(`${n}`, '{ hello }');
    await waitFor(() => socket.messages.filter(({ type }) => type === 'error' || type === 'complete').length === 120);
    const refusals = refusalsOn(socket);
    expect(refusals.length).toBeGreaterThan(0);
    for (const { limit, retryAfterMs } of refusals.filter((each) => each.limit === 'operationsPerSecond')) {
      expect(limit).toBe('operationsPerSecond');
      expect(retryAfterMs).toBeGreaterThan(0);
    }
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  });

  test('5,000 subscriptions on one socket: 50 are opened, the rest refused, then it is closed with 1013 (D18)', async () => {
    const server = await startTestServer();
    const socket = await connected(server);
    for (let n = 0; n < 5_000; n += 1) socket.subscribe(`${n}`, 'subscription { ticks }');
    expect((await socket.closed).code).toBe(1013);
    expect(server.stage.sources).toHaveLength(50);
    expect(refusalsOn(socket).every(({ limit }) => limit === 'subscriptionsPerSocket')).toBe(true);
    await waitFor(() => server.transport.pipeline.openSubscriptions === 0);
  });

  test('1,000 subscriptions of one viewer: 200 are opened, however many sockets they come over (D19)', async () => {
    const server = await startTestServer({ pipeline: { limits: { operationsBurst: 1_000, operationsRefused: 1_000 } } });
    const sockets = await Promise.all(Array.from({ length: 10 }, () => connected(server)));
    for (let n = 0; n < 1_000; n += 1) sockets[n % 10]?.subscribe(`${n}`, 'subscription { ticks }');
    await waitFor(() => sockets.flatMap(({ messages }) => messages.filter(({ type }) => type === 'error')).length === 800);
    expect(server.transport.pipeline.openSubscriptions).toBe(200);
    expect(new Set(sockets.flatMap(refusalsOn).map(({ limit }) => limit))).toContain('subscriptionsPerViewer');
  });

  test("a viewer's places are shared by all transports, are given back, and are nobody else's (D19)", async () => {
    const server = await startTestServer({ pipeline: { limits: { subscriptionsPerViewer: 1 } } });
    const socket = await connected(server);
    socket.subscribe('1', 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 1);
    expect(await streamed(server, 'user-ada')).toContain('subscriptionsPerViewer');
    socket.subscribe('2', 'subscription { closedTicks }');
    await waitFor(() => socket.errorOf('2') !== undefined);
    expect(socket.errorOf('2')?.extensions).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 'subscriptionsPerViewer', max: 1 } });
    const other = await connected(server, 'Bearer user-bob');
    other.subscribe('1', 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 2);
    socket.send({ id: '1', type: 'complete' });
    await waitFor(() => server.stage.sources[0]?.returned === 1);
    // What is refused by its resolver gives its place back as well.
    expect(await streamed(server, 'user-ada', 'subscription { closedTicks }')).toContain('SESSION_NOT_LIVE');
    socket.subscribe('3', 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 3);
  });
});

async function streamed(server: TestServer, token: string, query = 'subscription { ticks }'): Promise<string> {
  const response = await fetch(`${server.url}/graphql/stream`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return response.text();
}

describe('sockets', () => {
  test('that say nothing are closed with 4408, and leave room for others (D20)', async () => {
    const server = await startTestServer({ pipeline: { limits: { connectionInitMs: 50 } } });
    const sockets = Array.from({ length: 20 }, () => new RawSocket(server.wsUrl));
    const codes = (await Promise.all(sockets.map(({ closed }) => closed))).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set([4408]));
    expect(await metrics(server)).toContain('parley_socket_closes_total{code="4408",cause="notGreeted"} 20');
    await connected(server);
  });

  test('nobody has signed in on: 20 of one address are taken, the rest closed with 1013 (D20)', async () => {
    const server = await startTestServer();
    for (let n = 0; n < 20; n += 1) await connected(server, null);
    const over = Array.from({ length: 20 }, () => new RawSocket(server.wsUrl));
    const codes = (await Promise.all(over.map(({ closed }) => closed))).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set([1013]));
    expect(await metrics(server)).toContain('parley_connections_refused_total{reason="anonymousSocketsPerAddress"} 20');
  });

  test('of one user: 10 are taken, the rest closed with 1013 (D21)', async () => {
    const server = await startTestServer();
    for (let n = 0; n < 10; n += 1) await connected(server);
    const over = new RawSocket(server.wsUrl);
    await over.init('Bearer user-ada');
    expect((await over.closed).code).toBe(1013);
    expect(await metrics(server)).toContain('parley_socket_closes_total{code="1013",cause="tooMany"} 1');
    await connected(server, 'Bearer user-bob');
  });

  test('beyond what the instance takes: the upgrade is answered 503 with Retry-After, requests are still served (D20, D21)', async () => {
    const server = await startTestServer({ pipeline: { limits: { sockets: 2 } } });
    await connected(server);
    await connected(server);
    const refused = new Promise<{ status?: number; retryAfter?: string }>((resolve) => {
      const { socket } = new RawSocket(server.wsUrl);
      socket.on('unexpected-response', (_request, { statusCode, headers }) =>
        resolve({ status: statusCode, retryAfter: headers['retry-after'] }),
      );
    });
    expect(await refused).toEqual({ status: 503, retryAfter: '1' });
    expect(await metrics(server)).toContain('parley_connections_refused_total{reason="sockets"} 1');
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
  });
});

describe('frames', () => {
  test.each<[string, (socket: RawSocket) => void]>([
    ['pings', ({ socket }) => socket.ping()],
    ['pongs', ({ socket }) => socket.pong()],
    ['pings of the protocol', (socket) => socket.send({ type: 'ping' })],
    ['completions of nothing', (socket) => socket.send({ id: 'nothing', type: 'complete' })],
  ])('without end, %s, close the socket with 1008 (D27)', async (_what, send) => {
    const server = await startTestServer();
    const socket = await connected(server);
    expect(await floodUntilClosed(socket, () => send(socket))).toEqual({ code: 1008, reason: 'Too many frames' });
    await waitFor(async () => (await metrics(server)).includes('parley_socket_closes_total{code="1008",cause="tooManyFrames"} 1'));
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
  });

  test('10,000 pings at once close it with 1008 (D27)', async () => {
    const socket = await connected(await startTestServer());
    for (let n = 0; n < 10_000; n += 1) socket.socket.ping();
    expect((await socket.closed).code).toBe(1008);
  });

  test('the first piece of garbage closes it (D27)', async () => {
    const socket = await connected(await startTestServer());
    for (let n = 0; n < 1_000; n += 1) socket.send('garbage');
    expect((await socket.closed).code).toBe(4400);
  });

  test('are not counted without rate limits', async () => {
    const server = await startTestServer({ http: { rateLimits: false } });
    const socket = await connected(server);
    for (let n = 0; n < 1_000; n += 1) socket.send({ type: 'ping' });
    socket.subscribe('1', '{ hello }');
    await waitFor(() => socket.of('1').length === 2, { what: 'an answer' });
  });

  test('that carry operations have the bounds of operations alone', async () => {
    const limits = { framesBurst: 1, framesPerSecond: 1, operationsBurst: 100 };
    const client = wsClient(await startTestServer({ pipeline: { limits } }), 'user-ada');
    for (let n = 0; n < 50; n += 1) for await (const { data } of client.iterate({ query: '{ hello }' })) expect(data).toBeDefined();
  });

  test('over 64 kB are counted as well (D24)', async () => {
    const server = await startTestServer();
    const socket = await connected(server);
    socket.send('x'.repeat(65 * 1024));
    expect((await socket.closed).code).toBe(1009);
    await waitFor(async () => (await metrics(server)).includes('parley_socket_closes_total{code="1009",cause="frame"} 1'));
  });

  test('a message in more than 256 fragments closes the socket with 1008 (D25)', async () => {
    const server = await startTestServer();
    const { socket, closed } = await connected(server);
    for (let n = 0; n <= 256; n += 1) socket.send('x', { fin: false });
    expect((await closed).code).toBe(1008);
    await waitFor(async () => (await metrics(server)).includes('parley_socket_closes_total{code="1008",cause="frame"} 1'));
  });

  test.each<[string, TestServerOptions]>([
    ['with', {}],
    ['without', { http: { rateLimits: false } }],
  ])('a message that never ends closes the socket with 1013, %s rate limits (D25)', async (_with, options) => {
    const server = await startTestServer({ ...options, pipeline: { limits: { messageMs: 100, messageFragments: 10_000 } } });
    const { socket, closed } = await connected(server);
    const trickle = setInterval(() => {
      if (socket.readyState !== socket.OPEN) return;
      socket.ping();
      socket.send('x', { fin: false });
    }, 50);
    expect(await closed.finally(() => clearInterval(trickle))).toEqual({ code: 1013, reason: 'Unfinished message' });
  });
});
