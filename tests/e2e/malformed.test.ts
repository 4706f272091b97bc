import { connect } from 'node:net';
import { setStage } from '../support/factories/stage';
import type { Stage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

interface Answer {
  readonly status: number;
  readonly text: string;
}

const AT_ONCE = 20;
/** A stack, a path of ours, or the words of a library or the database. */
const INNER = /\n\s+at |node_modules|\/src\/|prisma|syntax error at or near|violates|SQLSTATE/i;

/**
 * The classes of bad input that no field is needed for, each by the hundred: typed refusals or plain answers, never a fault of ours, and
 * nothing of it stored. Every field with every boundary is in garbage.test.ts.
 */
describe('malformed input', () => {
  let app: TestApp;
  let stage: Stage;
  let before: object;
  beforeAll(async () => {
    app = await startTestApp();
    stage = await setStage(app.url);
    before = await stored();
  });
  afterAll(() => app.close());
  afterEach(async () => expect(await stored()).toEqual(before));

  async function stored(): Promise<object> {
    const [counts] = await app.database.sql(
      `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM messages) AS messages,
              (SELECT count(*) FROM attendees) AS attendees, (SELECT count(*) FROM questions) AS questions, (SELECT count(*) FROM channels) AS channels`,
    );
    return counts ?? {};
  }

  async function send(init: RequestInit, path = '/graphql'): Promise<Answer> {
    const response = await fetch(`${app.url}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    send({
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stage.host.api.token ?? ''}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  /** Sends them all, some at a time, and shows each that was answered as none should be. */
  async function expectRefused(cases: readonly (() => Promise<Answer>)[], { mayAnswer = false } = {}): Promise<void> {
    const wrong: object[] = [];
    for (let n = 0; n < cases.length; n += AT_ONCE) {
      const answers = await Promise.all(cases.slice(n, n + AT_ONCE).map((run) => run()));
      wrong.push(
        ...answers.flatMap((answer, i) => (isRefusal(answer) || (mayAnswer && isAnswer(answer)) ? [] : [{ case: n + i, ...answer }])),
      );
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  }

  it('documents: 300', async () => {
    const open = ['{', '[', '(', '"', '"""', '#', '@', '$', '...', '!', '|', '&', ':', '='];
    const bad = [
      '\u200b',
      '~',
      '^',
      '?',
      '*',
      '\u0000',
      '\ufeff\ufeff{',
      '\ud800',
      '\udfff',
      '\u202e',
      '\\',
      '`',
      ';',
      '<',
      '%',
      '\u0007',
      '🙂',
    ];
    const fragments = [
      '',
      ' ',
      ',,,',
      '{}',
      '{ }',
      'query',
      'query {',
      'query Q',
      'query Q {',
      'mutation',
      'subscription { }',
      'type A { a: Int }',
      'schema { query: Query }',
      'extend type Query { x: Int }',
      'fragment f on Query { __typename }',
      'fragment on on Query { __typename } { ...on }',
      '{ __typename } { __typename }',
      'query A { __typename } query A { __typename }',
      '{ ...missing }',
      '{ ... on Nothing { id } }',
      '{ ... on DateTime { id } }',
      '{ viewer }',
      '{ __typename { x } }',
      '{ session { id } }',
      '{ session(id: ) { id } }',
      '{ session(id: null) { id } }',
      '{ session(id: {}) { id } }',
      '{ session(id: [[]]) { id } }',
      '{ session(id: "x", id: "y") { id } }',
      '{ session(id: "x" nope: 1) { id } }',
      '{ session(id: $x) { id } }',
      'query ($x: Nothing) { session(id: $x) { id } }',
      'query ($x: Session) { session(id: "x") { id } }',
      'query ($x: ID!) { session(id: $x) { id } }',
      'query ($x: ID! = null) { session(id: $x) { id } }',
      'query ($x: ID, $x: ID) { session(id: $x) { id } }',
      'query ($__x: ID!) { session(id: $__x) { id } }',
      '{ sessions(first: 99999999999) { edges { cursor } } }',
      '{ sessions(first: 1.5) { edges { cursor } } }',
      '{ sessions(first: "1") { edges { cursor } } }',
      '{ sessions(filter: { status: [NOPE] }) { edges { cursor } } }',
      '{ sessions(filter: { nope: 1 }) { edges { cursor } } }',
      '{ a: viewer { user { id } } a: __typename }',
      '{ session(id: "x") { id: title id } }',
      '{ __typename @skip }',
      '{ __typename @include(if: 1) }',
      '{ __typename @nope }',
      '{ __typename @skip(if: true) @skip(if: true) }',
      '{ __schema }',
      '{ __type(name: 1) { name } }',
      '{ nodes(ids: [null]) { id } }',
      '{ sessionByCode(code: "\\uD800") { id } }',
      '{ sessionByCode(code: "\\u{110000}") { id } }',
      '{ sessionByCode(code: "\\x41") { id } }',
      '{ sessionByCode(code: "a\u0000b") { id } }',
      '{ sessionByCode(code: "unterminated) { id } }',
      '{ sessionByCode(code: """unterminated) { id } }',
      'subscription { a: channelEvents(channelId: "x") { __typename } b: typing(channelId: "x") { __typename } }',
      '{ __typename } # \ud800 {',
    ];
    const wellFormed = '{ session(id: "x") { id title host { id } } }';
    const documents = [
      ...fragments,
      ...open.flatMap((token) => [1, 10, 1_000, 10_000].map((count) => token.repeat(count))),
      ...open.map((token) => `{ viewer ${token} }`),
      ...open.map((token) => `${wellFormed}${token === '#' ? '{' : token}`),
      ...bad.flatMap((text) => [text, `${text}${wellFormed}`, `{ viewer ${text} }`, `{ session(id: ${text}) { id } }`]),
      ...Array.from({ length: wellFormed.length - 1 }, (_, n) => wellFormed.slice(0, n + 1)),
      ...['{', '}', '(', ')', ':', '"', 'id', 'host'].flatMap((token) => [wellFormed.replace(token, ''), wellFormed.replaceAll(token, '')]),
      ...[' ', '\n', '\t', ',', '#'].flatMap((filler) => [filler.repeat(60_000), `${filler.repeat(60_000)}{`, filler.repeat(1_000_000)]),
    ].filter((document) => document !== wellFormed);
    const names = ['Nope', '', '__proto__', 'constructor', 'x'.repeat(10_000), '\u0000', 'é', '🙂', ' A'];
    const cases = [
      ...documents.map((query) => () => post({ query })),
      ...names.map((operationName) => () => post({ query: 'query A { __typename } query B { __typename }', operationName })),
      ...[null, {}, { x: null }, { x: 1.5 }, { x: [] }, { x: {} }, { x: true }, { y: 'z' }].map(
        (variables) => () => post({ query: 'query ($x: ID!) { session(id: $x) { id } }', variables }),
      ),
    ];
    expect(cases.length).toBeGreaterThanOrEqual(300);
    // Without its last bytes, or with a token of a name less, a document may be a good one.
    await expectRefused(cases, { mayAnswer: true });
  });

  it('JSON and HTTP: 150', async () => {
    const bodies = [
      '',
      ' ',
      '{',
      '}',
      '[]',
      '[1]',
      'null',
      'true',
      '7',
      '"text"',
      'NaN',
      'Infinity',
      '-',
      '01',
      '1e999',
      "{'query':'{__typename}'}",
      '{query:"{__typename}"}',
      '{"query":"{__typename}",}',
      '{"query":undefined}',
      '{"query":"{__typename}"}}',
      '{"query":"{__typename}"}{"query":"{__typename}"}',
      '{"query":"\\uD8"}',
      '{"query":"\n"}',
      '{"query":"{__typename}" // comment\n}',
      '\ufeff{"query":"{nope}"}',
      '{"__proto__":{"query":"{__typename}"}}',
      '{"constructor":{"prototype":{"query":"{__typename}"}}}',
      '{"query":"{nope}","query":"{nope2}"}',
      ...[0, 1, -1, 1.5, true, false, [], {}, null, [['x']], { query: 'x' }].map((query) => JSON.stringify({ query })),
      ...[0, 'text', [], true, [1], '{}'].map((variables) => JSON.stringify({ query: '{ nope }', variables })),
      ...[0, [], {}, true].map((operationName) => JSON.stringify({ query: '{ nope }', operationName })),
      ...[0, [], 'text', true].map((extensions) => JSON.stringify({ query: '{ nope }', extensions })),
      ...[0, [], {}, true, ''].map((documentId) => JSON.stringify({ documentId })),
      ...[1, 'x', [], {}, { version: 1 }, { version: '1', sha256Hash: 'x' }, { version: 1, sha256Hash: {} }].map((persistedQuery) =>
        JSON.stringify({ extensions: { persistedQuery } }),
      ),
      '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000),
      '['.repeat(50_000),
    ];
    const types = [
      '',
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      'application/jsonp',
      'multipart/form-data',
      'image/png',
      'x/y',
      'application/graphql',
      'json',
      'application/x-www-form-urlencoded',
    ];
    const accepts = ['text/html', 'image/png', 'application/xml', 'x', 'text/event-stream'];
    const paths = [
      '/graphql?query=%',
      '/graphql?query=%ff%fe',
      '/graphql?query={',
      '/graphql?variables={&query={__typename}',
      '/graphql?extensions={&query={__typename}',
      '/graphql?query=a&query=b',
      '/graphql?query[x]=1',
      '/graphql/%2e%2e/etc/passwd',
      '/graphql//',
      '/graphql/x',
      `/graphql?query=${'a'.repeat(5_000)}`,
      '/graphql?documentId=x',
      '/graphql/stream?query={',
      '/graphql/stream?extensions={}',
      '/graphql/stream?documentId=nope',
    ];
    const methods = ['PUT', 'PATCH', 'DELETE', 'HEAD'];
    const cases = [
      ...bodies.map((body) => () => post(body)),
      ...bodies.slice(0, 40).map((body) => () => post(body, { accept: 'application/graphql-response+json;q=0.3' })),
      ...types.map((type) => () => post('{"query":"{ nope }"}', { 'content-type': type })),
      ...accepts.map((accept) => () => post('{"query":"{ nope }"}', { accept })),
      ...paths.map((path) => () => send({ headers: { 'apollo-require-preflight': 'yes' } }, path)),
      ...paths.map((path) => () => send({}, path)),
      ...methods.flatMap((method) => [() => send({ method }), () => send({ method }, '/nothing')]),
      ...['Basic x', 'Bearer', 'Bearer ', 'Bearer x.y.z', 'bearer \u00e9', 'Bearer ' + 'x'.repeat(5_000), 'Token x', '{}'].map(
        (authorization) => () => post('{"query":"{ viewer { user { id } } }"}', { authorization }),
      ),
    ];
    expect(cases.length).toBeGreaterThanOrEqual(150);
    await expectRefused(cases);
  });

  it('HTTP that is none', async () => {
    const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const requests = [
      'nonsense\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET  /graphql HTTP/1.1\r\nhost: x\r\n\r\n',
      `${head}content-length: 5\r\ncontent-length: 6\r\n\r\n{"a":1}`,
      `${head}content-length: -1\r\n\r\n`,
      `${head}content-length: 1e3\r\n\r\n{}`,
      `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`,
      `${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
      `${head}transfer-encoding: nonsense\r\n\r\n{}`,
      `GET /graphql HTTP/1.1\r\nhost: x\r\n${Array.from({ length: 3_000 }, (_, n) => `x${n}: y\r\n`).join('')}\r\n`,
      `GET /graphql HTTP/1.1\r\nhost: x\r\nx: a\u0000b\r\n\r\n`,
      `GET /${'x'.repeat(10_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    ];
    for (const request of requests) expect(await raw(request)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('ids and cursors: 200', async () => {
    const { session, channelId, host } = stage;
    const someone = host.user.id;
    const ids = [
      '',
      ' ',
      'x',
      '0',
      '-1',
      'null',
      'ses_',
      'ses_x',
      `ses_${'0'.repeat(26)}`,
      session.id.toUpperCase(),
      `${session.id} `,
      ` ${session.id}`,
      session.id.slice(0, -1),
      `${session.id}0`,
      session.id.replace('ses_', 'usr_'),
      session.id.replace('ses_', 'xxx_'),
      channelId,
      someone,
      "' OR 1=1",
      '../x',
      '%00',
      '\u202e',
      '🙂',
      'a'.repeat(10_000),
      '__proto__',
      'toString',
      '{}',
      '[]',
      'bm9kZQ==',
    ];
    const cursors = [
      '',
      ' ',
      'x',
      '0',
      '=',
      '====',
      'bm9wZQ',
      Buffer.from('sessions|x|y').toString('base64url'),
      Buffer.from('sessions|1').toString('base64url'),
      Buffer.from('sessions|1|2|3').toString('base64url'),
      Buffer.from('messages|1').toString('base64url'),
      Buffer.from('messages|-1').toString('base64url'),
      Buffer.from('messages|9999999999999999999').toString('base64url'),
      Buffer.from('messages|NaN').toString('base64url'),
      Buffer.from('s|epoch|1').toString('base64url'),
      Buffer.from('s|epoch|-1').toString('base64url'),
      Buffer.from('s||').toString('base64url'),
      Buffer.from(`s|${'e'.repeat(40)}|1`).toString('base64url'),
      Buffer.from('s|e|1.5').toString('base64url'),
      Buffer.from([255, 254]).toString('base64url'),
      'x'.repeat(600),
      session.id,
      '\u0000',
    ];
    const sizes = [0, -1, 101, 2 ** 31 - 1];
    const asked = (query: string, variables: object) => () => post({ query, variables });
    const byId = [
      'query ($x: ID!) { session(id: $x) { id } }',
      'query ($x: ID!) { channel(id: $x) { id } }',
      'query ($x: ID!) { node(id: $x) { __typename } }',
      'mutation ($x: ID!) { removeAttendee(input: { attendeeId: $x }) { attendee { id } } }',
      'mutation ($x: ID!) { deleteMessage(input: { messageId: $x }) { message { id } } }',
    ];
    const byCursor = [
      'query ($x: String) { sessions(after: $x) { edges { cursor } } }',
      `query ($x: String) { session(id: "${session.id}") { attendees(after: $x) { edges { cursor } } } }`,
      `query ($x: StreamCursor) { sessionEvents(sessionId: "${session.id}", after: $x) { __typename } }`,
      `query ($x: String) { channel(id: "${channelId}") { messages(after: $x) { edges { cursor } } } }`,
      `query ($x: String) { channel(id: "${channelId}") { messages(last: 5, before: $x) { edges { cursor } } } }`,
    ];
    const bySize = [
      'query ($x: Int) { sessions(first: $x) { edges { cursor } } }',
      `query ($x: Int) { channel(id: "${channelId}") { messages(last: $x) { edges { cursor } } } }`,
    ];
    const both = `query ($x: Int) { channel(id: "${channelId}") { messages(first: 1, last: 1) { edges { cursor } } } sessions(first: $x) { edges { cursor } } }`;
    const named = ids.filter((id) => id !== session.id);
    const cases = [
      ...byId.flatMap((query) => named.map((x) => asked(query, { x }))),
      ...byCursor.flatMap((query) => cursors.map((x) => asked(query, { x }))),
      ...bySize.flatMap((query) => sizes.map((x) => asked(query, { x }))),
      asked(both, { x: 1 }),
    ];
    expect(cases.length).toBeGreaterThanOrEqual(200);
    // What nobody has is null; a forged cursor that has the right form is a place like any other.
    await expectRefused(cases, { mayAnswer: true });
  });

  it('dates: 150', async () => {
    const days = [
      '0000-01-01',
      '-000001-01-01',
      '10000-01-01',
      '+010000-01-01',
      '2027-00-10',
      '2027-13-10',
      '2027-02-29',
      '2027-02-30',
      '2027-04-31',
      '2027-1-1',
      '27-01-01',
      '2027/01/01',
      '01.02.2027',
      '20270101',
      '2027-W01-1',
      '2027-001',
      '',
    ];
    const times = [
      'T00:00:00Z',
      'T24:00:00Z',
      'T25:00:00Z',
      'T00:60:00Z',
      'T23:59:60Z',
      'T23:59:61Z',
      'T00:00:00',
      'T00:00Z',
      'T00:00:00+25:00',
      'T00:00:00+00:60',
      ' 00:00:00Z',
      '',
    ];
    const others = [0, -1, 1.5, 1e20, true, {}, [], 'now', 'tomorrow', 'NaN', '🙂', '\u0000', '9'.repeat(400), "'; --"];
    const good = (date: unknown): boolean =>
      typeof date === 'string' && /^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) && !Number.isNaN(Date.parse(date));
    const dates = [...days.flatMap((day) => times.map((time) => `${day}${time}`)), ...others].filter((date) => !good(date));
    const query = 'mutation ($at: DateTime) { updateSession(input: { sessionId: "ses_x", scheduledFor: $at }) { session { id } } }';
    const cases = dates.map((at) => () => post({ query, variables: { at } }));
    expect(cases.length).toBeGreaterThanOrEqual(150);
    await expectRefused(cases);
  });

  /** The first bytes of the answer, or nothing when the connection is ended without one. */
  function raw(text: string): Promise<string> {
    const { hostname, port } = new URL(app.url);
    return new Promise((resolve) => {
      let heard = '';
      const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
      socket.on('data', (data) => {
        heard += data.toString();
        socket.end();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(heard));
    });
  }
});

/** A refusal as every client can read it; a HEAD has no body, and a result may hold errors beside null. */
function isRefusal({ status, text }: Answer): boolean {
  if (status >= 500 || INNER.test(text)) return false;
  if (text === '') return status >= 400;
  const errors = errorsIn(text);
  return errors.length > 0 && errors.length <= 10 && errors.every(({ extensions }) => isTyped(extensions));
}

function isAnswer({ status, text }: Answer): boolean {
  return status === 200 && text.startsWith('{"data":') && errorsIn(text).length === 0 && !INNER.test(text);
}

function errorsIn(text: string): { extensions?: { code?: unknown; requestId?: unknown } }[] {
  const json = text.startsWith('{') ? text : (/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}');
  return (JSON.parse(json) as { errors?: [] }).errors ?? [];
}

function isTyped(extensions: { code?: unknown; requestId?: unknown } = {}): boolean {
  return typeof extensions.code === 'string' && extensions.code !== 'INTERNAL_SERVER_ERROR' && typeof extensions.requestId === 'string';
}
