import { Webhook } from 'standardwebhooks';
import type { ApiClient } from '../support/api-client';
import { registerAccount } from '../support/factories/stage';
import {
  AuditEntriesDocument,
  CreateSessionDocument,
  LogoutDocument,
  NodeDocument,
  OrganizationAuditDocument,
  StartSessionDocument,
  ViewerDocument,
} from '../support/generated/graphql';
import type { TestApp } from '../support/test-app';
import { startTestApp } from '../support/test-app';

const HOOK_SECRET = Buffer.alloc(32, 7).toString('base64');

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({ hooks: { shop: [HOOK_SECRET] } });
});
afterAll(() => server.close());

async function homeOf(api: ApiClient): Promise<string> {
  const { viewer } = await api.run(ViewerDocument, {});
  return viewer?.organizations[0]?.id ?? '';
}

async function startedSession(api: ApiClient): Promise<string> {
  const { createSession } = await api.run(CreateSessionDocument, { input: { title: 'All hands' } });
  await api.run(StartSessionDocument, { sessionId: createSession.session.id });
  return createSession.session.id;
}

function take(api: ApiClient, query: string): Promise<Response> {
  return fetch(`${server.url}/exports/audit?${query}`, { headers: { authorization: `Bearer ${api.token ?? ''}` } });
}

describe('the audit log', () => {
  test('shows the administrators of an organization who did what from where, in which request', async () => {
    const { api, user } = await registerAccount(server.url);
    const id = await homeOf(api);
    const sessionId = await startedSession(api);
    const { node } = await api.run(OrganizationAuditDocument, { id, filter: { targetId: sessionId } });
    const entry = node?.__typename === 'Organization' ? node.auditEntries.edges[0]?.node : undefined;
    expect(entry).toMatchObject({
      action: 'session.started',
      actorKind: 'USER',
      actorId: user.id,
      organizationId: id,
      address: expect.stringMatching(/127\.0\.0\.1$/),
      requestId: expect.stringMatching(/^[\w-]{36}$/),
      details: {},
    });
    const found = await api.run(NodeDocument, { id: entry?.id ?? '' });
    expect(found.node).toMatchObject({ __typename: 'AuditEntry', id: entry?.id });
    const eve = await registerAccount(server.url, 'Eve');
    expect(await eve.api.run(NodeDocument, { id: entry?.id ?? '' })).toEqual({ node: null });
    expect(await eve.api.run(OrganizationAuditDocument, { id })).toEqual({ node: null });
  });

  test('pages by cursor, and refuses cursors of its own making only', async () => {
    const { api } = await registerAccount(server.url);
    const id = await homeOf(api);
    for (let n = 0; n < 3; n += 1) await startedSession(api);
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { node }: Awaited<ReturnType<typeof page>> = await page(api, id, after);
      if (node?.__typename !== 'Organization') throw new Error('no organization');
      const { edges, pageInfo } = node.auditEntries;
      seen.push(...edges.map((edge) => edge.node.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor ?? null;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(3);
    for (const after of [
      'bm9uc2Vuc2U',
      Buffer.from('audit|1|x').toString('base64url'),
      Buffer.from(`audit|9e9|${seen[0]}`).toString('base64url'),
    ]) {
      expect(await api.refused(OrganizationAuditDocument, { id, after })).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });

  const page = (api: ApiClient, id: string, after: string | null) => api.run(OrganizationAuditDocument, { id, first: 2, after });

  test.each([
    { action: "session.ended' OR '1'='1" },
    { actorId: 'x'.repeat(65) },
    { targetId: 'x'.repeat(65) },
    { from: '0001-01-01T00:00:00Z' },
    { to: '+010000-01-01T00:00:00Z' },
    { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
  ])('refuses a filter that cannot be meant: %j', async (filter) => {
    const { api } = await registerAccount(server.url);
    expect(await api.refused(OrganizationAuditDocument, { id: await homeOf(api), filter })).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('is open as a whole to administrators of the platform alone', async () => {
    const { api, user } = await registerAccount(server.url, 'Root');
    expect(await api.refused(AuditEntriesDocument, {})).toMatchObject({ code: 'NOT_FOUND' });
    await server.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [user.id]);
    const { auditEntries } = await api.run(AuditEntriesDocument, { filter: { actorId: user.id } });
    expect(auditEntries.edges.map(({ node }) => node.action)).toEqual(['audit.read', 'account.registered']);
  });
});

describe('the audit log as a file', () => {
  test('streams every entry once, however many, in either form', async () => {
    const { api } = await registerAccount(server.url);
    const organizationId = await homeOf(api);
    await server.database.sql(
      `INSERT INTO audit_entries (id, action, organization_id, actor_kind, details)
       SELECT 'aud_' || lpad(n::text, 26, '0'), 'session.ended', $1, 'user', '{"reason":"=1+1"}' FROM generate_series(1, 5000) AS n`,
      [organizationId],
    );
    const csv = await take(api, `organizationId=${organizationId}`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    expect(csv.headers.get('content-length')).toBeNull();
    const rows = (await csv.text()).trimEnd().split('\r\n');
    // Its own taking, and the names of the columns.
    expect(rows).toHaveLength(5_002);
    expect(new Set(rows).size).toBe(5_002);
    const jsonl = await take(api, `organizationId=${organizationId}&format=jsonl&action=session.ended`);
    expect(jsonl.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    expect(
      (await jsonl.text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toHaveLength(5_000);
  });

  test('is refused in JSON: to strangers, to the signed-out, and when it cannot be meant', async () => {
    const { api } = await registerAccount(server.url);
    const organizationId = await homeOf(api);
    const eve = await registerAccount(server.url, 'Eve');
    const refusals = [
      [await take(eve.api, `organizationId=${organizationId}`), 404, 'NOT_FOUND'],
      [await take(eve.api, 'organizationId=org_nonsense'), 404, 'NOT_FOUND'],
      [await take(eve.api, ''), 404, 'NOT_FOUND'],
      [await fetch(`${server.url}/exports/audit?organizationId=${organizationId}`), 404, 'NOT_FOUND'],
      [await take(api.as('nonsense'), `organizationId=${organizationId}`), 401, 'UNAUTHENTICATED'],
      [await take(api, `organizationId=${organizationId}&organizationId=org_other`), 400, 'BAD_USER_INPUT'],
      [await take(api, `organizationId=${organizationId}&from='%20OR%201=1`), 400, 'BAD_USER_INPUT'],
    ] as const;
    for (const [response, status, code] of refusals) {
      expect([
        response.status,
        ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code,
      ]).toEqual([status, code]);
    }
    await api.run(LogoutDocument, {});
    expect((await take(api, `organizationId=${organizationId}`)).status).toBe(401);
  });
});

describe('webhooks that come in', () => {
  const send = (body: string, headers: Record<string, string>, path = '/hooks/shop'): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', body, headers });
  const signed = (id: string, body: string): Record<string, string> => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': new Webhook(HOOK_SECRET).sign(id, new Date(), body),
  });
  const codeOf = async (response: Response): Promise<string | undefined> =>
    ((await response.json()) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;

  test.each(['application/json', 'text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded'])(
    'are taken by their bytes, whatever they are called: %s',
    async (type) => {
      const body = '{ "spaces":  "as they are" }';
      const headers = { ...signed(`msg-${type.replace(/\W/g, '-')}`, body), 'content-type': type };
      const first = await send(body, headers);
      expect([first.status, await first.json()]).toEqual([202, { status: 'accepted' }]);
      const again = await send(body, headers);
      expect([again.status, await again.json()]).toEqual([200, { status: 'duplicate' }]);
    },
  );

  test('are refused in JSON', async () => {
    const unsigned = await send('{"query":"{__typename}"}', { 'content-type': 'application/json' });
    expect([unsigned.status, await codeOf(unsigned)]).toEqual([401, 'UNAUTHENTICATED']);
    const unknown = await send('{}', signed('msg-unknown', '{}'), '/hooks/nobody');
    expect([unknown.status, await codeOf(unknown)]).toEqual([401, 'UNAUTHENTICATED']);
    const large = 'x'.repeat(200_000);
    const tooLarge = await send(large, signed('msg-large', large));
    expect([tooLarge.status, await codeOf(tooLarge)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const text = await send('no json', signed('msg-text', 'no json'));
    expect([text.status, await codeOf(text)]).toEqual([400, 'BAD_USER_INPUT']);
    const empty = await fetch(`${server.url}/hooks/shop`, { method: 'POST' });
    expect([empty.status, await codeOf(empty)]).toEqual([401, 'UNAUTHENTICATED']);
    const read = await fetch(`${server.url}/hooks/shop`);
    expect([read.status, await codeOf(read)]).toEqual([404, 'NOT_FOUND']);
  });

  test('leave other bodies as they are: GraphQL still speaks JSON', async () => {
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
    expect([response.status, await codeOf(response)]).toEqual([400, 'BAD_REQUEST']);
  });
});
