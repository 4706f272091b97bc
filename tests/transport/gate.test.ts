import type { Gate, Visitor } from '../../src/graphql/gate';
import { unauthenticated } from '../../src/errors/domain-error';
import { blocked, tooFast } from '../../src/graphql/gate';
import { DOWNLOAD_POINTS } from '../../src/transport/downloads';
import { WEBHOOK_POINTS } from '../../src/transport/webhook-ingress';
import { waitFor } from '../support/wait-for';
import type { TestServer, TestServerOptions } from './test-server';
import { post, RawSocket, startTestServer } from './test-server';

const LIMIT = 20;

/** Twenty points, which never come back; who is told to be blocked is. */
class TestGate implements Gate {
  readonly noteds: string[] = [];
  blocked: ((visitor: Visitor) => boolean) | null = null;

  constructor(private left = LIMIT) {}

  async admit(visitor: Visitor, points: number) {
    if (this.blockedForMs(visitor) > 0) throw blocked(this.blockedForMs(visitor));
    if (points > this.left) throw tooFast(2_500, 'test');
    this.left -= points;
    return { rule: 'test', points: LIMIT, windowMs: 60_000, limit: LIMIT, remaining: this.left, resetMs: 1_500 };
  }

  noted({ viewer }: Visitor, { code }: { code: string }): void {
    this.noteds.push(`${viewer.kind} ${code}`);
  }

  blockedForMs(visitor: Visitor): number {
    return this.blocked?.(visitor) === true ? 60_000 : 0;
  }
}

async function start(points = LIMIT, { pipeline, ...options }: TestServerOptions = {}): Promise<{ server: TestServer; gate: TestGate }> {
  const gate = new TestGate(points);
  return { gate, server: await startTestServer({ ...options, pipeline: { ...pipeline, gate } }) };
}

const isUser = ({ viewer }: Visitor): boolean => viewer.kind === 'user';

async function connected(server: TestServer, authorization?: string): Promise<RawSocket> {
  const socket = new RawSocket(server.wsUrl);
  await socket.init(authorization);
  await waitFor(() => socket.messages.some(({ type }) => type === 'connection_ack'));
  return socket;
}

describe('the points of operations', () => {
  it('are told by every answer over HTTP', async () => {
    const { server } = await start();
    const { headers } = await post(server, { query: '{ hello }' });
    expect(headers.get('ratelimit-policy')).toBe('"test";q=20;w=60');
    expect(headers.get('ratelimit')).toBe('"test";r=19;t=2');
    const byApollo = await post(server, { query: '{ hello }' }, { accept: 'application/json;q=0.9' });
    expect(byApollo.headers.get('ratelimit')).toBe('"test";r=18;t=2');
  });

  it('are used up on all transports together, and the refusal says when to come back', async () => {
    const { server, gate } = await start();
    const socket = await connected(server);
    for (let n = 0; n < LIMIT / 2; n += 1) {
      expect((await post(server, { query: '{ hello }' })).status).toBe(200);
      socket.subscribe(`${n}`, '{ hello }');
    }
    await waitFor(() => socket.messages.filter(({ type }) => type === 'complete').length === LIMIT / 2);

    const { status, headers, json } = await post(server, { query: '{ hello }' });
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('3');
    expect(json.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      reason: 'TOO_FAST',
      retryable: true,
      retryAfterMs: 2_500,
      details: { retryAfterMs: 2_500 },
    });
    socket.subscribe('late', '{ hello }');
    await waitFor(() => socket.errorOf('late') !== undefined);
    expect(socket.errorOf('late')?.extensions.code).toBe('RATE_LIMITED');
    const stream = await fetch(`${server.url}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: '{ hello }' }),
    });
    expect(await stream.text()).toContain('RATE_LIMITED');
    expect(gate.noteds).toEqual(Array(3).fill('anonymous RATE_LIMITED'));
  });

  it('are taken for what cannot be executed too', async () => {
    const { server } = await start();
    const { status, headers } = await post(server, { query: '{ nothing }' });
    expect({ status, left: headers.get('ratelimit') }).toEqual({ status: 400, left: '"test";r=15;t=2' });
  });

  it('speak against who is known to ask, or else against the address', async () => {
    const { server, gate } = await start();
    const deep = { query: `{ ${'thing { inner { '.repeat(7)} name ${'} }'.repeat(7)} }` };
    await post(server, deep, { authorization: 'Bearer user-ada' });
    await post(server, { query: '{ hello }' }, { authorization: 'Bearer nobody' });
    const socket = new RawSocket(server.wsUrl);
    await socket.init('Bearer nobody');
    await socket.closed;
    await fetch(`${server.url}/graphql/stream`, { headers: { accept: 'text/event-stream', authorization: 'Bearer nobody' } });
    expect(gate.noteds).toEqual([
      'user QUERY_TOO_COMPLEX',
      'anonymous UNAUTHENTICATED',
      'anonymous UNAUTHENTICATED',
      'anonymous UNAUTHENTICATED',
    ]);
  });

  it('are not asked for what the budget of a socket refuses, which speaks against who is on it', async () => {
    const { server, gate } = await start(LIMIT, { pipeline: { limits: { operationsBurst: 1, operationsPerSecond: 0.01 } } });
    const [user, nobody] = [await connected(server, 'Bearer user-ada'), await connected(server)];
    for (const socket of [user, nobody]) for (const id of ['1', '2', '3']) socket.subscribe(id, '{ hello }');
    await waitFor(() => [user, nobody].every((socket) => ['2', '3'].every((id) => socket.errorOf(id) !== undefined)));
    expect(gate.noteds.sort()).toEqual([...Array<string>(2).fill('anonymous RATE_LIMITED'), ...Array<string>(2).fill('user RATE_LIMITED')]);
  });

  it('are not asked for frames: too many of them close the socket, which speaks against who was on it once', async () => {
    const { server, gate } = await start(LIMIT, { pipeline: { limits: { framesBurst: 5 } } });
    const { socket, closed } = await connected(server, 'Bearer user-ada');
    for (let n = 0; n < 20; n += 1) socket.ping();
    expect((await closed).code).toBe(1008);
    await waitFor(() => gate.noteds.length > 0);
    expect(gate.noteds).toEqual(['user RATE_LIMITED']);
  });

  it('are told to who asks what an operation costs', async () => {
    const { server } = await start();
    const { json } = await post(server, { query: '{ hello }', extensions: { cost: true } });
    expect(json).toEqual({ data: { hello: 'hello anonymous' }, extensions: { cost: { cost: 1, max: 1_000 } } });
  });
});

describe('requests beside GraphQL', () => {
  const file = { mediaType: 'text/csv', fileName: 'x.csv', chunks: [] as unknown as AsyncIterable<string> };
  const take = (server: TestServer, authorization: string): Promise<Response> =>
    fetch(`${server.url}/exports/things`, { headers: { authorization } });
  const send = (server: TestServer): Promise<Response> => fetch(`${server.url}/hooks/shop`, { method: 'POST', body: '{}' });

  it('take points: a file those of who takes it', async () => {
    const opened: string[] = [];
    const downloads = {
      things: async ({ viewer }: { viewer: { kind: string } }) => {
        opened.push(viewer.kind);
        return file;
      },
    };
    const { server, gate } = await start(2 * DOWNLOAD_POINTS - 1, { downloads });
    const first = await take(server, 'Bearer user-ada');
    expect([first.status, first.headers.get('ratelimit')]).toEqual([200, `"test";r=${DOWNLOAD_POINTS - 1};t=2`]);
    const second = await take(server, 'Bearer user-ada');
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '3']);
    expect((await take(server, 'Bearer nobody')).status).toBe(401);
    expect(opened).toEqual(['user']);
    expect(gate.noteds).toEqual(['user RATE_LIMITED', 'anonymous UNAUTHENTICATED']);
    gate.blocked = isUser;
    expect((await take(server, 'Bearer user-ada')).status).toBe(429);
    expect(opened).toEqual(['user']);
  });

  it('take points: a webhook those of the address, before its signature is looked at', async () => {
    let received = 0;
    const receiveWebhook = async (): Promise<never> => {
      received += 1;
      throw unauthenticated('SIGNATURE_INVALID', 'The signature is not valid.');
    };
    const { server, gate } = await start(2 * WEBHOOK_POINTS, { receiveWebhook });
    const answers = [await send(server), await send(server), await send(server)];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 429]);
    expect(answers[0]?.headers.get('ratelimit')).toBe(`"test";r=${WEBHOOK_POINTS};t=2`);
    expect(received).toBe(2);
    expect(gate.noteds).toEqual(['anonymous UNAUTHENTICATED', 'anonymous UNAUTHENTICATED', 'anonymous RATE_LIMITED']);
  });
});

describe('somebody who is blocked', () => {
  it('is refused over HTTP with 429, the reason and the time', async () => {
    const { server, gate } = await start();
    gate.blocked = isUser;
    for (const path of ['/graphql', '/graphql/stream']) {
      const response = await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: path === '/graphql' ? 'application/json' : 'text/event-stream',
          authorization: 'Bearer user-ada',
        },
        body: JSON.stringify({ query: '{ hello }' }),
      });
      expect({ status: response.status, retryAfter: response.headers.get('retry-after') }).toEqual({ status: 429, retryAfter: '60' });
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { reason: 'BLOCKED', retryAfterMs: 60_000 } }] });
    }
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
  });

  it('is not let in by socket, and loses those that are open, with 1013; others stay', async () => {
    const { server, gate } = await start();
    const open = await connected(server, 'Bearer user-ada');
    const other = await connected(server);
    gate.blocked = isUser;
    expect(await open.closed).toEqual({ code: 1013, reason: 'Blocked' });
    const again = new RawSocket(server.wsUrl);
    await again.init('Bearer user-ada');
    expect(await again.closed).toEqual({ code: 1013, reason: 'Blocked' });
    expect(other.socket.readyState).toBe(other.socket.OPEN);
  });

  it('loses event streams that are open', async () => {
    const { server, gate } = await start();
    const response = await fetch(`${server.url}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: 'Bearer user-ada' },
      body: JSON.stringify({ query: 'subscription { ticks }' }),
    });
    await waitFor(() => server.stage.sources.length === 1);
    gate.blocked = isUser;
    await expect(response.text()).rejects.toThrow();
    await waitFor(() => server.transport.pipeline.openSubscriptions === 0);
  });
});
