import { createHmac, randomBytes } from 'node:crypto';
import type { GeneratorValue } from 'fast-check';
import * as fc from 'fast-check';
import { parse, validate } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import { setStage } from '../support/factories/stage';
import type { Stage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { mutated } from './mutated-bytes';
import { RandomOperation } from './random-operation';
import { exchange } from '../support/raw-exchange';

const TEN_MINUTES_MS = 600_000;
/** Of each target; with PARLEY_TEST_LONG=1 as many as ten minutes hold. */
const RUNS =
  process.env.PARLEY_TEST_LONG === '1' ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: TEN_MINUTES_MS } : { numRuns: 150 };
const TIMEOUT_MS = TEN_MINUTES_MS + 60_000;
const SECRET = randomBytes(32);
const NEVER = new Set(['logout', 'logoutEverywhere', 'changePassword', 'deleteSession', 'endSession', 'suspendUser', 'renewConnection']);
const OUR_FAULT = ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE', 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED'];
const STACK = /\bat [^\n]*\.(ts|js):\d+/;

interface Signed {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

/** What nobody has thought of. A failure tells its seed, with which fast-check repeats it. */
describe('fuzz', () => {
  const complaints: string[] = [];
  let app: TestApp;
  let stage: Stage;

  beforeAll(async () => {
    const log = (line: string): void => {
      if ((JSON.parse(line) as { level: number }).level >= 50) complaints.push(line);
    };
    app = await startTestApp({ log, hooks: { shop: [SECRET.toString('base64')] } });
  });
  // For each: its token lasts a quarter of an hour.
  beforeEach(async () => {
    stage = await setStage(app.url);
  });
  afterAll(() => app.close());
  afterEach(async () => {
    expect(complaints.splice(0)).toEqual([]);
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
  });

  const check = (predicate: (choose: GeneratorValue) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(fc.gen(), predicate), RUNS);
  const idsOf = ({ session, channelId, host }: Stage): string[] => [session.id, session.code, channelId, host.user.id];

  test(
    'no operation that the schema allows is answered by a failure of ours',
    async () => {
      const { schema } = buildParleySchema();
      await check(async (choose) => {
        const query = new RandomOperation(schema, idsOf(stage), choose, NEVER).text();
        expect(validate(schema, parse(query))).toEqual([]);
        const { status, json } = await stage.host.api.post({ query });
        const codes = ((json.errors ?? []) as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code);
        expect(status).toBeLessThan(500);
        expect(codes.filter((code) => OUR_FAULT.includes(code))).toEqual([]);
      });
    },
    TIMEOUT_MS,
  );

  test(
    'no bytes sent as HTTP are answered by a failure of ours',
    async () => {
      const body = JSON.stringify({ query: '{ viewer { id } }', variables: { a: [1, 'b', null] } });
      const head = (line: string): string =>
        `${line} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${stage.host.api.token ?? ''}\r\n`;
      const requests = [
        `${head('POST /graphql')}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        `${head('GET /graphql?query=%7B__typename%7D&variables=%7B%7D')}apollo-require-preflight: 1\r\n\r\n`,
        `${head('GET /graphql/stream?query=%7B__typename%7D')}accept: text/event-stream\r\n\r\n`,
        `${head('POST /graphql')}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ].map((text) => Buffer.from(text));
      await check(async (choose) => {
        const answer = (await exchange(app.url, [mutated(choose(fc.constantFrom, ...requests), choose)])).toString('latin1');
        // 501: a transfer coding, 505: a version of HTTP that nobody speaks.
        expect(answer).toMatch(/^$|^HTTP\/1\.[01] (?:[1-4]\d\d|501|505) /);
        expect(answer).not.toMatch(STACK);
      });
    },
    TIMEOUT_MS,
  );

  test(
    'no bytes sent on a WebSocket end anything but that socket',
    async () => {
      const upgrade = Buffer.from(
        'GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
          `sec-websocket-key: ${randomBytes(16).toString('base64')}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
      );
      const init = frame({ type: 'connection_init', payload: { authorization: `Bearer ${stage.host.api.token ?? ''}` } });
      const operations = Buffer.concat(
        [
          {
            id: '1',
            type: 'subscribe',
            payload: { query: `subscription { channelEvents(channelId: "${stage.channelId}") { __typename } }` },
          },
          { id: '2', type: 'subscribe', payload: { query: '{ viewer { id } }' } },
          { type: 'ping' },
          { id: '1', type: 'complete' },
        ].map(frame),
      );
      await check(async (choose) => {
        const conversation = choose(fc.boolean)
          ? [mutated(Buffer.concat([init, operations]), choose)]
          : [init, mutated(operations, choose)];
        const answer = (await exchange(app.url, [upgrade, ...conversation])).toString('latin1');
        expect(answer).toMatch(/^HTTP\/1\.1 101 /);
        expect(answer).not.toMatch(/INTERNAL_SERVER_ERROR|UNAVAILABLE/);
        expect(answer).not.toMatch(STACK);
      });
    },
    TIMEOUT_MS,
  );

  test(
    'no cursor is read as anything but a place or a mistake',
    async () => {
      const channelEvents = `query ($after: StreamCursor) { channelEvents(channelId: "${stage.channelId}", after: $after) { cursor } }`;
      const lists = (cursor: string): string[] => [
        `{ channel(id: "${stage.channelId}") { messages(first: 5, after: ${cursor}) { edges { cursor } } } }`,
        `{ session(id: "${stage.session.id}") { questions(first: 5, after: ${cursor}) { edges { cursor } } } }`,
        `{ session(id: "${stage.session.id}") { attendees(first: 5, after: ${cursor}) { edges { cursor } } } }`,
        `{ sessions(first: 5, after: ${cursor}) { edges { cursor } } }`,
      ];
      const { json } = await stage.host.api.post({ query: `{ sessions(first: 1) { edges { cursor } } }` });
      const [, real] = /"cursor":"([^"]+)"/.exec(JSON.stringify(json)) ?? [];
      const known = ['', 'bWVzc2FnZXN8MQ', Buffer.from('a|1|2').toString('base64url'), real ?? ''];
      await check(async (choose) => {
        const decoded = Buffer.from(choose(fc.constantFrom, ...known), 'base64url');
        const cursor = choose(fc.boolean) ? mutated(decoded, choose).toString('base64url') : choose(fc.string);
        const asked = choose(fc.boolean)
          ? { query: channelEvents, variables: { after: cursor } }
          : { query: choose(fc.constantFrom, ...lists(JSON.stringify(cursor))) };
        const { status, json: answer } = await stage.host.api.post(asked);
        const [error] = (answer.errors ?? []) as { extensions: { code: string } }[];
        expect(status).toBeLessThan(500);
        expect([undefined, 'BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'NOT_FOUND']).toContain(error?.extensions.code);
      });
    },
    TIMEOUT_MS,
  );

  test(
    'no webhook is believed but as it was signed',
    async () => {
      const body = Buffer.from('{"type":"paid","amount":5}');
      await check(async (choose) => {
        const timestamp = String(Math.floor(Date.now() / 1_000));
        const id = `msg_${randomBytes(6).toString('hex')}`;
        const signature = `v1,${createHmac('sha256', SECRET).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
        const signed: Signed = { id, timestamp, signature, body: body.toString('latin1') };
        const part = choose(() => fc.constantFrom<keyof Signed>('id', 'timestamp', 'signature', 'body'));
        const changed = mutated(Buffer.from(signed[part]), choose).toString('latin1');
        const sent: Signed = { ...signed, [part]: part === 'body' ? changed : changed.replace(/[^ -~]/g, '?').trim() };
        const { status } = await fetch(`${app.url}/hooks/shop`, {
          method: 'POST',
          headers: { 'webhook-id': sent.id, 'webhook-timestamp': sent.timestamp, 'webhook-signature': sent.signature },
          body: new Uint8Array(Buffer.from(sent.body, 'latin1')),
        });
        // Several signatures may stand there, one for each secret.
        const genuine = part === 'signature' ? sent.signature.split(' ').includes(signature) : sent[part] === signed[part];
        if (genuine) expect(status).toBeLessThan(300);
        else expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      });
    },
    TIMEOUT_MS,
  );
});

/** RFC 6455, 5.2: a text message in one frame, masked with zeros, which changes nothing. */
function frame(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  const short = payload.length < 126;
  const head = Buffer.alloc(short ? 6 : 8);
  head.writeUInt8(0x81);
  head.writeUInt8(0x80 | (short ? payload.length : 126), 1);
  if (!short) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
