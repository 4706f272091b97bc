import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHandler } from 'graphql-sse';
import type { ExecutionResult } from 'graphql';
import { DEFAULT_LIMITS } from '../../src/graphql/limits';
import { ANONYMOUS } from '../../src/lib/viewer';
import { Batch } from '../../src/realtime/delivery-group';
import { EventStream, Paced } from '../../src/transport/event-streams';
import { isNext, operationIdOf, writeShared } from '../../src/transport/sse-messages';
import { closeAfterTest } from '../support/jest-leaks';

const batchOf = (...payloads: readonly string[]): Batch<string> =>
  new Batch(payloads.map((payload, index) => ({ offset: index + 1, payload })));

const PAYLOADS: readonly ExecutionResult[] = [
  { data: {} },
  { data: null },
  { data: { text: 'é 👩‍👩‍👧 \u0000 " \\ \u2028\u2029 \r\n\n data: event: next', lone: '\ud800' } },
  { data: { list: [1, null, { a: [] }], wide: 'x'.repeat(70_000) } },
];
const IDS = ['1', '4c8b5a9e-4f0e-4b8e-9f39-4a52a9b7a1a5', 'say "hi"\\', 'ünï\n\ncødé 👋 \ud800', '0'];

/** What graphql-sse itself writes for these payloads: on a stream of their own, or under this id on a reserved one. */
async function asGraphqlSse(id: string | null): Promise<{ messages: string[]; id: string | null }> {
  let seenId: string | null = null;
  const handle = createHandler<null, null>({
    authenticate: () => 'token',
    onSubscribe: ({ headers }, params) => {
      seenId = operationIdOf(headers.get('accept') ?? undefined, params);
      return (async function* () {
        yield* PAYLOADS;
      })();
    },
  });
  const ask = async (method: string, accept: string) => {
    const headers = new Map([
      ['accept', accept],
      ['content-type', 'application/json'],
    ]);
    // The id is left to be ignored where the stream carries one operation.
    const body = { query: '{ a }', extensions: { operationId: id ?? 'ignored' } };
    const [answer] = await handle({ method, url: '/', headers: { get: (name) => headers.get(name) }, body, raw: null, context: null });
    return answer;
  };
  if (id !== null) await ask('PUT', '*/*');
  if (id !== null) await ask('POST', 'application/json');
  const stream = await ask('POST', 'text/event-stream');
  if (stream === null || typeof stream === 'string') throw new Error('no stream');
  const messages: string[] = [];
  for await (const message of stream) {
    messages.push(message);
    if (message.startsWith('event: complete')) break;
  }
  return { messages, id: seenId };
}

interface Link {
  readonly response: ServerResponse;
  readonly client: Response;
}

/** A response under way, and a client that reads it. */
async function openResponse(): Promise<Link> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const requested = once(server, 'request') as Promise<[unknown, ServerResponse]>;
  const answered = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [, response] = await requested;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  closeAfterTest(() => {
    server.closeAllConnections();
    server.close();
  });
  response.flushHeaders();
  return { response, client: await answered };
}

describe('what is written past graphql-sse', () => {
  test.each([null, ...IDS])('is byte for byte what graphql-sse writes, under the id %j', async (id) => {
    const theirs = await asGraphqlSse(id);
    const payloads = theirs.messages.filter(isNext);
    expect(payloads).toHaveLength(PAYLOADS.length);
    expect(theirs.messages.filter((message) => !isNext(message))).toEqual([':\n\n', expect.stringContaining('complete')]);
    const { response, client } = await openResponse();
    writeShared(response, theirs.id, batchOf(...PAYLOADS.map((payload) => JSON.stringify(payload))));
    response.end();
    expect(await client.text()).toBe(payloads.join(''));
  });

  test('is one write for the events of one turn, of the same bytes for everyone without an id', async () => {
    const [{ response }, { response: other }] = [await openResponse(), await openResponse()];
    const writes = [response, other].map((each) => jest.spyOn(each, 'write'));
    const batch = batchOf('1', '2', '3');
    writeShared(response, null, batch);
    writeShared(other, null, batch);
    const [first, second] = writes.map(({ mock }) => mock.calls);
    expect([first?.length, second?.length]).toEqual([1, 1]);
    expect(second?.[0]?.[0]).toBe(first?.[0]?.[0]);
  });

  test.each(['end', 'destroy'] as const)('is nothing after %s', async (how) => {
    const { response } = await openResponse();
    const write = jest.spyOn(response, 'write');
    response[how]();
    writeShared(response, null, batchOf('1'));
    expect(write).not.toHaveBeenCalled();
  });
});

describe('an event stream', () => {
  const open = (limits = DEFAULT_LIMITS): EventStream =>
    new EventStream({
      seat: { identify: () => null, release: () => undefined },
      limits,
      rated: false,
      visitor: { viewer: ANONYMOUS, address: '127.0.0.1' },
    });

  /** A response whose reader reads when told to. */
  class HeldResponse {
    writableLength = 0;
    writableEnded = false;
    destroyed = false;
    readonly written: string[] = [];
    private readonly waiting: (() => void)[] = [];

    once(): void {}
    off(): void {}

    write(text: string | Buffer, taken?: () => void): void {
      this.written.push(text.toString());
      this.writableLength += text.length;
      if (taken !== undefined) this.waiting.push(taken);
    }

    read(): void {
      this.writableLength = 0;
      for (const taken of this.waiting.splice(0)) taken();
    }

    end(): void {
      this.writableEnded = true;
    }

    destroy(): void {
      this.destroyed = true;
    }
  }

  /** Messages as graphql-sse queues them: those given, and no more until the stream is left. */
  async function* queueOf(stream: EventStream, messages: readonly string[], until: Promise<void>): AsyncGenerator<string> {
    messages.filter(isNext).forEach(() => stream.queued());
    yield* messages;
    await until;
  }

  function carry(stream: EventStream, messages: readonly string[] = []) {
    const held = new HeldResponse();
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const ended = stream.carry(queueOf(stream, messages, left), held as unknown as ServerResponse);
    closeAfterTest(async () => {
      leave();
      held.read();
      await ended;
    });
    return { held, ended, leave, take: (...payloads: string[]) => stream.takeShared(null, batchOf(...payloads)) };
  }

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('asks for the next payload, and so rides, when everything before it is written', async () => {
    const stream = open();
    const { held } = carry(stream, [':\n\n', 'event: next\ndata: 1\n\n', 'event: next\ndata: 2\n\n']);
    const asked: number[] = [];
    const payloads = (async function* () {
      asked.push(held.written.length);
      yield 3;
    })();
    await turn();
    const next = new Paced(payloads, stream).next();
    for (let n = 0; n < 3; n += 1) {
      expect(asked).toEqual([]);
      held.read();
      await turn();
    }
    expect(await next).toEqual({ value: 3, done: false });
    expect(asked).toEqual([3]);
  });

  test('asks when it is over, though nothing was read: whoever waits is told', async () => {
    const stream = open();
    carry(stream, ['event: next\ndata: 1\n\n']);
    await turn();
    const payloads = (async function* (): AsyncGenerator<number, void, undefined> {})();
    const next = new Paced(payloads, stream).next();
    stream.end();
    expect(await next).toEqual({ value: undefined, done: true });
  });

  test('lives as long as its reader has read everything by the next events, however many there were', async () => {
    const { held, take } = carry(open());
    for (let n = 0; n < 5_000; n += 1) {
      take('1');
      held.read();
    }
    expect([held.destroyed, held.written.length]).toEqual([false, 5_000]);
  });

  test.each([
    ['events', 1, DEFAULT_LIMITS.unsentEvents],
    ['bytes', 50_000, DEFAULT_LIMITS.unsentBytes / 50_000],
  ])('is cut off when its reader leaves too many %s unread, and says so', async (_what, bytes, deliveries) => {
    const { held, take, ended, leave } = carry(open());
    for (let n = 0; n < deliveries - 1; n += 1) take('x'.repeat(bytes));
    expect(held.destroyed).toBe(false);
    for (let n = 0; n < 3; n += 1) take('x'.repeat(bytes));
    expect(held.destroyed).toBe(true);
    const { length } = held.written;
    take('1');
    expect(held.written).toHaveLength(length);
    leave();
    expect(await ended).toBe('tooSlow');
  });

  test('is cut off when its reader leaves too many bytes unread for too long, though nothing more comes', () => {
    const stream = open();
    const { held, take } = carry(stream);
    take('x'.repeat(DEFAULT_LIMITS.unsentBytes));
    stream.checkStalled(0);
    stream.checkStalled(DEFAULT_LIMITS.stallMs - 1);
    expect(held.destroyed).toBe(false);
    held.read();
    stream.checkStalled(DEFAULT_LIMITS.stallMs);
    take('x'.repeat(DEFAULT_LIMITS.unsentBytes));
    stream.checkStalled(DEFAULT_LIMITS.stallMs + 1);
    stream.checkStalled(2 * DEFAULT_LIMITS.stallMs);
    expect(held.destroyed).toBe(false);
    stream.checkStalled(2 * DEFAULT_LIMITS.stallMs + 1);
    expect(held.destroyed).toBe(true);
  });
});
