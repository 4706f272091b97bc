import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import { Batch } from '../../src/realtime/delivery-group';
import { Connection } from '../../src/transport/connection';
import { writeShared, writeText } from '../../src/transport/socket-frames';
import { closeAfterTest } from '../support/jest-leaks';
import { waitFor } from '../support/wait-for';

interface Link {
  /** The server's end. */
  readonly socket: WebSocket;
  readonly received: string[];
  readonly closed: Promise<unknown>;
}

/** A real client and the server's end of its connection. */
async function connect({ compressed = false } = {}): Promise<Link> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: compressed });
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { perMessageDeflate: compressed });
  const received: string[] = [];
  client.on('message', (data: Buffer, isBinary) => received.push(isBinary ? 'binary!' : data.toString()));
  const closed = once(client, 'close');
  const [[socket]] = await Promise.all([accepted, once(client, 'open')]);
  closeAfterTest(() => {
    client.terminate();
    server.close();
  });
  return { socket, received, closed };
}

/** The path for sockets whose inside is not as expected: the same socket, without its inside. */
function opaque(socket: WebSocket): WebSocket {
  return Object.create(socket, { _socket: { value: null } }) as WebSocket;
}

const batchOf = (...payloads: readonly string[]): Batch<string> =>
  new Batch(payloads.map((payload, index) => ({ offset: index + 1, payload })));
const idOf = (id: string): Buffer => Buffer.from(JSON.stringify(id));
const messageOf = (id: string, payload: string): string => `{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`;
/** JSON of exactly so many bytes. */
const jsonOf = (bytes: number): string => (bytes === 1 ? '1' : `"${'x'.repeat(bytes - 2)}"`);

const IDS = ['1', 'a', '4c8b5a9e-4f0e-4b8e-9f39-4a52a9b7a1a5', 'say "hi"\\', 'ünï çødé 👋', 'x'.repeat(200)];
const AROUND = messageOf('1', '').length;
const LENGTHS = [1, 2, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537, 200_000];
const PAYLOADS = [
  ...LENGTHS.map(jsonOf),
  // The same lengths for the whole message.
  ...LENGTHS.filter((length) => length > AROUND).map((length) => jsonOf(length - AROUND)),
  '{"data":{"text":"é 👩‍👩‍👧 \\u0000 \\" \u2028"}}',
  'null',
];

describe.each([
  ['the frames written past the socket', false, (socket: WebSocket) => socket],
  ['a socket with extensions', true, (socket: WebSocket) => socket],
  ['a socket without a visible inside', false, opaque],
])('%s', (_what, compressed, seenAs) => {
  test.each(IDS)('carry every length and character unchanged, under the id %j', async (id) => {
    const { socket, received } = await connect({ compressed });
    for (const payload of PAYLOADS) writeShared(seenAs(socket), idOf(id), batchOf(payload));
    await waitFor(() => received.length === PAYLOADS.length, { what: 'every message' });
    expect(received.map((text, index) => text === messageOf(id, PAYLOADS[index]!))).toEqual(PAYLOADS.map(() => true));
  });

  test('carry one message of every length and character unchanged', async () => {
    const { socket, received } = await connect({ compressed });
    for (const payload of PAYLOADS) await new Promise((taken) => writeText(seenAs(socket), payload, taken));
    await waitFor(() => received.length === PAYLOADS.length, { what: 'every message' });
    expect(received.map((text, index) => text === PAYLOADS[index])).toEqual(PAYLOADS.map(() => true));
  });

  test('carry a batch in order, to each operation under its own id', async () => {
    const { socket, received } = await connect({ compressed });
    const batch = batchOf(...Array.from({ length: 500 }, (_, n) => JSON.stringify({ n, filler: 'é'.repeat(n) })));
    for (const id of IDS) writeShared(seenAs(socket), idOf(id), batch);
    await waitFor(() => received.length === 500 * IDS.length, { what: 'every message' });
    expect(received).toEqual(IDS.flatMap((id) => batch.items.map(({ payload }) => messageOf(id, payload))));
  });

  test('keep their order among messages sent in the ordinary way', async () => {
    const { socket, received } = await connect({ compressed });
    const expected: string[] = [];
    for (let n = 0; n < 300; n += 1) {
      const plain = `{"plain":${jsonOf(1 + ((n * 997) % 70_000))}}`;
      const shared = [`"a${n}"`, jsonOf(1 + ((n * 331) % 3_000))];
      socket.send(plain);
      writeShared(seenAs(socket), idOf('1'), batchOf(...shared));
      if (n % 3 === 0) socket.ping();
      expected.push(plain, ...shared.map((payload) => messageOf('1', payload)));
    }
    await waitFor(() => received.length === expected.length, { what: 'every message' });
    expect(received.every((text, index) => text === expected[index])).toBe(true);
  });

  test('are not written behind a close frame', async () => {
    const { socket, received, closed } = await connect({ compressed });
    writeShared(seenAs(socket), idOf('1'), batchOf('1'));
    socket.close(1000);
    writeShared(seenAs(socket), idOf('1'), batchOf('2'));
    const [code] = (await closed) as [number];
    expect([code, received]).toEqual([1000, [messageOf('1', '1')]]);
    writeShared(seenAs(socket), idOf('1'), batchOf('3'));
  });
});

test('frames are built once for all ids of one length', () => {
  const batch = batchOf('1', '2');
  const built: number[] = [];
  for (const length of [3, 4, 3, 4, 3]) batch.once(length, () => built.push(length));
  expect(built).toEqual([3, 4]);
});

describe('a connection that takes shared events', () => {
  /** A socket whose peer reads when told to. */
  class HeldSocket extends EventEmitter {
    readonly OPEN = 1;
    readyState = 1;
    extensions = 'held';
    bufferedAmount = 0;
    closedWith: number | null = null;

    send(text: string): void {
      this.bufferedAmount += text.length;
    }

    close(code: number): void {
      this.closedWith = code;
      this.readyState = 2;
      this.emit('close');
    }

    terminate(): void {
      this.readyState = 3;
    }
  }

  function open(): { held: HeldSocket; take: (...payloads: string[]) => void } {
    const held = new HeldSocket();
    const connection = new Connection({
      socket: held as unknown as WebSocket,
      stream: { bytesRead: 0, bytesWritten: 0 },
      address: '127.0.0.1',
      seat: { identify: () => null, release: () => undefined },
      limits: DEFAULT_LIMITS,
      rated: false,
      pingTurn: 0,
      authorization: null,
    });
    return { held, take: (...payloads) => connection.takeShared(idOf('1'), batchOf(...payloads)) };
  }

  test('lives as long as its peer has read everything by the next events, however many there were', () => {
    const { held, take } = open();
    for (let n = 0; n < 5_000; n += 1) {
      take('1');
      held.bufferedAmount = 0;
    }
    expect(held.closedWith).toBeNull();
  });

  test('is not ended for one turn with more than the bounds, which its peer had no moment to read', () => {
    const { held, take } = open();
    take(...Array.from({ length: 1_500 }, () => jsonOf(1_000)));
    held.bufferedAmount = 0;
    take('1');
    expect(held.closedWith).toBeNull();
  });

  test.each([
    ['events', 1, DEFAULT_LIMITS.unsentEvents],
    ['bytes', 50_000, DEFAULT_LIMITS.unsentBytes / 50_000],
  ])('is ended with 1013 when its peer leaves too many %s unread', (_what, bytes, deliveries) => {
    const { held, take } = open();
    for (let n = 0; n < deliveries - 1; n += 1) take(jsonOf(bytes));
    expect(held.closedWith).toBeNull();
    for (let n = 0; n < 3; n += 1) take(jsonOf(bytes));
    expect(held.closedWith).toBe(1013);
    take('1');
  });
});
