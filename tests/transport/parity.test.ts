import { createClient as createSseClient } from 'graphql-sse';
import { getIntrospectionQuery } from 'graphql';
import { closeAfterTest } from '../support/jest-leaks';
import { waitFor } from '../support/wait-for';
import type { TestServer, WireError } from './test-server';
import { post, RawSocket, startTestServer } from './test-server';

interface Case {
  readonly title: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly code: string;
  readonly limit?: string;
  readonly status?: number;
  /** Over a WebSocket the frame is refused before anyone reads the operation. */
  readonly closes?: number;
}

function times(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(' ');
}

function nested(levels: number): string {
  return `{ thing ${'{ inner '.repeat(levels - 2)}{ name }${' }'.repeat(levels - 2)} }`;
}

function nestedList(levels: number): unknown {
  return levels === 0 ? 1 : [nestedList(levels - 1)];
}

const ECHO = 'query ($json: JSON) { echo(json: $json) }';

const CASES: readonly Case[] = [
  { title: 'a document that is too deep', query: nested(13), code: 'QUERY_TOO_COMPLEX', limit: 'depth' },
  {
    title: 'depth hidden in fragments',
    query: `{ thing { ...a } } fragment a on Thing { inner { inner { inner { inner { inner { inner { ...b } } } } } } } fragment b on Thing { inner { inner { inner { inner { inner { inner { name } } } } } } }`,
    code: 'QUERY_TOO_COMPLEX',
    limit: 'depth',
  },
  {
    title: 'too many aliases',
    query: `{ thing { ${times(31, (i) => `a${i}: __typename`)} } }`,
    code: 'QUERY_TOO_COMPLEX',
    limit: 'aliases',
  },
  { title: '1,000 aliases', query: `{ ${times(1_000, (i) => `a${i}: hello`)} }`, code: 'QUERY_TOO_COMPLEX', limit: 'tokens' },
  { title: 'too many root fields', query: `{ ${times(21, () => 'hello')} }`, code: 'QUERY_TOO_COMPLEX', limit: 'rootFields' },
  { title: 'too many directives', query: `{ hello ${times(21, () => '@aa')} }`, code: 'QUERY_TOO_COMPLEX', limit: 'directives' },
  { title: '1,000 directives', query: `{ hello ${times(1_000, () => '@aa')} }`, code: 'QUERY_TOO_COMPLEX', limit: 'tokens' },
  {
    title: 'directives on variables',
    query: `query ($x: Int ${times(21, () => '@aa')}) { echo(number: $x) }`,
    code: 'QUERY_TOO_COMPLEX',
    limit: 'directives',
  },
  {
    title: 'too many fragments',
    query: `{ thing { ${times(51, (i) => `...f${i}`)} } } ${times(51, (i) => `fragment f${i} on Thing { name }`)}`,
    code: 'QUERY_TOO_COMPLEX',
    limit: 'fragments',
  },
  {
    title: 'fragments that multiply',
    query: `{ thing { ...f0 } } ${times(20, (i) => `fragment f${i} on Thing { inner { ...f${i + 1} } inner { ...f${i + 1} } }`)} fragment f20 on Thing { name }`,
    code: 'QUERY_TOO_COMPLEX',
    limit: 'fields',
  },
  { title: 'one field 51 times', query: `{ thing { ${times(51, () => 'name')} } }`, code: 'QUERY_TOO_COMPLEX', limit: 'fieldRepeats' },
  { title: 'too many tokens', query: `{ echo(json: [${times(2_000, () => '1')}]) }`, code: 'QUERY_TOO_COMPLEX', limit: 'tokens' },
  {
    title: 'a literal that is too deep',
    query: `{ echo(json: ${JSON.stringify(nestedList(12))}) }`,
    code: 'QUERY_TOO_COMPLEX',
    limit: 'inputDepth',
  },
  {
    title: '900 nested lists',
    query: `{ echo(json: ${'['.repeat(900)}${']'.repeat(900)}) }`,
    code: 'QUERY_TOO_COMPLEX',
    limit: 'inputDepth',
  },
  {
    title: 'a variable that is too deep',
    query: ECHO,
    variables: { json: nestedList(11) },
    code: 'QUERY_TOO_COMPLEX',
    limit: 'inputDepth',
  },
  {
    title: 'variables that are too large',
    query: ECHO,
    variables: { json: 'x'.repeat(101 * 1024) },
    code: 'PAYLOAD_TOO_LARGE',
    limit: 'variablesBytes',
    status: 413,
    closes: 1009,
  },
  {
    title: 'a document that is too large',
    query: `{ hello } # ${'x'.repeat(65 * 1024)}`,
    code: 'PAYLOAD_TOO_LARGE',
    limit: 'documentBytes',
    status: 413,
    closes: 1009,
  },
  { title: 'a syntax error', query: '{ hello', code: 'GRAPHQL_PARSE_FAILED' },
  { title: 'an unknown field', query: '{ helo }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { title: 'a circular fragment', query: '{ thing { ...a } } fragment a on Thing { inner { ...a } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  { title: '@defer', query: '{ ... @defer { hello } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  {
    title: 'a nested introspection loop',
    query: '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  { title: 'an operation that is not there', query: 'query A { hello }', operationName: 'B', code: 'OPERATION_RESOLUTION_FAILURE' },
  { title: 'two operations and no name', query: 'query A { hello } query B { hello }', code: 'OPERATION_RESOLUTION_FAILURE' },
  {
    title: 'a variable of the wrong type',
    query: 'query ($n: Int!) { echo(number: $n) }',
    variables: { n: 'canary' },
    code: 'BAD_USER_INPUT',
  },
  { title: 'a NUL character in a variable', query: ECHO, variables: { json: { a: ['x\u0000y'] } }, code: 'BAD_USER_INPUT' },
  { title: 'a NUL character in a key', query: ECHO, variables: { json: { 'x\u0000': 1 } }, code: 'BAD_USER_INPUT' },
  { title: 'a lone surrogate in a variable', query: ECHO, variables: { json: 'x\ud800y' }, code: 'BAD_USER_INPUT' },
  { title: 'a NUL character in a literal', query: String.raw`{ echo(text: "x\u0000y") }`, code: 'BAD_USER_INPUT' },
  { title: 'a forged cursor', query: '{ echo(cursor: "canary") }', code: 'BAD_USER_INPUT' },
  {
    title: 'a __proto__ key',
    query: ECHO,
    variables: JSON.parse('{"json":{"__proto__":{"admin":true}}}') as Record<string, unknown>,
    code: 'BAD_USER_INPUT',
  },
];

describe.each(CASES)('$title is refused with $code', (each) => {
  const { query, variables, operationName, code, limit, status = 400, closes } = each;
  const body = { query, variables, operationName };

  function check(error: WireError | undefined): void {
    expect(error?.extensions.code).toBe(code);
    if (limit !== undefined) expect(error?.extensions.details).toMatchObject({ limit });
    expect(error?.extensions.requestId).toMatch(/^[\w.-]+$/);
    expect(JSON.stringify(error)).not.toContain('canary');
  }

  test('over HTTP', async () => {
    const server = await startTestServer();
    const answer = await post(server, body);
    expect(answer.status).toBe(status);
    expect(answer.text.length).toBeLessThan(2_048);
    check(answer.json.errors?.[0]);
    expect(answer.json).not.toHaveProperty('data');
  });

  test('over WebSocket', async () => {
    const socket = await connected(await startTestServer());
    socket.send({ id: '1', type: 'subscribe', payload: body });
    if (closes !== undefined) {
      expect((await socket.closed).code).toBe(closes);
      return;
    }
    await waitFor(() => socket.of('1').length > 0);
    check(socket.errorOf('1'));
  });

  test('over SSE', async () => {
    const results = await overSse(await startTestServer(), body);
    expect(results).toHaveLength(1);
    check(results[0]?.errors?.[0]);
  });
});

test('what is within the limits is answered on all three', async () => {
  const server = await startTestServer();
  const query = `query Wide { ${times(20, (i) => `a${i}: hello`)} }`;
  expect((await post(server, { query })).status).toBe(200);
  expect((await post(server, { query: nested(12) })).status).toBe(200);
  const socket = await connected(server);
  socket.subscribe('1', query);
  await waitFor(() => socket.of('1').length === 2);
  expect(socket.of('1').map(({ type }) => type)).toEqual(['next', 'complete']);
  expect((await overSse(server, { query }))[0]?.data).toMatchObject({ a0: 'hello anonymous' });
});

test('the introspection query of tools is answered', async () => {
  const server = await startTestServer();
  const query = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  expect((await post(server, { query })).status).toBe(200);
});

test('introspection that is closed to strangers is closed on every transport', async () => {
  const server = await startTestServer({ pipeline: { mayIntrospect: (viewer) => viewer.kind !== 'anonymous' } });
  const query = '{ ...s } fragment s on Query { __schema { queryType { name } } }';
  const refused = await post(server, { query });
  expect(refused.status).toBe(400);
  expect(refused.json.errors?.[0]?.extensions).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED', reason: 'INTROSPECTION_DISABLED' });
  const socket = await connected(server);
  socket.subscribe('1', query);
  await waitFor(() => socket.of('1').length > 0);
  expect(socket.errorOf('1')?.extensions.reason).toBe('INTROSPECTION_DISABLED');
  expect((await overSse(server, { query }))[0]?.errors?.[0]?.extensions.reason).toBe('INTROSPECTION_DISABLED');
  expect((await post(server, { query }, { authorization: 'Bearer user-ada' })).status).toBe(200);
});

async function connected(server: TestServer): Promise<RawSocket> {
  const socket = new RawSocket(server.wsUrl);
  await socket.init();
  await waitFor(() => socket.messages.some(({ type }) => type === 'connection_ack'));
  return socket;
}

interface SseResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly WireError[];
}

async function overSse(
  server: TestServer,
  body: { query: string; variables?: Record<string, unknown>; operationName?: string },
): Promise<SseResult[]> {
  const client = createSseClient({ url: `${server.url}/graphql/stream`, retryAttempts: 0 });
  closeAfterTest(() => client.dispose());
  const results: SseResult[] = [];
  for await (const result of client.iterate(body)) results.push(result as SseResult);
  return results;
}
