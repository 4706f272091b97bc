/** One HTTP request that is wrong in some way; without an `authorization` of its own it is sent with a good one. */
export interface Sent {
  readonly path: string;
  readonly init: { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };
}

/** What is there, for what is nearly so. */
export interface Known {
  readonly sessionId: string;
  readonly channelId: string;
  readonly userId: string;
}

function send(init: Sent['init'], path = '/graphql'): Sent {
  return { path, init };
}

function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Sent {
  return send({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Some may be answered: without its last bytes, or with a token less, a document may be a good one. */
export function malformedDocuments(): readonly Sent[] {
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
  return [
    ...documents.map((query) => post({ query })),
    ...names.map((operationName) => post({ query: 'query A { __typename } query B { __typename }', operationName })),
    ...[null, {}, { x: null }, { x: 1.5 }, { x: [] }, { x: {} }, { x: true }, { y: 'z' }].map((variables) =>
      post({ query: 'query ($x: ID!) { session(id: $x) { id } }', variables }),
    ),
  ];
}

/** JSON and HTTP. */
export function malformedRequests(): readonly Sent[] {
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
  return [
    ...bodies.map((body) => post(body)),
    ...bodies.slice(0, 40).map((body) => post(body, { accept: 'application/graphql-response+json;q=0.3' })),
    ...types.map((type) => post('{"query":"{ nope }"}', { 'content-type': type })),
    ...accepts.map((accept) => post('{"query":"{ nope }"}', { accept })),
    ...paths.map((path) => send({ headers: { 'apollo-require-preflight': 'yes' } }, path)),
    ...paths.map((path) => send({}, path)),
    ...methods.flatMap((method) => [send({ method }), send({ method }, '/nothing')]),
    ...['Basic x', 'Bearer', 'Bearer ', 'Bearer x.y.z', 'bearer \u00e9', 'Bearer ' + 'x'.repeat(5_000), 'Token x', '{}'].map(
      (authorization) => post('{"query":"{ viewer { user { id } } }"}', { authorization }),
    ),
  ];
}

/** Some are answered: what nobody has is null, and a forged cursor that has the right form is a place like any other. */
export function malformedIds({ sessionId, channelId, userId }: Known): readonly Sent[] {
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
    sessionId.toUpperCase(),
    `${sessionId} `,
    ` ${sessionId}`,
    sessionId.slice(0, -1),
    `${sessionId}0`,
    sessionId.replace('ses_', 'usr_'),
    sessionId.replace('ses_', 'xxx_'),
    channelId,
    userId,
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
    sessionId,
    '\u0000',
  ];
  const sizes = [0, -1, 101, 2 ** 31 - 1];
  const asked = (query: string, variables: object): Sent => post({ query, variables });
  const byId = [
    'query ($x: ID!) { session(id: $x) { id } }',
    'query ($x: ID!) { channel(id: $x) { id } }',
    'query ($x: ID!) { node(id: $x) { __typename } }',
    'mutation ($x: ID!) { removeAttendee(input: { attendeeId: $x }) { attendee { id } } }',
    'mutation ($x: ID!) { deleteMessage(input: { messageId: $x }) { message { id } } }',
  ];
  const byCursor = [
    'query ($x: String) { sessions(after: $x) { edges { cursor } } }',
    `query ($x: String) { session(id: "${sessionId}") { attendees(after: $x) { edges { cursor } } } }`,
    `query ($x: StreamCursor) { sessionEvents(sessionId: "${sessionId}", after: $x) { __typename } }`,
    `query ($x: String) { channel(id: "${channelId}") { messages(after: $x) { edges { cursor } } } }`,
    `query ($x: String) { channel(id: "${channelId}") { messages(last: 5, before: $x) { edges { cursor } } } }`,
  ];
  const bySize = [
    'query ($x: Int) { sessions(first: $x) { edges { cursor } } }',
    `query ($x: Int) { channel(id: "${channelId}") { messages(last: $x) { edges { cursor } } } }`,
  ];
  const both = `query ($x: Int) { channel(id: "${channelId}") { messages(first: 1, last: 1) { edges { cursor } } } sessions(first: $x) { edges { cursor } } }`;
  const named = ids.filter((id) => id !== sessionId);
  return [
    ...byId.flatMap((query) => named.map((x) => asked(query, { x }))),
    ...byCursor.flatMap((query) => cursors.map((x) => asked(query, { x }))),
    ...bySize.flatMap((query) => sizes.map((x) => asked(query, { x }))),
    asked(both, { x: 1 }),
  ];
}

/** For a moment that is set. */
export function malformedDates(): readonly Sent[] {
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
  return dates.map((at) => post({ query, variables: { at } }));
}
