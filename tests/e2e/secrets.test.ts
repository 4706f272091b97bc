import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';
import type { TestApp } from '../support/test-app';
import { startTestApp } from '../support/test-app';
import { ApiClient } from '../support/api-client';
import { setStage } from '../support/factories/stage';
import {
  AskQuestionDocument,
  CreateChannelDocument,
  CreateSessionDocument,
  JoinSessionDocument,
  LoginDocument,
  OnChannelEventsDocument,
  RefreshTokensDocument,
  RegisterDocument,
  SendMessageDocument,
  SendSignalDocument,
  SessionByCodeDocument,
  UpdateSessionDocument,
} from '../support/generated/graphql';
import { waitFor } from '../support/wait-for';
import { CANDIDATE, candidate, SDP } from '../modules/signaling/payloads';

/** Ends every secret that these tests send anywhere: whatever is found with it in it was written down. */
const MARK = `canary${randomBytes(6).toString('hex')}`;
const PASSWORD = `pass-${MARK}`;

let logged: string[];
let told: string[];
let server: TestApp;
let restore: () => void;

/** Whatever the process writes by itself, beside its log. */
function overhear(): () => void {
  const streams = [process.stdout, process.stderr];
  const own = streams.map(({ write }) => write);
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array): boolean => {
      told.push(String(chunk));
      return true;
    };
  }
  return () => streams.forEach((stream, index) => (stream.write = own[index]!));
}

beforeAll(async () => {
  [logged, told] = [[], []];
  restore = overhear();
  server = await startTestApp({ log: (line) => void logged.push(line), hooks: { shop: [Buffer.alloc(32, 7).toString('base64')] } });
});
afterAll(async () => {
  await server.close();
  restore();
});

async function metrics(): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}

async function expectNoTrace(answers: readonly unknown[]): Promise<void> {
  const written = { log: logged.join(''), process: told.join(''), metrics: await metrics(), answers: JSON.stringify(answers) };
  for (const [where, text] of Object.entries(written)) {
    const at = text.indexOf(MARK);
    expect({ where, found: at < 0 ? null : text.slice(Math.max(0, at - 200), at + 60) }).toEqual({ where, found: null });
  }
}

async function raw(path: string, init: RequestInit = {}): Promise<string> {
  return (await fetch(`${server.url}${path}`, init)).text();
}

const JSON_TYPE = { 'content-type': 'application/json' };

test('no secret and nothing that people write is in a log line, a metric, an error or on the process’s own output', async () => {
  const { host, session, channelId, join } = await setStage(server.url, { title: `title ${MARK}`, description: `about ${MARK}` });
  const [ann, bob] = [await join(`Ann ${MARK}`), await join('Bob')];
  const email = `${MARK}@example.org`;
  const anybody = new ApiClient(server.url);
  await anybody.run(RegisterDocument, { input: { email, password: PASSWORD, displayName: `Ada ${MARK}` } });
  await anybody.run(LoginDocument, { input: { email, password: PASSWORD } });

  const follower = bob.api.follow(OnChannelEventsDocument, { channelId });
  await waitFor(() => follower.received.length > 0);
  await ann.api.run(SendMessageDocument, { input: { channelId, body: `message ${MARK}`, clientId: `client-${MARK}` } });
  await ann.api.run(AskQuestionDocument, { input: { sessionId: session.id, body: `question ${MARK}` } });
  const signal = { sessionId: session.id, to: bob.attendee.id };
  const sdp = SDP.replace('s=-', `s=${MARK}`);
  await ann.api.ask(SendSignalDocument, { input: { ...signal, type: 'OFFER', payload: { sdp } } });
  await ann.api.ask(SendSignalDocument, { input: { ...signal, type: 'ICE_CANDIDATE', payload: candidate(`${CANDIDATE} ${MARK}`) } });
  await waitFor(() => follower.received.length > 1);
  await bob.api.close();

  const refusals = [
    await anybody.ask(LoginDocument, { input: { email, password: `wrong ${MARK}` } }),
    await anybody.ask(LoginDocument, { input: { email: `nobody-${MARK}`, password: PASSWORD } }),
    await anybody.ask(RegisterDocument, { input: { email: `no address ${MARK}`, password: MARK, displayName: MARK.repeat(10) } }),
    await anybody.ask(RegisterDocument, { input: { email, password: PASSWORD, displayName: 'Ada' } }),
    await anybody.ask(RefreshTokensDocument, { input: { refreshToken: `refresh-${MARK}` } }),
    await anybody.ask(JoinSessionDocument, { input: { code: `code ${MARK}`, displayName: `Eve ${MARK}`, email: `no address ${MARK}` } }),
    await anybody.ask(SessionByCodeDocument, { code: `CODE-${MARK}` }),
    await ann.api.ask(SendSignalDocument, { input: { ...signal, type: 'OFFER', payload: { sdp: `not sdp ${MARK}` } } }),
    await ann.api.ask(SendSignalDocument, { input: { ...signal, type: 'ICE_CANDIDATE', payload: candidate(`no candidate ${MARK}`) } }),
    await ann.api.ask(SendMessageDocument, { input: { channelId, body: `${MARK}${'x'.repeat(20_000)}` } }),
    await ann.api.ask(SendMessageDocument, { input: { channelId, body: `\u0000${MARK}` } }),
    await host.api.ask(CreateChannelDocument, { input: { name: `No Name ${MARK}`, type: 'PRIVATE' } }),
    await host.api.ask(UpdateSessionDocument, { input: { sessionId: `ses_${MARK}`, title: MARK } }),
    await anybody.as(`bearer-${MARK}`).ask(SessionByCodeDocument, { code: 'x' }),
    await anybody.as(`eyJhbGciOiJub25lIn0.${Buffer.from(MARK).toString('base64url')}.`).ask(SessionByCodeDocument, { code: 'x' }),
  ];
  const odd = [
    await raw(`/graphql?query={viewer{email(a:"${MARK}")}}`, { headers: { 'apollo-require-preflight': 'yes' } }),
    await raw(`/graphql?query=${encodeURIComponent(`{ session(id: "${MARK} }`)}`, { headers: { 'apollo-require-preflight': 'yes' } }),
    await raw('/graphql', { method: 'POST', headers: JSON_TYPE, body: `{"query": "${MARK}` }),
    await raw('/graphql', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ query: `query { session(id: "${MARK}"` }) }),
    await raw('/graphql', {
      method: 'POST',
      headers: { ...JSON_TYPE, cookie: `session=${MARK}`, 'x-api-key': MARK, 'x-request-id': `not kept: ${MARK}` },
      body: JSON.stringify({
        query: 'query ($first: Int) { sessions(first: $first) { pageInfo { endCursor } } }',
        variables: { first: MARK },
      }),
    }),
    await raw('/graphql', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify([{ query: MARK }]) }),
    await raw('/graphql', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: MARK }),
    await raw(`/graphql/stream?token=${MARK}`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${MARK}` } }),
    await raw(`/nowhere/${MARK}?token=${MARK}`),
    await raw(`/exports/audit?organizationId=org_${MARK}`, { headers: { authorization: `Bearer ${MARK}` } }),
    await raw(`/exports/audit?format=${MARK}`),
    await raw(`/hooks/${MARK}`, { method: 'POST', headers: { 'webhook-id': MARK, 'webhook-signature': `v1,${MARK}` }, body: MARK }),
    await raw('/hooks/shop', {
      method: 'POST',
      headers: { 'webhook-id': MARK, 'webhook-timestamp': '1', 'webhook-signature': MARK },
      body: MARK,
    }),
    await closeReasonOf({ authorization: `Bearer ${MARK}` }),
    await closeReasonOf({ authorization: { token: MARK } }),
    await closeReasonOf({ password: MARK, apiKey: MARK }, `not json ${MARK}`),
    await closeReasonOf({}, JSON.stringify({ type: `unknown ${MARK}` })),
    await closeReasonOf({}, JSON.stringify({ type: 'subscribe', id: MARK, payload: { query: `{ session(id: "${MARK}` } })),
  ];
  expect(logged.length).toBeGreaterThan(20);
  await expectNoTrace([...refusals, ...odd]);
});

/** Opens a socket with these parameters, sends this when it is welcome, and answers how and why it was closed. */
async function closeReasonOf(params: object, then?: string): Promise<string> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql?token=${MARK}`, 'graphql-transport-ws', {
    headers: { cookie: `session=${MARK}` },
  });
  const heard: string[] = [];
  const closed = new Promise<string>((resolve) => socket.on('close', (code, reason) => resolve(`${code} ${reason.toString()}`)));
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: params })));
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (text.includes('connection_ack') && then !== undefined) return socket.send(then);
    // A socket's own ids come back with what is said of them.
    if (text.includes('"error"')) heard.push(text.replace(`"id":"${MARK}"`, ''));
    socket.close();
  });
  return [await closed, ...heard].join(' ');
}

describe('when the store is broken', () => {
  /** From here on nothing that is written fits, and PostgreSQL says so by repeating it. */
  const BREAKING = [
    'ALTER TABLE users ALTER COLUMN display_name TYPE int USING 0',
    'ALTER TABLE sessions ALTER COLUMN title TYPE int USING 0',
    'ALTER TABLE attendees ALTER COLUMN display_name TYPE int USING 0',
    'ALTER TABLE messages DROP COLUMN terms, ALTER COLUMN body TYPE int USING 0',
    'ALTER TABLE questions ALTER COLUMN body TYPE int USING 0',
    'ALTER TABLE channels ALTER COLUMN name TYPE int USING 0',
  ];

  test('fifty faults of ours show their code and request id outside, and where they happened inside', async () => {
    const { host, session, channelId, join } = await setStage(server.url);
    const guest = await join('Ann');
    for (const statement of BREAKING) await server.database.exclusive((connection) => connection.sql(statement));
    const anybody = new ApiClient(server.url);
    const faults = [
      (n: number) =>
        anybody.ask(RegisterDocument, { input: { email: `${n}-${MARK}@example.org`, password: PASSWORD, displayName: `Ada ${MARK}` } }),
      () => host.api.ask(CreateSessionDocument, { input: { title: `title ${MARK}` } }),
      () => host.api.ask(UpdateSessionDocument, { input: { sessionId: session.id, title: `title ${MARK}` } }),
      () => guest.api.ask(SendMessageDocument, { input: { channelId, body: `message ${MARK}` } }),
      () => guest.api.ask(AskQuestionDocument, { input: { sessionId: session.id, body: `question ${MARK}` } }),
    ];
    const errors = [];
    for (let n = 0; n < 50; n += 1) errors.push(...(await faults[n % faults.length]!(n)).errors);

    expect(errors).toHaveLength(50);
    const lines = logged.map((line) => JSON.parse(line) as { requestId?: string; err?: { stack: string } });
    for (const { message, extensions } of errors) {
      expect(Object.keys(extensions).sort()).toEqual(['code', 'requestId']);
      expect({ message, code: extensions.code }).toEqual({ message: 'Something went wrong on our side.', code: 'INTERNAL_SERVER_ERROR' });
      expect(lines.find(({ requestId, err }) => requestId === extensions.requestId && err !== undefined)?.err?.stack).toMatch(
        /\n?\s+at .+:\d+:\d+/,
      );
    }
    await expectNoTrace(errors);
  });
});
