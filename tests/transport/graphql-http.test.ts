import { connect } from 'node:net';
import { waitFor } from '../support/wait-for';
import { SECRET } from './test-schema';
import type { HttpAnswer, TestServer } from './test-server';
import { exchange } from '../support/raw-exchange';
import { post, read, startTestServer } from './test-server';

const WRITE = 'mutation ($input: NoteInput!) { write(input: $input) }';

async function send(server: TestServer, path: string, init: RequestInit = {}): Promise<HttpAnswer> {
  return read(await fetch(`${server.url}${path}`, init));
}

function codeOf({ json }: HttpAnswer): string | undefined {
  return json.errors?.[0]?.extensions.code;
}

describe('GraphQL over HTTP', () => {
  test('answers a query and gives it an id', async () => {
    const answer = await post(await startTestServer(), { query: '{ hello }' }, { authorization: 'Bearer user-ada' });
    expect(answer).toMatchObject({ status: 200, json: { data: { hello: 'hello user' } } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('keeps a harmless request id of the caller and replaces any other', async () => {
    const server = await startTestServer();
    const kept = await post(server, { query: '{ broken }' }, { 'x-request-id': 'abc-1' });
    expect(kept.json.errors?.[0]?.extensions.requestId).toBe('abc-1');
    const replaced = await post(server, { query: '{ broken }' }, { 'x-request-id': 'a b\t<script>' });
    expect(replaced.json.errors?.[0]?.extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('answers 401 to a token that is not good, in the shape of GraphQL', async () => {
    const answer = await post(await startTestServer(), { query: '{ hello }' }, { authorization: 'Bearer forged' });
    expect(answer).toMatchObject({ status: 401, json: { errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' } }] } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each([
    'application/json',
    '*/*',
    'application/json, */*',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json',
    'application/graphql-response+json,application/json;q=0.9',
  ])('answers a usual request as Apollo would, to a client that accepts %s', async (accept) => {
    const server = await startTestServer();
    const requests = [
      [{ query: '{ hello }' }, 'Bearer user-ada'],
      [{ query: '{ hello }' }, 'Bearer forged'],
      [{ query: '{ broken }', operationName: null, variables: null }, ''],
      [{ query: '{ missing }' }, ''],
      [{ query: '{' }, ''],
      [{ query: WRITE, variables: { input: { title: 1 } } }, ''],
    ] as const;
    for (const [body, authorization] of requests) {
      const headers = { accept, 'x-request-id': 'same', ...(authorization === '' ? {} : { authorization }) };
      const usual = await post(server, body, headers);
      // Whatever has `extensions` goes through Apollo.
      const byApollo = await post(server, { ...body, extensions: {} }, headers);
      const shown = ({ status, text, headers: given }: HttpAnswer): object => {
        const kept = [...given].filter(([name]) => name !== 'date');
        return { status, text, headers: Object.fromEntries(kept) };
      };
      expect(shown(usual)).toEqual(shown(byApollo));
    }
  });

  test('refuses a subscription and says where they are served', async () => {
    const answer = await post(await startTestServer(), { query: 'subscription { ticks }' });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_REQUEST']);
  });

  test.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'query={hello}', 400],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, '--x', 400],
    ['text/plain', { 'content-type': 'text/plain' }, '{"query":"{ hello }"}', 400],
    ['a batch', { 'content-type': 'application/json' }, '[{"query":"{ hello }"},{"query":"{ hello }"}]', 400],
    ['XML', { 'content-type': 'application/xml' }, '<query/>', 415],
    ['broken JSON', { 'content-type': 'application/json' }, '{"query":', 400],
    ['no body', { 'content-type': 'application/json' }, '', 400],
    ['a number for a query', { 'content-type': 'application/json' }, '{"query":1}', 400],
    ['an array for variables', { 'content-type': 'application/json' }, '{"query":"{ hello }","variables":[]}', 400],
    ['a persisted query', { 'content-type': 'application/json' }, '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}', 200],
  ])('refuses %s with a code and a request id', async (_what, headers, body, status) => {
    const answer = await send(await startTestServer(), '/graphql', { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(answer.json.errors?.[0]?.extensions).toMatchObject({ code: expect.any(String), requestId: answer.headers.get('x-request-id') });
    expect(answer.text).not.toMatch(/ at .*\.js|stack/);
  });

  test('refuses a GET without a preflight header, and a mutation by GET', async () => {
    const server = await startTestServer();
    expect((await send(server, '/graphql?query={hello}')).status).toBe(400);
    const preflighted = { headers: { 'apollo-require-preflight': '1' } };
    expect((await send(server, '/graphql?query={hello}', preflighted)).json.data).toEqual({ hello: 'hello anonymous' });
    const mutation = await send(server, '/graphql?query=mutation{write(input:{title:"x"})}', preflighted);
    expect([mutation.status, mutation.headers.get('allow')]).toEqual([405, 'POST']);
    expect(server.stage.written).toBe(0);
  });

  test('answers 413 as JSON to a body over the limit', async () => {
    const answer = await post(await startTestServer(), { query: '{ hello }', variables: { json: 'x'.repeat(200_000) } });
    expect(answer).toMatchObject({
      status: 413,
      json: { errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE', details: { limit: 'httpBodyBytes' } } }] },
    });
  });

  test('answers 404 and 405 as JSON with a request id', async () => {
    const server = await startTestServer();
    const missing = await send(server, '/graphqll');
    expect([missing.status, codeOf(missing)]).toEqual([404, 'NOT_FOUND']);
    const method = await send(server, '/graphql', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect([method.status, codeOf(method)]).toEqual([405, 'BAD_REQUEST']);
    expect(method.json.errors?.[0]?.extensions.requestId).toBe(method.headers.get('x-request-id'));
  });

  test('answers 431 and 400 as JSON to what is not a request', async () => {
    const port = Number(new URL((await startTestServer()).url).port);
    expect(await raw(port, `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(9_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 [^]*"requestId"/);
    expect(await raw(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*BAD_REQUEST/);
  });

  test('never suggests a name, nor repeats a value', async () => {
    const server = await startTestServer();
    for (const query of [
      '{ helo }',
      '{ hello(x: 1) }',
      '{ echo(number: "canary") }',
      '{ echo(at: "canary") }',
      'mutation { write(input: {titel: "canary"}) }',
    ]) {
      const { text } = await post(server, { query });
      expect(text).not.toMatch(/Did you mean|canary/);
    }
  });

  test('names the variables that are wrong without repeating them', async () => {
    const answer = await post(await startTestServer(), {
      query: WRITE,
      variables: { input: { title: ['canary'], stars: 'canary', admin: true } },
    });
    expect(answer.status).toBe(400);
    expect(answer.json.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: {
        fields: [
          { path: 'input.title', problem: 'is not a valid String' },
          { path: 'input.stars', problem: 'is not a valid Int' },
          { path: 'input', problem: 'has a field that does not exist' },
        ],
      },
    });
    expect(answer.text).not.toContain('canary');
  });

  test('names the input fields that fail validation without values or classes', async () => {
    const answer = await post(await startTestServer(), { query: WRITE, variables: { input: { title: 'canary-canary' } } });
    expect(answer.json.errors).toHaveLength(1);
    expect(answer.json.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { fields: [{ path: 'title', problem: 'must be shorter than or equal to 10 characters' }] },
    });
    expect(answer.text).not.toMatch(/canary|NoteInput|validationErrors/);
  });

  test('shows a domain error as it is, with data beside it', async () => {
    const answer = await post(await startTestServer(), { query: '{ tooEarly }' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      data: null,
      errors: [
        {
          message: 'The session is not live.',
          path: ['tooEarly'],
          extensions: { code: 'FAILED_PRECONDITION', reason: 'SESSION_NOT_LIVE' },
        },
      ],
    });
  });

  test.each(['broken', 'refusedByLibrary'])('masks what nobody meant to show (%s), and logs it with its stack', async (field) => {
    const server = await startTestServer();
    const answer = await post(server, { query: `{ ${field} }` });
    expect(codeOf(answer)).toBe('INTERNAL_SERVER_ERROR');
    expect(answer.text).not.toMatch(new RegExp(`${SECRET}|stack|\\.ts`));
    const line = server.logs.find((each) => each.includes(SECRET));
    expect(line).toContain(answer.json.errors?.[0]?.extensions.requestId);
    expect(line).toContain('stack');
  });

  test("a null where only a default was allowed is the caller's mistake", async () => {
    const answer = await post(await startTestServer(), { query: 'query ($n: Int) { echo(number: $n) }', variables: { n: null } });
    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
  });

  test('keys that mean something to JavaScript are only text', async () => {
    const server = await startTestServer();
    const answer = await post(
      server,
      '{"query":"query ($json: JSON) { echo(json: $json) }","variables":{"json":{"constructor":{"prototype":{"x":1}}}}}',
    );
    expect(answer.status).toBe(200);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    const top = await post(server, '{"query":"{ hello }","__proto__":{"query":"{ broken }"}}');
    expect(top.json.data).toEqual({ hello: 'hello anonymous' });
  });

  test('brackets without end are a bad request, not a fault of ours', async () => {
    const answer = await post(await startTestServer(), { query: `{ echo(json: ${'['.repeat(1_900)}` });
    expect(answer.status).toBe(400);
  });

  test('a request past its time is answered UNAVAILABLE, and its signal aborts', async () => {
    const server = await startTestServer({ pipeline: { limits: { requestMs: 50 } } });
    const answer = await post(server, { query: '{ never }' });
    expect([answer.status, codeOf(answer)]).toEqual([503, 'UNAVAILABLE']);
    expect(answer.json.errors?.[0]?.extensions.reason).toBe('DEADLINE_EXCEEDED');
    expect(server.stage.contexts[0]?.signal.aborted).toBe(true);
    server.stage.release();
  });

  test('the signal aborts when the client goes away, and when the answer is out', async () => {
    const server = await startTestServer();
    const leaving = new AbortController();
    const asking = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ never }"}',
      signal: leaving.signal,
    });
    await waitFor(() => server.stage.contexts.length === 1);
    expect(server.stage.contexts[0]?.signal.aborted).toBe(false);
    leaving.abort();
    await expect(asking).rejects.toThrow();
    await waitFor(() => server.stage.contexts[0]?.signal.aborted === true);
    server.stage.release();
    await post(server, { query: '{ hello }' });
    await waitFor(() => server.stage.contexts[1]?.signal.aborted === true);
  });

  test('each request has loaders of its own', async () => {
    const server = await startTestServer();
    await post(server, { query: '{ hello }' });
    await post(server, { query: '{ hello }' });
    const [first, second] = server.stage.contexts;
    expect(first?.loaders).not.toBe(second?.loaders);
  });
});

describe('what comes with every answer', () => {
  test('any origin may ask when none are listed, never with credentials', async () => {
    const answer = await send(await startTestServer(), '/livez', { headers: { origin: 'https://a.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each([
    ['https://good.example', 'https://good.example'],
    ['https://good.example.evil', null],
    ['null', null],
  ])('with a list, %s is allowed as %s', async (origin, allowed) => {
    const server = await startTestServer({ http: { allowedOrigins: ['https://good.example'] } });
    const preflight = await send(server, '/graphql', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, allowed]);
    expect(preflight.headers.get('vary')).toContain('Origin');
    expect(preflight.headers.get('access-control-allow-credentials')).toBe(allowed === null ? null : 'true');
  });

  test('security headers', async () => {
    const { headers } = await post(await startTestServer(), { query: '{ hello }' });
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test("behind a proxy the caller's address is what the proxy appended", async () => {
    const server = await startTestServer({ http: { trustProxy: 1 } });
    await post(server, { query: '{ hello }' }, { 'x-forwarded-for': '6.6.6.6, 10.0.0.7' });
    expect(server.stage.contexts[0]?.address).toBe('10.0.0.7');
    const untrusting = await startTestServer();
    await post(untrusting, { query: '{ hello }' }, { 'x-forwarded-for': '6.6.6.6' });
    expect(untrusting.stage.contexts[0]?.address).toBe('127.0.0.1');
  });

  test('one line for each operation, without what was sent', async () => {
    const server = await startTestServer();
    await post(
      server,
      { query: 'mutation Note($input: NoteInput!) { write(input: $input) }', variables: { input: { title: 'canary' } } },
      { authorization: 'Bearer user-canary' },
    );
    const line = server.logs.map((each) => JSON.parse(each) as Record<string, unknown>).find(({ msg }) => msg === 'operation');
    expect(line).toMatchObject({ name: 'Note', type: 'mutation', transport: 'http', outcome: 'OK', durationMs: expect.any(Number) });
    expect(server.logs.join('')).not.toContain('canary');
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('a Host that names no host', () => {
  test.each([
    [':localhost', 'host: :localhost\r\n', '1.1'],
    ['none, which HTTP/1.0 allows', '', '1.0'],
  ])('is refused, not a failure of ours: %s', async (_, header, version) => {
    const { url } = await startTestServer();
    const request = `GET /graphql?query=%7Bhello%7D HTTP/${version}\r\n${header}apollo-require-preflight: 1\r\n\r\n`;
    expect((await exchange(url, [Buffer.from(request)])).toString()).toMatch(/^HTTP\/1\.1 400 [^]*UNREADABLE_REQUEST/);
  });
});
