import { ApiClient } from '../support/api-client';
import type { Carrier, Follower } from '../support/api-client';
import { PASSWORD, registerAccount, setStage } from '../support/factories/stage';
import type { Account, Stage } from '../support/factories/stage';
import {
  ApiKeysDocument,
  ChangePasswordDocument,
  CreateApiKeyDocument,
  JoinSessionDocument,
  LoginDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  OnChannelEventsDocument,
  RefreshTokensDocument,
  ReinstateUserDocument,
  RemoveAttendeeDocument,
  RenewAttendeeTokenDocument,
  RenewConnectionDocument,
  RevokeApiKeyDocument,
  SendMessageDocument,
  SessionDocument,
  SuspendUserDocument,
  ViewerDocument,
} from '../support/generated/graphql';
import type { ApiKeyScope, OnChannelEventsSubscription } from '../support/generated/graphql';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

/** Two embedded instances have no bus between them: there the head check tells. */
const LATENESS_MS = APP_BACKENDS === 'embedded' ? 2_200 : 1_000;

type Following = Follower<OnChannelEventsSubscription>;

describe('access that ends', () => {
  let apps: [TestApp, TestApp];
  let stage: Stage;
  let admin: Account;
  const clients: ApiClient[] = [];

  beforeAll(async () => {
    const first = await startTestApp();
    apps = [first, await first.another()];
    stage = await setStage(apps[0].url);
    admin = await registerAccount(apps[0].url, 'Grace');
    await first.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [admin.user.id]);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await waitFor(() => apps.every(({ app }) => app.fanOutStats().subscribers === 0), { what: 'every subscription ended' });
  });
  afterAll(() => apps[0].close());

  /** On the other instance. */
  function there(token: string | null, carrier: Carrier = 'ws'): ApiClient {
    const client = new ApiClient(apps[1].url, token, carrier);
    clients.push(client);
    return client;
  }

  async function follow(client: ApiClient): Promise<Following> {
    const follower = client.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    await waitFor(() => follower.received.length + follower.errors.length > 0, { what: 'the opening' });
    expect(follower.errors).toEqual([]);
    return follower;
  }

  /** A user who attends, and another sign-in of the same user. */
  async function attendingUser(): Promise<Account> {
    const account = await registerAccount(apps[0].url, 'Ada');
    await account.api.run(JoinSessionDocument, { input: { code: stage.session.code } });
    return account;
  }

  async function createKey(scopes: ApiKeyScope[] = ['MESSAGES_READ', 'SESSIONS_READ']) {
    const { viewer } = await stage.host.api.run(ApiKeysDocument, {});
    const organizationId = viewer?.organizations[0]?.id ?? '';
    const input = { organizationId, name: 'Bot', scopes };
    return (await stage.host.api.run(CreateApiKeyDocument, { input })).createApiKey;
  }

  const send = (body = 'Hello'): Promise<unknown> =>
    stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body } });

  /** Ends at once what `ended` follows, and nothing of what `other` does. Answers how it ended. */
  async function expectOnly(ended: Following, other: Following, end: () => Promise<unknown>): Promise<{ code: number | null }> {
    await send();
    await waitFor(() => [ended, other].every(({ received }) => received.length >= 2), { what: 'a message for both' });
    await end();
    const startedAt = performance.now();
    const how = await ended.ended;
    expect(performance.now() - startedAt).toBeLessThan(LATENESS_MS);
    const [got, gotByOther] = [ended.received.length, other.received.length];
    await send();
    await waitFor(() => other.received.length > gotByOther, { what: 'the other to go on' });
    expect(ended.received).toHaveLength(got);
    return how;
  }

  const CARRIERS = ['ws', 'sse', 'sse-single'] as const;
  /** All at once: each has people of its own. */
  const overEach = (work: (carrier: Carrier) => Promise<void>) => async (): Promise<void> => void (await Promise.all(CARRIERS.map(work)));

  it(
    'by logout takes what that sign-in follows on another instance, and no other sign-in of the user, over any carrier',
    overEach(async (carrier) => {
      const account = await attendingUser();
      const { login } = await new ApiClient(apps[0].url).run(LoginDocument, { input: { email: account.email, password: PASSWORD } });
      const [ended, other] = [await follow(there(account.api.token, carrier)), await follow(there(login.accessToken, carrier))];
      const { code } = await expectOnly(ended, other, () => account.api.run(LogoutDocument, {}));
      expect(carrier === 'ws' ? code : ended.errors[0]?.extensions.reason).toBe(carrier === 'ws' ? 4403 : 'TOKEN_REVOKED');
      expect(await there(account.api.token).refused(ViewerDocument, {})).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_REVOKED' });
    }),
  );

  it(
    'by a change of the password takes what other sign-ins follow, and not what this one does, over any carrier',
    overEach(async (carrier) => {
      const account = await attendingUser();
      const { login } = await new ApiClient(apps[0].url).run(LoginDocument, { input: { email: account.email, password: PASSWORD } });
      const [ended, other] = [await follow(there(login.accessToken, carrier)), await follow(there(account.api.token, carrier))];
      const input = { currentPassword: PASSWORD, newPassword: 'another horse battery' };
      await expectOnly(ended, other, () => account.api.run(ChangePasswordDocument, { input }));
      expect(await there(login.accessToken).refused(ViewerDocument, {})).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_REVOKED' });
    }),
  );

  it(
    'by logging out everywhere takes what every sign-in of the user follows, and nobody else, over any carrier',
    overEach(async (carrier) => {
      const account = await attendingUser();
      const guest = await stage.join('Guest');
      const { login } = await new ApiClient(apps[0].url).run(LoginDocument, { input: { email: account.email, password: PASSWORD } });
      const own = await follow(there(account.api.token, carrier));
      const [ended, other] = [await follow(there(login.accessToken, carrier)), await follow(there(guest.api.token, carrier))];
      await expectOnly(ended, other, () => account.api.run(LogoutEverywhereDocument, {}));
      await own.ended;
    }),
  );

  it(
    'by suspension takes all that the account follows, its attendee token too, and nobody else, over any carrier',
    overEach(async (carrier) => {
      const account = await attendingUser();
      const { joinSession } = await account.api.run(JoinSessionDocument, { input: { code: stage.session.code } });
      const guest = await stage.join('Guest');
      const other = await follow(there(guest.api.token, carrier));
      const [ended, asAttendee] = [await follow(there(account.api.token, carrier)), await follow(there(joinSession.token, carrier))];
      await expectOnly(ended, other, () => admin.api.run(SuspendUserDocument, { userId: account.user.id }));
      await asAttendee.ended;
      const suspended = { code: 'UNAUTHENTICATED', reason: 'ACCOUNT_SUSPENDED' };
      expect(await there(account.api.token).refused(ViewerDocument, {})).toEqual(suspended);
      expect(await there(joinSession.token).refused(SessionDocument, { id: stage.session.id })).toEqual(suspended);
      const anyone = there(null);
      const login = { input: { email: account.email, password: PASSWORD } };
      expect(await anyone.refused(LoginDocument, login)).toEqual(suspended);
      expect(await anyone.refused(RefreshTokensDocument, { input: { refreshToken: account.refreshToken } })).toEqual(suspended);

      await admin.api.run(ReinstateUserDocument, { userId: account.user.id });
      expect((await there(account.api.token).run(ViewerDocument, {})).viewer?.user.id).toBe(account.user.id);
    }),
  );

  it(
    'by revocation of a key takes what the key follows, and not what its maker does, over any carrier',
    overEach(async (carrier) => {
      const { apiKey, secret } = await createKey();
      const [ended, other] = [await follow(there(secret, carrier)), await follow(there(stage.host.api.token, carrier))];
      await expectOnly(ended, other, () => stage.host.api.run(RevokeApiKeyDocument, { apiKeyId: apiKey.id }));
      expect(await there(secret).refused(SessionDocument, { id: stage.session.id })).toEqual({
        code: 'UNAUTHENTICATED',
        reason: 'TOKEN_INVALID',
      });
    }),
  );

  it('lets a socket that is refused come again with another token', async () => {
    const account = await attendingUser();
    const ended = await follow(there(account.api.token));
    await account.api.run(LogoutDocument, {});
    expect(await ended.ended).toEqual({ code: 4403 });
    const { login } = await new ApiClient(apps[1].url).run(LoginDocument, { input: { email: account.email, password: PASSWORD } });
    await follow(there(login.accessToken));
  });

  describe('a key', () => {
    const lacks = { code: 'FORBIDDEN', reason: 'API_KEY_SCOPE' };

    it('does what its scopes say, on every transport, and is refused the rest', async () => {
      const { secret } = await createKey(['SESSIONS_READ']);
      const bot = there(secret);
      expect(await bot.refused(SessionDocument, { id: stage.session.id })).toEqual(lacks);
      const { status, json } = await bot.post({
        query: 'query ($id: ID!) { session(id: $id) { id title } }',
        variables: { id: stage.session.id },
      });
      expect([status, json]).toEqual([200, { data: { session: { id: stage.session.id, title: 'All hands' } } }]);
      for (const carrier of CARRIERS) {
        const refused = there(secret, carrier).follow(OnChannelEventsDocument, { channelId: stage.channelId });
        await refused.ended;
        expect(refused.errors[0]?.extensions).toMatchObject(lacks);
      }
      expect(await bot.refused(SendMessageDocument, { input: { channelId: stage.channelId, body: 'no' } })).toEqual(lacks);
      expect(await bot.refused(ViewerDocument, {})).toEqual(lacks);
      expect(await bot.refused(LogoutDocument, {})).toEqual(lacks);
      expect(await bot.refused(JoinSessionDocument, { input: { code: stage.session.code } })).toEqual(lacks);
      expect(await bot.refused(RevokeApiKeyDocument, { apiKeyId: 'key' })).toEqual(lacks);
    });
  });

  describe('an attendee token', () => {
    it('is renewed by its bearer, and the fresher one goes on on the open socket', async () => {
      const guest = await stage.join('Renewing');
      const client = there(guest.api.token);
      const follower = await follow(client);
      const { renewAttendeeToken } = await guest.api.run(RenewAttendeeTokenDocument, {});
      expect(renewAttendeeToken.attendee.id).toBe(guest.attendee.id);
      const renewal = client.follow(RenewConnectionDocument, { accessToken: renewAttendeeToken.token });
      await renewal.ended;
      expect(renewal.received).toEqual([{ renewConnection: { expiresAt: renewAttendeeToken.expiresAt } }]);
      await send();
      await waitFor(() => follower.received.length === 2, { what: 'the subscription to go on' });
    });

    it('is not renewed for whoever was removed, and the refusal is on record', async () => {
      const guest = await stage.join('Removed');
      await stage.host.api.run(RemoveAttendeeDocument, { input: { attendeeId: guest.attendee.id } });
      expect(await guest.api.refused(RenewAttendeeTokenDocument, {})).toEqual({ code: 'FORBIDDEN', reason: 'ATTENDEE_REMOVED' });
      const entries = await apps[0].database.sql('SELECT action, details FROM audit_entries WHERE target_id = $1', [guest.attendee.id]);
      const sessionId = stage.session.id;
      expect(new Set(entries)).toEqual(
        new Set([
          { action: 'attendee.removed', details: { sessionId } },
          { action: 'attendee.renewal_refused', details: { sessionId, reason: 'ATTENDEE_REMOVED' } },
        ]),
      );
    });

    it('is for attendees, and not for users', async () => {
      expect(await stage.host.api.refused(RenewAttendeeTokenDocument, {})).toEqual({ code: 'FORBIDDEN', reason: 'ATTENDEE_TOKEN_NEEDED' });
    });
  });

  describe('renewing a connection', () => {
    const renewed = (client: ApiClient, accessToken: string) => client.follow(RenewConnectionDocument, { accessToken });

    it('takes a fresher token of the same sign-in', async () => {
      const account = await attendingUser();
      const client = there(account.api.token);
      const follower = await follow(client);
      const { refreshTokens } = await account.api.run(RefreshTokensDocument, { input: { refreshToken: account.refreshToken } });
      const renewal = renewed(client, refreshTokens.accessToken);
      await renewal.ended;
      expect(renewal.received).toHaveLength(1);
      await send();
      await waitFor(() => follower.received.length === 2, { what: 'the subscription to go on' });
    });

    it.each([
      ['of another user', async () => (await registerAccount(apps[0].url)).api.token ?? '', 'NOT_YOUR_CONNECTION'],
      [
        'of another sign-in of the same user',
        async (email: string) =>
          (await new ApiClient(apps[0].url).run(LoginDocument, { input: { email, password: PASSWORD } })).login.accessToken,
        'NOT_YOUR_CONNECTION',
      ],
      ['of an attendee', async () => (await stage.join()).api.token ?? '', 'NOT_YOUR_CONNECTION'],
      ['that is a key', async () => (await createKey()).secret, 'TOKEN_INVALID'],
      ['that is none', () => Promise.resolve('nonsense'), 'TOKEN_INVALID'],
    ])('refuses a token %s, and closes the socket 4403', async (_, tokenFor, reason) => {
      const account = await attendingUser();
      const client = there(account.api.token);
      const follower = await follow(client);
      const renewal = renewed(client, await tokenFor(account.email));
      expect(await follower.ended).toEqual({ code: 4403 });
      expect(renewal.errors[0]?.extensions.reason).toBe(reason);
    });

    it('needs a socket', async () => {
      const token = stage.host.api.token ?? '';
      const needed = { code: 'FAILED_PRECONDITION', reason: 'CONNECTION_NEEDED' };
      expect(await stage.host.api.refused(RenewConnectionDocument, { accessToken: token })).toEqual(needed);
      const streamed = renewed(there(token, 'sse'), token);
      await streamed.ended;
      expect(streamed.errors[0]?.extensions).toMatchObject(needed);
    });
  });
});
