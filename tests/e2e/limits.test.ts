import WebSocket from 'ws';
import { createClient } from 'graphql-ws';
import { joinSession, registerAccount, setStage } from '../support/factories/stage';
import type { Account, Guest } from '../support/factories/stage';
import { closeAfterTest } from '../support/jest-leaks';
import { ApiClient } from '../support/api-client';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

interface Answer {
  readonly status: number;
  readonly json: { data?: Record<string, unknown> | null; errors?: { extensions: Record<string, unknown> }[] };
}

async function ask(api: ApiClient, query: string, variables: object = {}): Promise<Answer> {
  return api.post({ query, variables });
}

const firstError = ({ json }: Answer): Record<string, unknown> | undefined => json.errors?.[0]?.extensions;

const BLOCK = 'mutation ($input: BlockInput!) { block(input: $input) { block { id endsAt } } }';
const UNBLOCK = 'mutation ($input: UnblockInput!) { unblock(input: $input) { block { value } } }';

describe('an app with its limits on', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ rateLimits: true, hooks: { shop: [Buffer.alloc(32, 7).toString('base64')] } });
  });
  afterAll(() => app.close());

  it('tells a user where they stand, and refuses more points than there are', async () => {
    const { api } = await registerAccount(app.url, 'Hasty');
    const dear = '{ sessions(first: 100) { edges { node { host { id } attendees(first: 2) { edges { node { id } } } } } } }';
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(api, dear)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0] && firstError(refused[0])).toMatchObject({ code: 'RATE_LIMITED', reason: 'TOO_FAST', details: { rule: 'user' } });
  });

  it('takes points for files and webhooks as for operations', async () => {
    const { api } = await registerAccount(app.url, 'Collector');
    const { json } = await ask(api, '{ viewer { organizations { id } } }');
    const { organizations } = json.data?.viewer as { organizations: { id: string }[] };
    const take = (): Promise<Response> =>
      fetch(`${app.url}/exports/audit?organizationId=${organizations[0]?.id}`, { headers: { authorization: `Bearer ${api.token}` } });
    const files = await Promise.all(Array.from({ length: 12 }, take));
    await Promise.all(files.map((file) => file.text()));
    expect(files.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(4);
    expect(files.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect(files.find(({ status }) => status === 200)?.headers.get('ratelimit-policy')).toBe('"user";q=6000;w=60');
    const hook = await fetch(`${app.url}/hooks/shop`, { method: 'POST', body: '{}' });
    expect([hook.status, hook.headers.get('ratelimit-policy')]).toEqual([401, '"anonymous";q=12000;w=60']);
  });

  it('takes a hundred messages a minute of one sender in a channel, and tells the others of no more (D30)', async () => {
    const stage = await setStage(app.url);
    const [spammer, other] = [await stage.join('Spammer'), await stage.join('Other')];
    const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
    const say = ({ api }: Guest, body: string): Promise<Answer> => ask(api, send, { input: { channelId: stage.channelId, body } });
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 140 }, (_, n) => say(spammer, `Spam ${n}`)));
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    expect(answers.filter(({ json }) => json.data != null)).toHaveLength(100);
    const refused = answers.filter(({ json }) => json.errors !== undefined);
    expect(new Set(refused.map((answer) => firstError(answer)?.reason))).toEqual(new Set(['MESSAGE_RATE']));
    expect((await say(other, 'Hello')).json.data).toBeDefined();
    const [kept] = await app.database
      .as('system')
      .sql(
        `SELECT (SELECT count(*)::int FROM messages WHERE channel_id = $1) AS messages, (SELECT head::int FROM streams WHERE id = $2) AS events`,
        [stage.channelId, `channel:${stage.channelId}`],
      );
    expect(kept).toEqual({ messages: 101, events: 101 });
  });

  it('lets nobody guess join codes for long, and those in who have one', async () => {
    const { session } = await setStage(app.url);
    const { api: guesser } = await registerAccount(app.url, 'Guesser');
    const guess = 'query ($code: String!) { sessionByCode(code: $code) { id } }';
    const answers: Answer[] = [];
    for (let n = 0; n < 70; n += 1) answers.push(await ask(guesser, guess, { code: 'AAAA-AAAA' }));
    expect(answers.slice(0, 60).every(({ json }) => json.data?.sessionByCode === null)).toBe(true);
    expect(firstError(answers.at(-1)!)).toMatchObject({ code: 'RATE_LIMITED', reason: 'TOO_MANY_GUESSES' });
    expect(firstError(answers.at(-1)!)?.retryAfterMs).toBeLessThanOrEqual(10_000);
    expect(firstError(await ask(guesser, guess, { code: session.code }))).toMatchObject({ reason: 'TOO_MANY_GUESSES' });
    for (let n = 0; n < 5; n += 1) expect((await joinSession(app.url, session.code)).attendee.id).toBeDefined();
  });

  describe('with an administrator', () => {
    let admin: Account;
    beforeAll(async () => {
      admin = await registerAccount(app.url, 'Root');
      await app.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [admin.user.id]);
    });

    it('keeps somebody out on every transport and instance, until it is taken back', async () => {
      const other = APP_BACKENDS === 'postgres-redis' ? await app.another() : app;
      const { api, user } = await registerAccount(app.url, 'Nuisance');
      const closes: number[] = [];
      const client = createClient({
        url: `${other.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        lazy: false,
        retryAttempts: 0,
        connectionParams: { authorization: `Bearer ${api.token}` },
        onNonLazyError: () => undefined,
        on: { closed: (event) => closes.push((event as { code: number }).code) },
      });
      closeAfterTest(() => client.dispose());
      await waitFor(async () => (await ask(new ApiClient(other.url, api.token), '{ viewer { user { id } } }')).status === 200);

      const input = { kind: 'USER', value: user.id, minutes: 10, reason: 'Too loud' };
      const made = await ask(admin.api, BLOCK, { input });
      const { block } = made.json.data?.block as { block: { id: string } };
      await waitFor(() => closes.includes(1013), { what: 'the socket on the other instance to close' });
      const refused = await ask(new ApiClient(other.url, api.token), '{ viewer { user { id } } }');
      expect({ status: refused.status, reason: firstError(refused)?.reason }).toEqual({ status: 429, reason: 'BLOCKED' });

      const list = await ask(admin.api, '{ blocks { edges { node { id kind value reason step } } } }');
      expect(list.json.data).toEqual({
        blocks: { edges: [{ node: { id: block.id, kind: 'USER', value: user.id, reason: 'Too loud', step: 0 } }] },
      });
      await ask(admin.api, UNBLOCK, { input: { id: block.id } });
      await waitFor(async () => (await ask(new ApiClient(other.url, api.token), '{ viewer { user { id } } }')).status === 200);
    });

    it('tells nobody else of it', async () => {
      const { api } = await registerAccount(app.url, 'Curious');
      const input = { kind: 'ADDRESS', value: '192.0.2.1', minutes: 1, reason: 'x' };
      for (const [caller, code] of [[api, 'NOT_FOUND'] as const, [api.as(null), 'UNAUTHENTICATED'] as const]) {
        expect(firstError(await ask(caller, '{ blocks { edges { node { id } } } }'))?.code).toBe(code);
        expect(firstError(await ask(caller, BLOCK, { input }))?.code).toBe(code);
      }
    });
  });
});
