/** What is wrong with a request before it is executed: D1 to D15, D26 and D28, over HTTP, by nobody who has signed in. */
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { paced } from './attack';
import type { Attack, Tally, Target } from './attack';

const PER_SECOND = 100;
const CONNECTIONS = 10;
const PACE = `${PER_SECOND} requests a second on ${CONNECTIONS} connections`;
/** After six hundred strikes the address is blocked, and after 1,200 requests out of points. */
const OR_BLOCKED = '|429 RATE_LIMITED';

type Body = string | Buffer;
type Headers = Readonly<Record<string, string>>;

const times = (count: number, part: (n: number) => string): string => Array.from({ length: count }, (_, n) => part(n)).join(' ');
const nested = (count: number, open: string, inside: string): string => `${open.repeat(count)}${inside}${' }'.repeat(count)}`;
const asked = (query: string, variables: object = {}): string => JSON.stringify({ query, variables });

/** So many a second, each with the next of these bodies. */
export async function flood(target: Target, tally: Tally, bodies: (n: number) => Body, headers: Headers = {}): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, localAddress: target.address });
  await paced(target, PER_SECOND, (n) => post(agent, target.url, bodies(n), headers, tally));
  agent.destroy();
}

function post(agent: Agent, url: string, body: Body, headers: Headers, tally: Tally): void {
  const { hostname, port } = new URL(url);
  const sent = request(
    {
      agent,
      hostname,
      port,
      path: '/graphql',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => tally.add(`${response.statusCode} ${codeIn(text)}`));
    },
  );
  // A body that is too large is refused before it is whole; a connection may be reset with it.
  sent.on(
    'error',
    (error: NodeJS.ErrnoException) => error.code !== 'ECONNRESET' && error.code !== 'EPIPE' && tally.add(String(error.code)),
  );
  sent.end(body);
}

function codeIn(text: string): string {
  return /"code":"(\w+)"/.exec(text)?.[1] ?? 'answered';
}

function documents(id: string, what: string, answers: string, bodies: readonly Body[], headers: Headers = {}): Attack {
  return {
    id,
    what,
    pace: PACE,
    answers: new RegExp(`^(${answers}${OR_BLOCKED})$`),
    above: new RegExp(`^(${answers})$`),
    run: (target, tally) => flood(target, tally, (n) => bodies[n % bodies.length] ?? '', headers),
  };
}

const TOO_COMPLEX = '400 QUERY_TOO_COMPLEX';
const PAGE = (inside: string): string => `attendees(first: 100) { edges { node { ${inside} } } }`;
const LONG = 'a'.repeat(30_000);

export const DOCUMENT_ATTACKS: readonly Attack[] = [
  documents('D1', 'deep queries', TOO_COMPLEX, [
    asked(`{ ${nested(20, 'session(id: "x") { ', 'id')} }`),
    asked(`{ ${nested(600, 'a { ', 'a')} }`),
  ]),
  documents('D2', 'loops of introspection', TOO_COMPLEX, [
    asked(`{ __schema { ${nested(10, 'types { fields { type { ', 'name').replaceAll(' }', ' } } }')} } }`),
  ]),
  documents('D3', 'aliases', TOO_COMPLEX, [asked(`{ ${times(400, (n) => `a${n}: __typename`)} }`)]),
  documents('D4', 'one field 1,900 times', TOO_COMPLEX, [asked(`{ ${'__typename '.repeat(1_900)} }`)]),
  documents('D5', 'root fields', TOO_COMPLEX, [asked(`{ ${times(29, (n) => `a${n}: __typename`)} }`)]),
  documents('D6', 'directives', TOO_COMPLEX, [asked(`{ __typename ${'@aa '.repeat(900)} }`)]),
  documents('D7', 'fragments: too many, in a circle, doubling thirty times', `${TOO_COMPLEX}|400 GRAPHQL_VALIDATION_FAILED`, [
    asked(`{ ...f0 } ${times(380, (n) => `fragment f${n} on Query { __typename }`)}`),
    asked(`{ ...f0 } ${times(40, (n) => `fragment f${n} on Query { ...f${(n + 1) % 40} }`)}`),
    asked(`{ ...f0 } ${times(30, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f30 on Query { __typename }`),
  ]),
  documents('D8', 'tokens, white space, comments', `${TOO_COMPLEX}|400 GRAPHQL_PARSE_FAILED`, [
    asked(`{ ${times(10_000, (n) => `f${n}`)} }`),
    asked(`${' '.repeat(60_000)}{`),
    asked(`${'#x\n'.repeat(20_000)}{`),
  ]),
  documents('D9', 'documents of 70 and 169 kB, a body of 1 MB', '413 PAYLOAD_TOO_LARGE', [
    asked(`{ __typename } #${'x'.repeat(70_000)}`),
    asked(`{ __typename } #${'x'.repeat(169_000)}`),
    asked(`{ __typename } #${'x'.repeat(1_000_000)}`),
  ]),
  documents('D10', 'batches: JSON, aliased mutations', `400 BAD_REQUEST|${TOO_COMPLEX}`, [
    JSON.stringify(Array(500).fill({ query: '{ __typename }' })),
    asked(`mutation { ${times(25, (n) => `a${n}: login(input: { email: "a@example.org", password: "xxxxxxxx" }) { accessToken }`)} }`),
  ]),
  documents('D11', 'variables 10,000 deep, 5,000 long, 100 kB', `${TOO_COMPLEX}|413 PAYLOAD_TOO_LARGE`, [
    `{"query":"query ($x: [ID!]!) { nodes(ids: $x) { id } }","variables":{"x":${'['.repeat(10_000)}1${']'.repeat(10_000)}}}`,
    asked('query ($x: [ID!]!) { nodes(ids: $x) { id } }', { x: Array(5_000).fill('ses_x') }),
    asked('{ __typename }', { x: 'y'.repeat(103_000) }),
  ]),
  documents('D12', 'pages in pages in pages', TOO_COMPLEX, [
    asked(
      `{ sessions(first: 100) { edges { node { ${PAGE('id')} channel { messages(first: 100) { edges { node { sender { id } } } } } } } } }`,
    ),
  ]),
  documents('D13', 'pages in pages without a size', TOO_COMPLEX, [
    asked('{ sessions { edges { node { attendees { edges { node { id } } } questions { edges { node { id } } } } } } }'),
  ]),
  {
    id: 'D15',
    what: 'unique documents of 50 kB, under their hashes',
    pace: PACE,
    answers: /^(200 answered|429 RATE_LIMITED)$/,
    run: (target, tally) => flood(target, tally, unique),
  },
  documents('D26', 'gzip bodies, 10 MB each when inflated', '(400|415|413) \\w+', [gzipSync(Buffer.alloc(10_000_000, ' '))], {
    'content-encoding': 'gzip',
  }),
  documents('D28', 'texts that make regular expressions slow', '(400|200) \\w+', [
    asked('query ($c: String!) { sessionByCode(code: $c) { id } }', { c: `${'A'.repeat(30_000)}!` }),
    asked('query ($i: ID!) { session(id: $i) { id } node(id: $i) { id } }', { i: `ses_${'0'.repeat(30_000)}!` }),
    asked('mutation ($i: LoginInput!) { login(input: $i) { accessToken } }', { i: { email: `${LONG}@${LONG}.${LONG}`, password: 'x' } }),
    asked('query ($c: String) { sessions(after: $c) { edges { cursor } } }', { c: LONG }),
    asked('mutation ($at: DateTime) { updateSession(input: { sessionId: "x", scheduledFor: $at }) { session { id } } }', { at: LONG }),
  ]),
];

function unique(n: number): string {
  const query = `{ __typename } # ${n} ${'x'.repeat(50_000)}`;
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  return JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } });
}
