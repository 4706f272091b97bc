import { createHash } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import { loadConfig } from '../../src/config/load';
import { setStage } from '../support/factories/stage';
import type { Stage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly code: unknown;
  readonly limit: unknown;
}

/** What is sent to servers in the hope that it hurts, by an anonymous stranger and by a user. In production mode. */
describe('hostile requests', () => {
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await startTestApp({ environment: 'production' });
    stage = await setStage(app.url);
  });
  afterAll(() => app.close());

  async function send(init: RequestInit, search = ''): Promise<Answer> {
    const response = await fetch(`${app.url}/graphql${search}`, init);
    const text = await response.text();
    const { errors } = (text.startsWith('{') ? JSON.parse(text) : {}) as {
      errors?: { extensions: { code: string; details?: { limit?: string } } }[];
    };
    return { status: response.status, text, code: errors?.[0]?.extensions.code, limit: errors?.[0]?.extensions.details?.limit };
  }

  const post = (body: unknown, token: string | null = null): Promise<Answer> =>
    send({
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const times = (count: number, part: (n: number) => string): string => Array.from({ length: count }, (_, n) => part(n)).join(' ');
  const nested = (count: number, open: string, inside: string): string => `${open.repeat(count)}${inside}${' }'.repeat(count)}`;
  const page = (inside: string): string => `attendees(first: 100) { edges { node { ${inside} } } }`;

  describe.each(['anonymous', 'user'] as const)('of an %s', (who) => {
    const token = (): string | null => (who === 'user' ? stage.host.api.token : null);

    it.each([
      ['D1', 'a deep query', `{ ${nested(20, 'session(id: "x") { ', 'id')} }`, 'depth'],
      [
        'D2',
        'a loop of introspection',
        `{ __schema { ${nested(10, 'types { fields { type { ', 'name').replaceAll(' }', ' } } }')} } }`,
        'introspectionDepth',
      ],
      ['D3', 'aliases', `{ ${times(101, (n) => `a${n}: __typename`)} }`, 'aliases'],
      ['D4', 'one field 5,000 times', `{ ${'__typename '.repeat(1_900)} }`, 'fieldRepeats'],
      ['D5', 'root fields', `{ ${times(21, (n) => `${n < 20 ? `a${n}: ` : ''}__typename`)} }`, 'rootFields'],
      ['D6', 'directives', `{ __typename ${'@aa '.repeat(30)} }`, 'directives'],
      ['D7', 'more fragments than there may be', `{ ...f0 } ${times(51, (n) => `fragment f${n} on Query { __typename }`)}`, 'fragments'],
      [
        'D7',
        'fragments that double',
        `{ ...f0 } ${times(30, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f30 on Query { __typename }`,
        'fieldRepeats',
      ],
      ['D8', 'tokens', `{ ${times(2_100, (n) => `f${n}`)} }`, 'tokens'],
      [
        'D12',
        'pages in pages in pages',
        `{ sessions(first: 100) { edges { node { ${page('id')} channel { messages(first: 100) { edges { node { sender { id } } } } } } } } }`,
        'cost',
      ],
      [
        'D13',
        'pages in pages without a size',
        `{ sessions { edges { node { attendees { edges { node { id } } } questions { edges { node { id } } } } } } }`,
        'cost',
      ],
    ])('%s: %s is refused before it is executed', async (_row, _what, query, limit) => {
      const answer = await post({ query }, token());
      expect({ status: answer.status, code: answer.code, limit: answer.limit }).toEqual({ status: 400, code: 'QUERY_TOO_COMPLEX', limit });
    });

    it('D7: fragments in a circle are refused with ten errors at most', async () => {
      const { status, text } = await post(
        { query: `{ ...f0 } ${times(40, (n) => `fragment f${n} on Query { ...f${(n + 1) % 40} }`)}` },
        token(),
      );
      expect(status).toBe(400);
      expect((JSON.parse(text) as { errors: unknown[] }).errors.length).toBeLessThanOrEqual(10);
    });

    it('D9: a document or variables that are too large are refused with 413', async () => {
      expect(await post({ query: `{ __typename } #${'x'.repeat(66_000)}` }, token())).toMatchObject({
        status: 413,
        limit: 'documentBytes',
      });
      expect(await post({ query: '{ __typename }', variables: { x: 'y'.repeat(103_000) } }, token())).toMatchObject({
        status: 413,
        limit: 'variablesBytes',
      });
      expect((await post(`"${'x'.repeat(1_000_000)}"`, token())).status).toBe(413);
    });

    it('D10: neither JSON nor aliases make a batch', async () => {
      expect((await post([{ query: '{ __typename }' }, { query: '{ __typename }' }], token())).status).toBe(400);
      const aliased = `mutation { ${times(25, (n) => `a${n}: login(input: { email: "a@example.org", password: "xxxxxxxx" }) { accessToken }`)} }`;
      expect(await post({ query: aliased }, token())).toMatchObject({ status: 400, limit: 'rootFields' });
    });

    it('D11: variables nested too deep, and lists too long, are refused', async () => {
      const query = 'query ($x: [ID!]!) { nodes(ids: $x) { id } }';
      const deep = `{"query":"${query}","variables":{"x":${'['.repeat(10_000)}1${']'.repeat(10_000)}}}`;
      expect(await post(deep, token())).toMatchObject({ status: 400, limit: 'inputDepth' });
      const long = { query, variables: { x: Array(5_000).fill('ses_x') } };
      expect(await post(long, token())).toMatchObject({ status: 400, code: 'QUERY_TOO_COMPLEX', limit: 'cost' });
    });
  });

  it('D13: a page without a size is 25 rows, and is paid for as such', async () => {
    const { text } = await post({ query: '{ sessions { edges { node { id } } } }', extensions: { cost: true } }, stage.host.api.token);
    expect(JSON.parse(text)).toMatchObject({ extensions: { cost: { cost: 26, max: 1_000 } } });
  });

  it('D15: unique documents, named and unnamed, fill no memory', async () => {
    for (let n = 0; n < 200; n += 1) {
      const query = `{ __typename } # ${n} ${'x'.repeat(50_000)}`;
      const sha256Hash = createHash('sha256').update(query).digest('hex');
      expect((await post({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } })).status).toBe(200);
    }
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    const bytes = Number(/^parley_document_cache_bytes (\d+)/m.exec(metrics)?.[1]);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
  });

  describe('the findings of scanners', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const get = (query: string): Promise<Answer> => send({}, `?query=${encodeURIComponent(query)}`);

    it.each<[string, () => Promise<Answer>, number]>([
      ['alias overloading', () => post({ query: `{ ${times(101, (n) => `a${n}: __typename`)} }` }), 400],
      ['array batching', () => post(Array(10).fill({ query: '{ __typename }' })), 400],
      ['directive overloading', () => post({ query: `{ __typename ${'@aa'.repeat(21)} }` }), 400],
      [
        'circular introspection',
        () => post({ query: '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }' }),
        400,
      ],
      ['introspection', () => post({ query: getIntrospectionQuery() }), 400],
      ['field duplication', () => post({ query: `{ ${'__typename '.repeat(500)} }` }), 400],
      ['queries by plain GET', () => get('{ __typename }'), 400],
      [
        'mutations by GET',
        () => send({ headers: { 'apollo-require-preflight': 'yes' } }, `?query=${encodeURIComponent('mutation { logout }')}`),
        405,
      ],
      ['queries by form', () => send({ method: 'POST', headers: form, body: 'query=%7B__typename%7D' }), 400],
      ['broken queries', () => post({ query: 'qwerty { cop }' }), 400],
    ])('are none: %s', async (_what, attack, status) => {
      const answer = await attack();
      expect(answer.status).toBe(status);
      expect(answer.text).not.toMatch(/"data":\s*\{|stack|exception|node_modules/);
    });

    it('are none: tracing', async () => {
      const answer = await post({ query: '{ __typename }', extensions: { tracing: true } });
      expect(JSON.parse(answer.text)).toEqual({ data: { __typename: 'Query' } });
    });

    it('are none: suggestions', async () => {
      for (const query of [
        '{ sesion }',
        '{ viewer { usr { id } } }',
        'mutation { logi }',
        '{ session(idd: "x") { id } }',
        '{ __typenam }',
      ]) {
        expect((await post({ query })).text).not.toMatch(/did you mean/i);
      }
    });

    it('are none: the playground is closed in production unless it is opened', () => {
      const { http } = loadConfig({ NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(40), DATABASE_URL: 'postgres://127.0.0.1/none' });
      expect(http.graphiql).toBe(false);
    });
  });

  describe('the exercises of a vulnerable application', () => {
    const inject = async (text: string): Promise<string> => {
      const query = 'query ($code: String!, $id: ID!) { sessionByCode(code: $code) { id } session(id: $id) { id } }';
      const { status, text: answer } = await post({ query, variables: { code: text, id: text } }, stage.host.api.token);
      expect(status).toBe(200);
      return answer;
    };

    it.each([
      ['an OS command', '; cat /etc/passwd'],
      ['an OS command in backticks', '`id`'],
      ['SQL', "' OR 1=1; DROP TABLE users; --"],
      ['a path', '../../../../etc/passwd'],
      ['a URL of a service inside', 'http://169.254.169.254/latest/meta-data/'],
      ['a template', '{{7*7}}${7*7}<%= 7*7 %>'],
      ['HTML', '<h1>hacked</h1>'],
      ['a script', '<script>alert(1)</script>'],
      ['a forged line of the log', 'x\r\n{"level":60,"msg":"forged"}'],
    ])('%s is text that finds nothing, and is not sent back', async (_what, text) => {
      expect(JSON.parse(await inject(text))).toEqual({ data: { sessionByCode: null, session: null } });
    });

    it('a script in a message is kept as it is, and sent as JSON that no browser takes for a page', async () => {
      const body = '<img src=x onerror=alert(1)>';
      const send = { query: 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { body } } }' };
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${stage.host.api.token ?? ''}` },
        body: JSON.stringify({ ...send, variables: { input: { channelId: stage.channelId, body } } }),
      });
      expect(await response.json()).toEqual({ data: { sendMessage: { message: { body } } } });
      expect(response.headers.get('content-type')).toContain('json');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    });

    it('the name of an operation is not a way into the log or the metrics', async () => {
      const answer = await post({ query: 'query A { __typename }', operationName: 'A\nforged' });
      expect(answer.status).toBe(400);
      expect(await (await fetch(`${app.url}/metrics`)).text()).not.toContain('forged');
    });

    it('what is refused is refused under an alias, in a fragment and by an interface too', async () => {
      for (const query of [
        '{ a: __schema { queryType { name } } }',
        '{ ...f } fragment f on Query { __schema { queryType { name } } }',
        '{ ... on Query { __type(name: "User") { name } } }',
        'query Innocent { __schema { queryType { name } } }',
      ]) {
        expect(await post({ query })).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
      }
      const { text } = await post({ query: `{ node(id: "${stage.channelId}") { id ... on Channel { name } } }` });
      expect(JSON.parse(text)).toEqual({ data: { node: null } });
    });

    it('a weak password makes no account', async () => {
      const query = 'mutation { register(input: { email: "weak@example.org", password: "1234", displayName: "W" }) { accessToken } }';
      expect((await post({ query })).code).toBe('BAD_USER_INPUT');
    });
  });

  it('a word list teaches nothing of the schema', async () => {
    const { schema } = buildParleySchema();
    const names = Object.keys(schema.getTypeMap()).filter(
      (name) => !name.startsWith('__') && !['Int', 'Float', 'String', 'Boolean', 'ID'].includes(name),
    );
    const fields = Object.keys(schema.getQueryType()?.getFields() ?? {});
    // Each word one letter away from a name: what a server that suggests would put right.
    const words = [...fields, ...names].flatMap((name) => [
      `${name}s`,
      name.slice(0, -1),
      `${name.slice(0, -1)}x`,
      `x${name}`,
      name.toUpperCase(),
    ]);
    const unknown = words.filter((word) => word !== '' && !fields.includes(word) && !names.includes(word));
    const probes = Array.from({ length: Math.ceil(10_000 / 40) }, (_, n) =>
      Array.from({ length: 40 }, (_unused, i) => unknown[(n * 40 + i) % unknown.length] ?? 'x'),
    );
    for (const probe of probes) {
      // One mistake of each kind: a field, an argument, a type.
      const query = `query ($v: ${probe[0] ?? ''}) { ${[...new Set(probe)].join(' ')} viewer(${probe[1] ?? ''}: 1) { ${probe[2] ?? ''} } }`;
      const { text } = await post({ query });
      const told = (JSON.parse(text) as { errors: { message: string }[] }).errors.map(({ message }) => message).join('\n');
      expect(told).not.toMatch(/did you mean/i);
      const sent = new Set([...probe, 'Query', 'Viewer', 'viewer', 'query', 'String']);
      const learnt = [...told.matchAll(/"(\w+?)!?"/g)]
        .map(([, word]) => word ?? '')
        .filter((word) => !sent.has(word) && (names.includes(word) || fields.includes(word)));
      expect(learnt).toEqual([]);
    }
  }, 60_000);
});
