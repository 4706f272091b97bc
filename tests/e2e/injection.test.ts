import { registerAccount, setStage } from '../support/factories/stage';
import {
  AuditEntriesDocument,
  ChannelDocument,
  NodeDocument,
  NodesDocument,
  OrganizationAuditDocument,
  PollChannelEventsDocument,
  QuestionsDocument,
  SendMessageDocument,
  SessionByCodeDocument,
  SessionDocument,
  SessionsDocument,
  ViewerDocument,
} from '../support/generated/graphql';
import type { TestApp } from '../support/test-app';
import { startTestApp } from '../support/test-app';

const BREAKOUTS = ["'", '"', "')", "'))", "';", '";', '\\', "\\'", '$1', '$$', "E'", '%', '_', "' /*", "'--", '#'];
const STATEMENTS = [
  ' OR 1=1--',
  ' OR true',
  ' UNION SELECT id, email FROM users--',
  '; DROP TABLE users CASCADE;--',
  '; UPDATE users SET platform_role = $$ADMIN$$;--',
  ' AND (SELECT count(*) FROM pg_sleep(5)) > 0--',
  ' || (SELECT password_hash FROM users LIMIT 1) || ',
];
/** A hundred and more. */
const INJECTIONS = BREAKOUTS.flatMap((breakout) => STATEMENTS.map((statement) => `${breakout}${statement}`));

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

/** What an injection would have to change, or to show. */
async function stored(): Promise<unknown> {
  return server.database.as('system').sql(
    `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM users WHERE platform_role IS NOT NULL) AS admins,
       (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM memberships) AS memberships,
       (SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public') AS tables`,
  );
}

test(`${INJECTIONS.length} injections find nothing, change nothing and break nothing, wherever something is looked for`, async () => {
  expect(INJECTIONS.length).toBeGreaterThanOrEqual(100);
  const { host, session, channelId } = await setStage(server.url);
  const { api } = host;
  const { viewer } = await api.run(ViewerDocument, {});
  const organizationId = viewer?.organizations[0]?.id ?? '';
  await registerAccount(server.url, 'a stranger');
  const before = await stored();

  const asked = (text: string) => [
    api.ask(SessionDocument, { id: text }),
    api.ask(SessionByCodeDocument, { code: text }),
    api.ask(SessionsDocument, { after: text }),
    api.ask(SessionsDocument, { after: Buffer.from(`sessions|1|${text}`).toString('base64url') }),
    api.ask(ChannelDocument, { id: text, first: 1 }),
    api.ask(ChannelDocument, { id: channelId, first: 1, after: text }),
    api.ask(QuestionsDocument, { id: session.id, after: text }),
    api.ask(QuestionsDocument, { id: session.id, orderBy: text as never }),
    api.ask(SessionsDocument, { filter: { status: [text as never] } }),
    api.ask(NodeDocument, { id: text }),
    api.ask(NodesDocument, { ids: [text, session.id] }),
    api.ask(PollChannelEventsDocument, { channelId: text }),
    api.ask(OrganizationAuditDocument, { id: organizationId, filter: { action: text } }),
    api.ask(OrganizationAuditDocument, { id: organizationId, filter: { actorId: text.slice(0, 64) } }),
    api.ask(OrganizationAuditDocument, { id: organizationId, filter: { targetId: text.slice(0, 64) } }),
    api.ask(OrganizationAuditDocument, { id: organizationId, after: text }),
    api.ask(AuditEntriesDocument, { organizationId: text }),
  ];
  for (const injection of INJECTIONS) {
    for (const { status, data, errors } of await Promise.all(asked(injection))) {
      expect({ injection, status, codes: errors.map(({ extensions }) => extensions.code) }).not.toMatchObject({
        codes: expect.arrayContaining(['INTERNAL_SERVER_ERROR']) as string[],
      });
      expect(status).toBeLessThan(500);
      expect(JSON.stringify(data)).not.toMatch(/argon2|a stranger|@example\.org/);
    }
    const file = await fetch(`${server.url}/exports/audit?organizationId=${encodeURIComponent(injection)}`, {
      headers: { authorization: `Bearer ${api.token ?? ''}` },
    });
    expect([400, 404]).toContain(file.status);
  }
  expect(await stored()).toEqual(before);
});

test('what is written is kept as it was written, whatever it looks like to a database', async () => {
  const { channelId, join } = await setStage(server.url);
  const { api } = await join('Ann');
  for (const body of INJECTIONS.slice(0, 30)) await api.run(SendMessageDocument, { input: { channelId, body } });
  const { channel } = await api.run(ChannelDocument, { id: channelId, first: 30 });
  expect(channel?.messages.edges.map(({ node }) => node.body)).toEqual(INJECTIONS.slice(0, 30));
});
