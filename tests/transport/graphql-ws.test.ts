import { connect } from 'node:net';
import { closeAfterTest } from '../support/jest-leaks';
import { createTcpProxy } from '../support/tcp-proxy';
import type { UserViewer, Viewer } from '../../src/lib/viewer';
import { waitFor } from '../support/wait-for';
import type { TestServer, TestServerOptions } from './test-server';
import { post, RawSocket, startTestServer, wsClient } from './test-server';

async function connected(server: TestServer, authorization?: string): Promise<RawSocket> {
  const socket = new RawSocket(server.wsUrl);
  await socket.init(authorization);
  await waitFor(() => socket.messages.some(({ type }) => type === 'connection_ack'));
  return socket;
}

async function subscribed(options: TestServerOptions = {}, authorization?: string): Promise<{ server: TestServer; socket: RawSocket }> {
  const server = await startTestServer(options);
  const socket = await connected(server, authorization);
  socket.subscribe('1', 'subscription { ticks }');
  await waitFor(() => server.stage.sources.length === 1);
  return { server, socket };
}

describe('operations over WebSocket', () => {
  test('queries and mutations are answered as over HTTP', async () => {
    const server = await startTestServer();
    const client = wsClient(server, 'user-ada');
    const results = [];
    for await (const result of client.iterate({ query: 'mutation { write(input: { title: "note" }) }' })) results.push(result);
    for await (const result of client.iterate({ query: '{ hello }' })) results.push(result);
    expect(results).toEqual([{ data: { write: 'note' } }, { data: { hello: 'hello user' } }]);
    expect(server.stage.contexts[0]).toMatchObject({
      transport: 'ws',
      address: '127.0.0.1',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}\.\d+$/),
    });
  });

  test('what became of each socket is told in a line each, and nothing that was sent', async () => {
    const { server, socket } = await subscribed({}, 'Bearer user-canary');
    socket.socket.close(1000);
    const linesOf = (msg: string): Record<string, unknown>[] =>
      server.logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.msg === msg);
    await waitFor(() => linesOf('socket closed').length === 1);
    const [opened] = linesOf('socket opened');
    expect(opened).toMatchObject({ level: 'debug', connectionId: expect.any(String), address: '127.0.0.1' });
    const { connectionId } = opened ?? {};
    expect(linesOf('socket greeted')).toMatchObject([{ connectionId, viewer: 'user-canary', afterMs: expect.any(Number) }]);
    expect(linesOf('subscription asked for')).toMatchObject([{ connectionId, requestId: `${String(connectionId)}.1` }]);
    const [closed] = linesOf('socket closed');
    expect(closed).toMatchObject({ connectionId, code: 1000, cause: 'peer', operations: 1 });
    expect(Number(closed?.bytesIn)).toBeGreaterThan(100);
    expect(Number(closed?.bytesOut)).toBeGreaterThan(100);
    expect(server.logs.join('')).not.toMatch(/Bearer|ticks/);
  });

  test('a subscription gives each event a context of its own', async () => {
    const { server, socket } = await subscribed();
    const [source] = server.stage.sources;
    source?.emit(1);
    source?.emit(2);
    await waitFor(() => socket.of('1').length === 2);
    expect(socket.of('1').map(({ payload }) => payload)).toEqual([{ data: { ticks: 'tick 1' } }, { data: { ticks: 'tick 2' } }]);
    const [first, second] = server.stage.contexts;
    expect(first?.loaders).not.toBe(second?.loaders);
    expect(first?.signal).toBe(second?.signal);
  });

  test('complete closes the source at once, though no event ever came', async () => {
    const { server, socket } = await subscribed();
    expect(server.transport.pipeline.openSubscriptions).toBe(1);
    socket.send({ id: '1', type: 'complete' });
    await waitFor(() => server.stage.sources[0]?.returned === 1);
    expect(server.stage.sources[0]?.context.signal.aborted).toBe(true);
    expect(server.transport.pipeline.openSubscriptions).toBe(0);
  });

  test('a lost connection closes every source and ends every signal', async () => {
    const { server, socket } = await subscribed();
    socket.subscribe('2', 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 2);
    socket.socket.terminate();
    await waitFor(() => server.stage.sources.every(({ returned, context }) => returned === 1 && context.signal.aborted));
    expect(server.transport.pipeline.openSubscriptions).toBe(0);
  });

  test('what a subscription refuses is an error on its id', async () => {
    const server = await startTestServer();
    const socket = await connected(server);
    socket.subscribe('1', 'subscription { closedTicks }');
    await waitFor(() => socket.of('1').length > 0);
    expect(socket.errorOf('1')?.extensions).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'SESSION_NOT_LIVE' });
  });

  test('a source that fails says why, masked, and completes', async () => {
    const { server, socket } = await subscribed();
    server.stage.sources[0]?.fail(new Error('canary'));
    await waitFor(() => socket.of('1').length === 2);
    expect(socket.of('1').map(({ type }) => type)).toEqual(['next', 'complete']);
    expect(socket.of('1')[0]?.payload).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
    expect(JSON.stringify(socket.messages)).not.toContain('canary');
  });

  test('suggestions are hidden here too', async () => {
    const socket = await connected(await startTestServer());
    socket.subscribe('1', '{ helo }');
    await waitFor(() => socket.of('1').length > 0);
    expect(JSON.stringify(socket.messages)).not.toContain('Did you mean');
  });
});

describe('who may connect', () => {
  test('a token that is not good closes with 4403, which clients retry', async () => {
    const socket = new RawSocket((await startTestServer()).wsUrl);
    await socket.init('Bearer forged');
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  test('a check that fails for another reason closes with 1013', async () => {
    const server = await startTestServer({ authenticate: async () => Promise.reject(new Error('database away')) });
    const socket = new RawSocket(server.wsUrl);
    await socket.init();
    expect((await socket.closed).code).toBe(1013);
  });

  test('a token that is about to expire is told by a ping, and a fresher one takes its place', async () => {
    const until = (ms: number): Viewer => ({ kind: 'user', userId: 'ada', familyId: 'one', expiresAt: new Date(Date.now() + ms) });
    const server = await startTestServer({ authenticate: () => Promise.resolve(until(1_500)) });
    const socket = await connected(server);
    socket.subscribe('1', 'subscription { ticks }');
    socket.subscribe('2', '{ hello }');
    await waitFor(() => socket.messages.some(({ type }) => type === 'ping'));
    const { connection } = server.stage.contexts.at(-1)!;
    const { expiresAt } = connection!.viewer as UserViewer;
    connection!.renew(until(3_600_000));
    await waitFor(() => Date.now() > expiresAt.getTime() + 1_100, { what: 'the time at which the socket would be closed' });
    server.stage.sources[0]?.emit(1);
    await waitFor(() => socket.of('1').length === 1, { what: 'the subscription to go on' });
  });

  test('the connections of those whose access has ended are closed with 4403, and no others', async () => {
    const server = await startTestServer();
    const [ada, eve, anonymous] = [
      await connected(server, 'Bearer user-ada'),
      await connected(server, 'Bearer user-eve'),
      await connected(server),
    ];
    server.transport.endConnections((viewer) => viewer.kind === 'user' && viewer.userId === 'user-ada');
    expect(await ada.closed).toEqual({ code: 4403, reason: 'Access ended' });
    for (const [id, socket] of [eve, anonymous].entries()) {
      socket.subscribe(String(id), '{ hello }');
      await waitFor(() => socket.of(String(id)).length > 0);
    }
  });

  test("the connection ends with 4403 when its viewer's token expires", async () => {
    const { server, socket } = await subscribed({}, 'Bearer short-ada');
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Token expired' });
    expect(server.stage.sources[0]?.context.signal.aborted).toBe(true);
  });

  test('no connection_init within the time closes with 4408', async () => {
    const server = await startTestServer({ pipeline: { limits: { connectionInitMs: 50 } } });
    expect((await new RawSocket(server.wsUrl).closed).code).toBe(4408);
  });

  test('a half-open connection is given up, and its subscriptions end (F11)', async () => {
    const server = await startTestServer({ pipeline: { limits: { silenceMs: 500 } } });
    const proxy = await createTcpProxy({ port: Number(new URL(server.url).port) });
    closeAfterTest(() => proxy.close());
    const socket = await connected({ ...server, wsUrl: `ws://127.0.0.1:${proxy.port}/graphql` });
    socket.subscribe('1', 'subscription { ticks }');
    await waitFor(() => server.stage.sources.length === 1);
    proxy.blackhole();
    await waitFor(() => server.stage.sources[0]?.returned === 1);
    expect(server.stage.sources[0]?.context.signal.aborted).toBe(true);
    expect(server.transport.pipeline.openSubscriptions).toBe(0);
  });

  test.each([
    [['graphql-ws'], undefined],
    [[], 4406],
  ])('the protocols %j are not spoken', async (protocols, code) => {
    const socket = new RawSocket((await startTestServer()).wsUrl, { protocols });
    const closed = await socket.closed;
    if (code !== undefined) expect(closed.code).toBe(code);
    expect(socket.messages).toEqual([]);
  });

  test.each([
    ['https://good.example', true],
    [undefined, true],
    ['https://evil.example', false],
    ['https://good.example.evil', false],
    ['null', false],
  ])('with a list of origins, %s may connect: %s', async (origin, allowed) => {
    const server = await startTestServer({ http: { allowedOrigins: ['https://good.example'] } });
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    const socket = new RawSocket(server.wsUrl, { headers: { ...headers, cookie: 'session=user-ada' } });
    expect(await Promise.race([socket.opened.then(() => 101), socket.refused])).toBe(allowed ? 101 : 403);
  });

  test("a page of the server's own origin may connect when no other may", async () => {
    const server = await startTestServer({ http: { allowedOrigins: [] } });
    await new RawSocket(server.wsUrl, { headers: { origin: server.url } }).opened;
    expect(await new RawSocket(server.wsUrl, { headers: { origin: 'https://a.example' } }).refused).toBe(403);
  });

  test('sockets are served at /graphql only', async () => {
    const server = await startTestServer();
    expect(await new RawSocket(server.wsUrl.replace('/graphql', '/other')).refused).toBe(404);
  });

  test('cookies say nothing about who somebody is', async () => {
    const server = await startTestServer();
    const socket = new RawSocket(server.wsUrl, { headers: { cookie: 'authorization=Bearer user-ada', authorization: 'Bearer user-ada' } });
    await socket.init();
    await waitFor(() => socket.messages.length === 1);
    socket.subscribe('1', '{ hello }');
    await waitFor(() => socket.of('1').length > 0);
    expect(socket.of('1')[0]?.payload).toEqual({ data: { hello: 'hello anonymous' } });
  });
});

describe('bounds of a connection', () => {
  test('the 51st subscription is refused on its id, and the socket lives', async () => {
    const server = await startTestServer();
    const socket = await connected(server);
    for (let id = 1; id <= 51; id += 1) socket.subscribe(String(id), 'subscription { ticks }');
    await waitFor(() => socket.of('51').length > 0);
    expect(socket.errorOf('51')?.extensions).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 'subscriptionsPerSocket', max: 50 } });
    expect(server.stage.sources).toHaveLength(50);
    socket.send({ id: '1', type: 'complete' });
    socket.subscribe('52', '{ hello }');
    await waitFor(() => socket.of('52').length > 0);
    expect(socket.of('52')[0]?.type).toBe('next');
  });

  test('operations that come too fast are refused with the time to wait', async () => {
    const server = await startTestServer({ pipeline: { limits: { operationsBurst: 3, operationsPerSecond: 1 } } });
    const socket = await connected(server);
    for (let id = 1; id <= 4; id += 1) socket.subscribe(String(id), '{ hello }');
    await waitFor(() => socket.of('4').length > 0);
    expect(socket.errorOf('4')?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      details: { limit: 'operationsPerSecond', retryAfterMs: expect.any(Number) },
    });
  });

  test('a frame over 64 kB closes with 1009', async () => {
    const socket = await connected(await startTestServer());
    socket.send('x'.repeat(65 * 1024));
    expect((await socket.closed).code).toBe(1009);
  });

  test('one address may hold only so many sockets that nobody has signed in on', async () => {
    const server = await startTestServer({ pipeline: { limits: { anonymousSocketsPerAddress: 2 } } });
    await connected(server, 'Bearer user-ada');
    await connected(server);
    await connected(server);
    expect((await new RawSocket(server.wsUrl).closed).code).toBe(1013);
  });

  test('one viewer may hold only so many sockets', async () => {
    const server = await startTestServer({ pipeline: { limits: { socketsPerViewer: 1 } } });
    const first = await connected(server, 'Bearer user-ada');
    const second = new RawSocket(server.wsUrl);
    await second.init('Bearer user-ada');
    expect((await second.closed).code).toBe(1013);
    first.socket.terminate();
    await first.closed;
    await connected(server, 'Bearer user-ada');
  });

  test('without rate limits only the total counts', async () => {
    const limits = { socketsPerViewer: 1, anonymousSocketsPerAddress: 1, operationsBurst: 1, sockets: 2 };
    const server = await startTestServer({ http: { rateLimits: false }, pipeline: { limits } });
    const socket = await connected(server, 'Bearer user-ada');
    await connected(server, 'Bearer user-ada');
    socket.subscribe('1', '{ hello }');
    socket.subscribe('2', '{ hello }');
    await waitFor(() => socket.of('2').length > 0);
    expect(socket.of('2')[0]?.type).toBe('next');
    expect(await new RawSocket(server.wsUrl).refused).toBe(503);
  });

  test('a source that gives its reader up closes the socket with 1013', async () => {
    const { server, socket } = await subscribed();
    server.stage.sources[0]?.fail(Object.assign(new Error('too far behind'), { name: 'SlowSubscriber' }));
    expect(await socket.closed).toEqual({ code: 1013, reason: 'Too slow' });
  });

  test('a source that overflows while a write is stuck closes the socket with 1013', async () => {
    const { server, socket } = await subscribed();
    server.stage.sources[0]?.overflowNow();
    expect((await socket.closed).code).toBe(1013);
    expect(server.transport.pipeline.openSubscriptions).toBe(0);
  });

  test('a socket that does not read what it was sent is closed with 1013', async () => {
    const server = await startTestServer({
      pipeline: { limits: { unsentBytes: 100_000, stallMs: 100, operationsBurst: 10_000, subscriptionsPerSocket: 10_000 } },
    });
    const socket = await connected(server);
    socket.socket.pause();
    const query = '{ echo(text: $t) }'.replace('{', 'query ($t: String) {');
    for (let id = 0; id < 400; id += 1) socket.subscribe(String(id), query, { t: 'x'.repeat(50_000) });
    await waitFor(() => server.logs.some((line) => line.includes('"operation"')));
    const readAgain = setInterval(() => socket.socket.resume(), 2_500);
    const { code } = await socket.closed;
    clearInterval(readAgain);
    expect(code).toBe(1013);
  });
});

describe('broken protocol', () => {
  test.each([
    ['not JSON', 'nonsense', 4400],
    ['an unknown type', '{"type":"nonsense"}', 4400],
    ["a server's message", '{"type":"connection_ack"}', 4400],
    ['a numeric id', '{"id":1,"type":"subscribe","payload":{"query":"{ hello }"}}', 4400],
    ['a second init', '{"type":"connection_init"}', 4429],
  ])('%s closes with the code of the protocol', async (_what, message, code) => {
    const socket = await connected(await startTestServer());
    socket.send(message);
    expect((await socket.closed).code).toBe(code);
  });

  test('an operation before the acknowledgement closes with 4401', async () => {
    const socket = new RawSocket((await startTestServer()).wsUrl);
    await socket.opened;
    socket.subscribe('1', '{ hello }');
    expect((await socket.closed).code).toBe(4401);
  });

  test('an id in use closes with 4409', async () => {
    const { socket } = await subscribed();
    socket.subscribe('1', 'subscription { ticks }');
    expect((await socket.closed).code).toBe(4409);
  });

  test('completing what is not there does nothing', async () => {
    const socket = await connected(await startTestServer());
    socket.send({ id: 'nothing', type: 'complete' });
    socket.subscribe('1', '{ hello }');
    await waitFor(() => socket.of('1').length === 2);
  });

  test('half an upgrade hurts nobody', async () => {
    const server = await startTestServer();
    const port = Number(new URL(server.url).port);
    await new Promise<void>((resolve) => {
      const stream = connect(port, '127.0.0.1', () => {
        stream.write('GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 8\r\n\r\n');
      });
      stream.on('close', () => resolve());
      stream.resume();
    });
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
  });
});
