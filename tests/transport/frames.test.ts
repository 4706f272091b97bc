import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { waitFor } from '../support/wait-for';
import type { TestServer } from './test-server';
import { post, RawSocket, startTestServer } from './test-server';

/** An end that tells the peer to blame: of the protocol of WebSocket, or of graphql-transport-ws. Never 4500, nor 1011. */
const BLAMED = [1002, 1003, 1007, 1008, 1009, 4400, 4401, 4403, 4409, 4429];

const INIT = '{"type":"connection_init"}';
const subscribe = (fields: object): string => JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ hello }' }, ...fields });

async function closeOf(server: TestServer, messages: readonly string[]): Promise<number> {
  const socket = new RawSocket(server.wsUrl);
  await socket.opened;
  for (const [n, message] of messages.entries()) {
    socket.send(message);
    if (n === 0 && message === INIT) await waitFor(() => socket.messages.length === 1, { what: 'an acknowledgement' });
  }
  return (await socket.closed).code;
}

describe('messages that mean nothing: 100', () => {
  const values = ['null', '0', '1.5', 'true', '""', '[]', '{}', '"x"', '-1', '[[]]'];
  const raw = [
    '',
    ' ',
    '{',
    '}',
    'null',
    '[]',
    '7',
    '"x"',
    'true',
    'NaN',
    '{"type":}',
    "{'type':'ping'}",
    '\ufeff{}',
    '{}',
    '[{}]',
    '{"type":"ping"',
  ];
  const types = [
    '',
    'x',
    'PING',
    'start',
    'stop',
    'connection_terminate',
    'connection_ack',
    'next',
    'error',
    'data',
    'ka',
    '__proto__',
    'constructor',
  ];
  const cases: (readonly string[])[] = [
    ...raw.map((text) => [INIT, text]),
    ...raw.slice(0, 8).map((text) => [text]),
    ...types.map((type) => [INIT, JSON.stringify({ id: '1', type, payload: {} })]),
    ...values.map((value) => [INIT, `{"type":${value}}`]),
    ...values
      .filter((value) => value !== '"x"')
      .map((value) => [INIT, `{"id":${value},"type":"subscribe","payload":{"query":"{ hello }"}}`]),
    ...values.filter((value) => value !== '{}').map((value) => [INIT, `{"id":"1","type":"subscribe","payload":${value}}`]),
    ...values
      .filter((value) => !['""', '"x"'].includes(value))
      .map((value) => [INIT, `{"id":"1","type":"subscribe","payload":{"query":${value}}}`]),
    ...['0', '1.5', 'true', '[]', '"x"', '-1'].map((value) => [
      INIT,
      `{"id":"1","type":"subscribe","payload":{"query":"{ hello }","variables":${value}}}`,
    ]),
    ...['0', '1.5', 'true', '[]', '{}'].map((value) => [
      INIT,
      `{"id":"1","type":"subscribe","payload":{"query":"{ hello }","operationName":${value}}}`,
    ]),
    ...values.filter((value) => !['null', '{}'].includes(value)).map((value) => [`{"type":"connection_init","payload":${value}}`]),
    ...[subscribe({}), '{"id":"1","type":"complete"}'].map((message) => [message, subscribe({})]),
    [INIT, INIT],
    [INIT, subscribe({ payload: { query: 'subscription { ticks }' } }), subscribe({})],
    [subscribe({})],
  ];

  it('end the socket with a code that says so, and hurt nobody else', async () => {
    const server = await startTestServer();
    expect(cases.length).toBeGreaterThanOrEqual(95);
    const ends: { messages: readonly string[]; code: number }[] = [];
    for (const messages of cases) ends.push({ messages, code: await closeOf(server, messages) });
    expect(ends.filter(({ code }) => !BLAMED.includes(code))).toEqual([]);
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
    await waitFor(() => server.transport.pipeline.openSubscriptions === 0);
  }, 30_000);

  it.each([
    ['subscribing before the acknowledgement', [subscribe({})], 4401],
    ['a second greeting', [INIT, INIT], 4429],
    ['an id that is in use', [INIT, subscribe({ payload: { query: 'subscription { ticks }' } }), subscribe({})], 4409],
  ])('%s has a code of its own', async (_what, messages, code) => {
    expect(await closeOf(await startTestServer(), messages)).toBe(code);
  });

  it('completing what was never begun is nothing', async () => {
    const server = await startTestServer();
    const socket = new RawSocket(server.wsUrl);
    await socket.init();
    await waitFor(() => socket.messages.length === 1);
    for (const id of ['1', 'x', 'x'.repeat(1_000)]) socket.send({ id, type: 'complete' });
    socket.subscribe('1', '{ hello }');
    await waitFor(() => socket.of('1').length === 2);
  });
});

describe('frames that are none: 60', () => {
  const MASK = [1, 2, 3, 4];
  const masked = (payload: Buffer): Buffer => Buffer.from(payload.map((byte, n) => byte ^ (MASK[n % 4] ?? 0)));
  const frame = (first: number, payload: Buffer, { second = 0x80 | payload.length, mask = true } = {}): Buffer =>
    Buffer.concat([Buffer.from([first, second]), mask ? Buffer.concat([Buffer.from(MASK), masked(payload)]) : payload]);
  const text = Buffer.from(INIT);
  const closing = (code: number, reason = ''): Buffer => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return frame(0x88, Buffer.concat([payload, Buffer.from(reason)]));
  };
  const long = (first: number, lengthBytes: readonly number[], kind: 126 | 127): Buffer =>
    Buffer.from([first, 0x80 | kind, ...lengthBytes, ...MASK]);

  const cases: (readonly [string, Buffer])[] = [
    ...[0xc1, 0xa1, 0x91, 0xf1, 0xb1, 0xe1, 0xd1].map((first) => [`reserved bits ${first.toString(16)}`, frame(first, text)] as const),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`opcode ${opcode}`, frame(0x80 | opcode, text)] as const),
    ...[8, 9, 10].map((opcode) => [`control frame ${opcode} in fragments`, frame(opcode, Buffer.from('x'))] as const),
    ...[0x88, 0x89, 0x8a].map((first) => [`control frame ${first.toString(16)} of 126 bytes`, long(first, [0, 126], 126)] as const),
    ...[0x81, 0x82, 0x89, 0x88].map(
      (first) => [`unmasked ${first.toString(16)}`, frame(first, text, { second: text.length, mask: false })] as const,
    ),
    ['continuation of nothing', frame(0x80, text)],
    ['continuation of nothing, unfinished', frame(0x00, text)],
    ['a message within a message', Buffer.concat([frame(0x01, Buffer.from('{')), frame(0x81, text)])],
    ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535].map((code) => [`close code ${code}`, closing(code)] as const),
    ['a close frame of one byte', frame(0x88, Buffer.from([3]))],
    ['a close frame whose reason is no UTF-8', frame(0x88, Buffer.from([0x03, 0xe8, 0xff, 0xfe]))],
    ...[[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]].map(
      (bytes) => [`text that is no UTF-8: ${bytes.join(' ')}`, frame(0x81, Buffer.from(bytes))] as const,
    ),
    ['a length of 2^63', long(0x81, [0x80, 0, 0, 0, 0, 0, 0, 0], 127)],
    ['a length of 2^53', long(0x81, [0, 0x20, 0, 0, 0, 0, 0, 0], 127)],
    ['a length of 4 GB', long(0x81, [0, 0, 0, 1, 0, 0, 0, 0], 127)],
    ['a length over the limit', long(0x81, [0, 0, 0, 0, 0, 1, 0, 1], 127)],
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => [`noise ${n}`, Buffer.concat([Buffer.from([0xf0 | n]), randomBytes(64)])] as const),
  ];

  it('end the connection, and hurt nobody else', async () => {
    const server = await startTestServer();
    expect(cases.length).toBeGreaterThanOrEqual(55);
    const alive: string[] = [];
    for (const [what, bytes] of cases) if (!(await endsConnection(server, bytes))) alive.push(what);
    expect(alive).toEqual([]);
    expect((await post(server, { query: '{ hello }' })).status).toBe(200);
  }, 30_000);

  /** Whether the server says goodbye, or hangs up, within a moment. */
  function endsConnection(server: TestServer, bytes: Buffer): Promise<boolean> {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      const key = randomBytes(16).toString('base64');
      const late = setTimeout(() => end(false), 2_500);
      const end = (ended: boolean): void => {
        clearTimeout(late);
        socket.destroy();
        resolve(ended);
      };
      socket.write(
        `GET /graphql HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n` +
          `sec-websocket-protocol: graphql-transport-ws\r\nsec-websocket-key: ${key}\r\n\r\n`,
      );
      let upgraded = false;
      socket.on('data', (data: Buffer) => {
        if (upgraded) return data[0] === 0x88 ? end(true) : undefined;
        upgraded = data.includes('101 Switching');
        socket.write(bytes);
      });
      socket.on('close', () => end(true));
      socket.on('error', () => end(true));
    });
  }
});
