import { createHash } from 'node:crypto';
import { waitFor } from '../support/wait-for';
import type { HttpAnswer, TestServer } from './test-server';
import { post, RawSocket, read, startTestServer } from './test-server';

const QUERY = 'query Greet { hello }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const persisted = (hash: string): object => ({ persistedQuery: { version: 1, sha256Hash: hash } });

const TRUSTED = new Map([
  [`sha256:${sha256(QUERY)}`, QUERY],
  ['ticks', 'subscription Ticks { ticks }'],
]);

function trusting(only: boolean): Promise<TestServer> {
  return startTestServer({ pipeline: { trustedDocuments: { documents: TRUSTED, only } } });
}

async function overSocket(server: TestServer, payload: object): Promise<{ type: string; payload?: unknown }[]> {
  const socket = new RawSocket(server.wsUrl);
  await socket.init();
  await waitFor(() => socket.messages.some(({ type }) => type === 'connection_ack'));
  socket.send({ id: '1', type: 'subscribe', payload });
  await waitFor(() => socket.of('1').length > 0, { what: 'an answer' });
  return socket.of('1');
}

async function overStream(server: TestServer, body: object): Promise<string> {
  const response = await fetch(`${server.url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(body),
  });
  return response.text();
}

describe('a document asked for by its name', () => {
  it.each([
    ['documentId', { documentId: `sha256:${sha256(QUERY)}` }],
    ['documentId without the algorithm', { documentId: sha256(QUERY) }],
    ['persistedQuery', { extensions: persisted(sha256(QUERY)) }],
  ])('is answered on every transport: %s', async (_form, request) => {
    const server = await trusting(false);
    expect((await post(server, request)).json).toEqual({ data: { hello: 'hello anonymous' } });
    expect((await overSocket(server, request))[0]).toMatchObject({ type: 'next', payload: { data: { hello: 'hello anonymous' } } });
    expect(await overStream(server, request)).toContain('{"data":{"hello":"hello anonymous"}}');
  });

  it('may be asked for by GET, and from clients with headers of their own', async () => {
    const server = await trusting(false);
    const search = new URLSearchParams({ extensions: JSON.stringify(persisted(sha256(QUERY))) }).toString();
    const byGet = await fetch(`${server.url}/graphql?${search}`, { headers: { 'apollo-require-preflight': 'yes' } });
    expect((await read(byGet)).json).toEqual({ data: { hello: 'hello anonymous' } });
    const stream = await fetch(`${server.url}/graphql/stream?${search}`, { headers: { accept: 'text/event-stream' } });
    expect(await stream.text()).toContain('hello anonymous');
    const odd = await post(server, { extensions: persisted(sha256(QUERY)) }, { accept: 'application/json;q=0.9, */*;q=0.1' });
    expect(odd.json).toEqual({ data: { hello: 'hello anonymous' } });
  });

  it('may be a subscription', async () => {
    const server = await trusting(true);
    const socket = new RawSocket(server.wsUrl);
    await socket.init();
    await waitFor(() => socket.messages.length > 0);
    socket.send({ id: '1', type: 'subscribe', payload: { documentId: 'ticks' } });
    await waitFor(() => server.stage.sources.length === 1, { what: 'a subscription' });
  });

  it('is not found until a client has sent it with its hash; Apollo clients know that by code and message', async () => {
    const server = await startTestServer();
    const missing = await post(server, { extensions: persisted(sha256(QUERY)) });
    expect(missing.status).toBe(200);
    expect(missing.json.errors?.[0]).toMatchObject({
      message: 'PersistedQueryNotFound',
      extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
    });
    const sent = await post(server, { query: QUERY, extensions: persisted(sha256(QUERY)) });
    expect(sent.json).toEqual({ data: { hello: 'hello anonymous' } });
    expect((await post(server, { extensions: persisted(sha256(QUERY)) })).json).toEqual({ data: { hello: 'hello anonymous' } });
    expect((await overSocket(server, { extensions: persisted(sha256(QUERY)) }))[0]).toMatchObject({ type: 'next' });
  });

  it.each([
    ['a hash that is not its own', { query: QUERY, extensions: persisted(sha256('{ other }')) }, 'BAD_REQUEST'],
    ['another version', { extensions: { persistedQuery: { version: 2, sha256Hash: 'x' } } }, 'PERSISTED_QUERY_NOT_SUPPORTED'],
    ['a name that is no text', { extensions: { persistedQuery: { version: 1, sha256Hash: 7 } } }, 'PERSISTED_QUERY_NOT_SUPPORTED'],
    ['nonsense', { extensions: { persistedQuery: 'x' } }, 'PERSISTED_QUERY_NOT_SUPPORTED'],
  ])('is refused with %s', async (_what, request, code) => {
    const server = await startTestServer();
    const { status, json } = await post(server, request);
    expect({ status, code: json.errors?.[0]?.extensions.code }).toEqual({ status: 400, code });
  });

  it('takes no more room than 8 MB, however many are registered (D15)', async () => {
    const { transport } = await startTestServer();
    for (let n = 0; n < 2_000; n += 1) {
      const query = `{ hello } # ${n} ${'x'.repeat(30_000)}`;
      transport.pipeline.prepare({ query, extensions: persisted(sha256(query)) as Record<string, unknown> });
    }
    expect(transport.pipeline.namedDocuments.bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(transport.pipeline.documents.bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(transport.pipeline.documents.size).toBeLessThanOrEqual(1_000);
  });
});

describe('with trusted documents only', () => {
  const refusedWith = ({ status, json }: HttpAnswer): object => ({ status, reason: json.errors?.[0]?.extensions.reason });
  const NOT_TRUSTED = { status: 403, reason: 'DOCUMENT_NOT_TRUSTED' };

  it.each([
    ['another document', { query: '{ hello }' }],
    ['introspection', { query: '{ __schema { queryType { name } } }' }],
    ['an unknown name', { documentId: 'other' }],
    ['a document that would be registered', { query: '{ hello }', extensions: persisted(sha256('{ hello }')) }],
  ])('%s is refused, signed in or not', async (_what, request) => {
    const server = await trusting(true);
    expect(refusedWith(await post(server, request))).toEqual(NOT_TRUSTED);
    expect(refusedWith(await post(server, request, { authorization: 'Bearer user-ada' }))).toEqual(NOT_TRUSTED);
    expect((await overSocket(server, request))[0]).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(await overStream(server, request)).toContain('DOCUMENT_NOT_TRUSTED');
  });

  it('a trusted one is answered by name and by its text', async () => {
    const server = await trusting(true);
    expect((await post(server, { documentId: sha256(QUERY) })).status).toBe(200);
    expect((await post(server, { query: QUERY })).status).toBe(200);
  });
});
