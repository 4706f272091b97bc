import { once } from 'node:events';
import WebSocket from 'ws';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import { setStage } from '../support/factories/stage';
import type { Guest } from '../support/factories/stage';
import { SendMessageDocument } from '../support/generated/graphql';
import type { ProcessBackends } from '../support/process-backends';
import { openProcessBackends } from '../support/process-backends';
import { ServerProcess } from '../support/server-process';
import { waitFor } from '../support/wait-for';

const READERS = 20;
const SENDERS = 40;
/** As long as may be with a number behind it. */
const BODY = 'x'.repeat(3_990);
/** What the slow one asks for each message, so that few of them fill the kernel's buffers, which take the first megabytes. */
const COPIES = 12;
const MAX_MESSAGES = 3_000;
/** The bound, and what may come in the one turn that passes it: a message from every sender. */
const MAX_UNSENT = DEFAULT_LIMITS.unsentBytes + SENDERS * (COPIES + 1) * 4_000;
const STAY_ALIVE_MS = 3_000;
/** Of heap and what it holds, without asking for a collection: most of it is the garbage of so many requests. */
const MAX_GROWTH = 100_000_000;
const copies = Array.from({ length: COPIES }, (_, n) => `copy${n}: body`).join(' ');
const query = (more = ''): string => `subscription ($channelId: ID!, $after: StreamCursor) {
  channelEvents(channelId: $channelId, after: $after) {
    ... on StreamOpened { cursor recovered } ... on MessageAdded { cursor message { body ${more} } } } }`;

interface Event {
  readonly cursor: string;
  readonly recovered?: boolean;
  readonly message?: { readonly body: string };
}

interface Asked {
  readonly after?: string | null;
  readonly more?: string;
}

/** A subscriber on a bare socket, which keeps of each message only its number. */
class Reader {
  readonly numbers: string[] = [];
  cursor: string | null = null;
  recovered: boolean | null = null;
  private acknowledged = false;

  private constructor(readonly socket: WebSocket) {}

  static async open({ api }: Guest, channelId: string, { after = null, more = '' }: Asked = {}): Promise<Reader> {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const reader = new Reader(socket);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => reader.onMessage(JSON.parse(data.toString()) as Parameters<Reader['onMessage']>[0]));
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${api.token}` } }));
    await waitFor(() => reader.acknowledged, { what: 'the acknowledgement' });
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: query(more), variables: { channelId, after } } }));
    await waitFor(() => reader.cursor !== null, { what: 'the opening' });
    return reader;
  }

  private onMessage({ type, payload }: { type: string; payload?: { data: { channelEvents: Event } } }): void {
    if (type === 'ping') return this.socket.send('{"type":"pong"}');
    if (type === 'connection_ack') this.acknowledged = true;
    if (type !== 'next' || payload === undefined) return;
    const { cursor, recovered, message } = payload.data.channelEvents;
    this.cursor = cursor;
    if (recovered !== undefined) this.recovered = recovered;
    if (message !== undefined) this.numbers.push(message.body.slice(BODY.length));
  }
}

describe('a reader that stops reading', () => {
  let backends: ProcessBackends;
  let server: ServerProcess;

  beforeAll(async () => {
    backends = await openProcessBackends();
    server = await ServerProcess.start(backends.environment);
  });
  afterAll(async () => {
    await server.kill();
    await backends.remove();
  });

  const memory = async (): Promise<number> =>
    (await server.metric('parley_nodejs_heap_size_used_bytes')) + (await server.metric('parley_nodejs_external_memory_bytes'));

  it(`is ended in time, at the cost of nobody else, and resumes (M4, F20)`, async () => {
    const stage = await setStage(server.url, { capacity: READERS + SENDERS + 1 });
    const readers = await Promise.all(
      Array.from({ length: READERS }, async (_, n) => Reader.open(await stage.join(`Reader ${n}`), stage.channelId)),
    );
    const slowGuest = await stage.join('Slow');
    const stalled = await Reader.open(slowGuest, stage.channelId, { more: copies });
    const senders = await Promise.all(Array.from({ length: SENDERS }, (_, n) => stage.join(`Sender ${n}`)));
    let sent = 0;
    const send = async ({ api }: Guest): Promise<void> => {
      const body = `${BODY}${(sent += 1)}`;
      await api.run(SendMessageDocument, { input: { channelId: stage.channelId, body } });
    };
    await Promise.all(senders.map(send));
    await waitFor(() => stalled.numbers.length === SENDERS, { what: 'the first messages' });

    stalled.socket.pause();
    // It still talks, so it is not taken for a dead peer, which a ping would find first where messages are slow.
    const talking = setInterval(() => stalled.socket.pong(), STAY_ALIVE_MS);
    const before = await memory();
    const highest = { memory: before, unsent: 0 };
    let [passedAt, endedAt, lookMs] = [Infinity, Infinity, 0];
    const watch = async (): Promise<boolean> => {
      const looked = performance.now();
      const unsent = await server.metric('parley_socket_unsent_bytes');
      if (unsent > DEFAULT_LIMITS.unsentBytes) passedAt = Math.min(passedAt, performance.now());
      if ((await server.metric('parley_socket_closes_total', 'code="1013"')) > 0) endedAt = performance.now();
      highest.unsent = Math.max(highest.unsent, unsent);
      highest.memory = Math.max(highest.memory, await memory());
      lookMs = Math.max(lookMs, performance.now() - looked);
      return endedAt < Infinity;
    };
    const watching = waitFor(watch, { timeoutMs: 120_000, what: 'the end of the stalled reader' });
    const sending = senders.map(async (sender) => {
      while (endedAt === Infinity && sent < MAX_MESSAGES) await send(sender);
    });
    await Promise.all([watching, ...sending]).finally(() => clearInterval(talking));
    const total = sent;
    // Seen by looking now and then: a short stay above the bound may have gone unseen, and its ends are known to within a look each.
    expect(endedAt - Math.min(passedAt, endedAt) - 2 * lookMs).toBeLessThan(5_000);
    expect(await server.metric('parley_socket_closes_total', 'code="1013"')).toBe(1);
    expect(await server.metric('parley_connections_open', 'ws')).toBe(READERS);
    expect(highest.unsent).toBeLessThan(MAX_UNSENT);
    expect(highest.memory - before).toBeLessThan(MAX_GROWTH);

    await waitFor(() => readers.every(({ numbers }) => numbers.length === total), { timeoutMs: 20_000, what: 'everything at the others' });
    const [first, ...others] = readers as [Reader, ...Reader[]];
    expect(new Set(first.numbers).size).toBe(total);
    for (const { numbers } of others) expect(numbers).toEqual(first.numbers);

    stalled.socket.terminate();
    await waitFor(() => stalled.socket.readyState === WebSocket.CLOSED, { what: 'the close of the stalled socket' });
    const { numbers, cursor } = stalled;
    const resumed = await Reader.open(slowGuest, stage.channelId, { after: cursor });
    await waitFor(() => numbers.length + resumed.numbers.length === total, {
      timeoutMs: 20_000,
      what: 'everything at the one who came back',
    });
    expect(resumed.recovered).toBe(true);
    expect([...numbers, ...resumed.numbers]).toEqual(first.numbers);
    for (const { socket } of [...readers, resumed]) socket.terminate();
  }, 180_000);
});
