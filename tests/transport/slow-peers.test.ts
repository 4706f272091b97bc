import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import { createLogger } from '../../src/observability/logger';
import { Draining } from '../../src/transport/draining';
import { createHttpServer } from '../../src/transport/http-server';
import { closeAfterTest } from '../support/jest-leaks';
import { waitFor } from '../support/wait-for';
import type { TestServer } from './test-server';
import { post, startTestServer } from './test-server';

/** A peer that never closes its side. */
class Peer {
  readonly socket: Socket;
  received = '';
  closed = false;

  constructor(url: string) {
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (data: Buffer) => (this.received += data.toString('latin1')));
    // Our own end stays open, so that the socket closes only when the server has closed it.
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
    closeAfterTest(() => this.socket.destroy());
  }

  /** Sends the text byte by byte, then the last byte again and again, until the server has had enough. */
  async trickle(text: string): Promise<void> {
    for (let n = 0; !this.closed; n += 1) {
      this.socket.write(text[Math.min(n, text.length - 1)] ?? ' ');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

const PATIENCE = { httpHeadersMs: 200, httpRequestMs: 400 };

function impatientServer(): Promise<TestServer> {
  return startTestServer({ pipeline: { limits: PATIENCE } });
}

describe('a peer that sends slowly', () => {
  test('or nothing at all is closed (D22)', async () => {
    const peer = new Peer((await impatientServer()).url);
    await waitFor(() => peer.received.startsWith('HTTP/1.1 408 '), { what: 'a refusal' });
  });

  test('its headers byte by byte is answered 408 and closed; others are served (D22)', async () => {
    const server = await impatientServer();
    const peers = Array.from({ length: 20 }, () => new Peer(server.url));
    const trickling = Promise.all(peers.map((peer) => peer.trickle('POST /graphql HTTP/1.1\r\nhost: x\r\nx-long: aaaa')));
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
    await trickling;
    for (const { received } of peers) expect(received).toMatch(/^HTTP\/1\.1 408 [^]*"requestId"/);
  });

  test('its body byte by byte is answered 408 and closed (D22)', async () => {
    const server = await impatientServer();
    const peer = new Peer(server.url);
    peer.socket.write('POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n');
    await peer.trickle('{"query":"{ hello }        ');
    expect(peer.received).toMatch(/^HTTP\/1\.1 408 /);
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
  });
});

test.each([
  ['what is not HTTP', 'nonsense\r\n\r\n', 400],
  ['headers over 8 kB', `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(9_000)}\r\n\r\n`, 431],
  ['an upgrade elsewhere', 'GET /other HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n', 404],
])('a peer that is refused for %s cannot hold its connection open', async (_what, text, status) => {
  const peer = new Peer((await startTestServer()).url);
  peer.socket.write(text);
  await waitFor(() => peer.received.startsWith(`HTTP/1.1 ${status} `), { what: 'a refusal' });
  await peer.trickle('x');
});

describe('a peer that takes nothing of a large answer', () => {
  const asked = 'GET /large HTTP/1.1\r\nhost: x\r\n\r\n';
  let begun = 0;

  async function startLargeServer(bytes: number): Promise<FastifyInstance> {
    const server = createHttpServer({
      limits: { ...DEFAULT_LIMITS, httpSilenceMs: 200 },
      logger: createLogger({ level: 'silent' }, { write: () => undefined }),
      allowedOrigins: null,
      draining: new Draining(),
    });
    begun = 0;
    server.get('/large', async () => {
      begun += 1;
      return 'x'.repeat(bytes);
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
    closeAfterTest(() => server.close());
    return server;
  }

  function peerOf({ server }: FastifyInstance): Peer {
    return new Peer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  test('is cut off, and however much it asked for, one answer was made (D23)', async () => {
    const server = await startLargeServer(100_000_000);
    const connections = (): Promise<number> =>
      new Promise((resolve, reject) => server.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))));
    const peer = peerOf(server);
    peer.socket.write(asked.repeat(5));
    await waitFor(() => peer.received.startsWith('HTTP/1.1 200 '), { what: 'the beginning of the answer' });
    peer.socket.pause();
    await waitFor(async () => (await connections()) === 0, { what: 'the end of the connection' });
    expect(begun).toBe(1);
  });

  test('but reads it in the end is given all that it asked for', async () => {
    const peer = peerOf(await startLargeServer(100));
    peer.socket.write(asked.repeat(5));
    await waitFor(() => peer.received.match(/x{100}/g)?.length === 5, { what: 'every answer' });
    expect(begun).toBe(5);
  });
});
