import type { RateDecision, RateLimiter, RateRule } from '../../../src/realtime/rate-limiter';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SignIn } from '../../../src/modules/auth';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { createRooms } from '../rooms';

const PASSWORD = 'correct horse battery';

/** Counts in this process, for ever: enough to see which attempts are counted, and under which key. */
class CountingLimiter implements RateLimiter {
  readonly kind = 'memory';
  private readonly used = new Map<string, number>();

  consume(rule: RateRule, key: string, cost = 1): Promise<RateDecision> {
    const used = (this.used.get(`${rule.name}:${key}`) ?? 0) + cost;
    if (used > rule.points) return Promise.resolve({ allowed: false, retryAfterMs: rule.windowMs });
    this.used.set(`${rule.name}:${key}`, used);
    return Promise.resolve({ allowed: true });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe.each(testBackends())('auth on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let people = 0;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database, { rateLimiter: new CountingLimiter() });
  });
  afterAll(async () => {
    await rooms.kernel.close();
    await opened.drop();
  });

  const newEmail = (): string => `person-${(people += 1)}@example.org`;
  const register = (email = newEmail()): Promise<SignIn> => rooms.auth.register({ email, password: PASSWORD, displayName: ' Ada ' }, email);
  const authenticate = (token: string) => rooms.auth.authenticate(`Bearer ${token}`);
  const revoked = refused('UNAUTHENTICATED', 'TOKEN_REVOKED');

  describe('register', () => {
    it('makes an account with a personal organization, signed in', async () => {
      const { user, accessToken } = await register();
      expect(user.displayName).toBe('Ada');
      expect(await authenticate(accessToken)).toMatchObject({ kind: 'user', userId: user.id });
      expect(await rooms.organizations.listOf(user.id)).toEqual([expect.objectContaining({ name: 'Ada', plan: 'FREE' })]);
    });

    it('gives an address to one account, however it is written and however many ask at once', async () => {
      const email = newEmail();
      const results = await Promise.allSettled([email, email.toUpperCase(), `  ${email} `, email].map(register));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject(refused('CONFLICT', 'EMAIL_TAKEN'));
      }
    });

    it('stores neither password nor token', async () => {
      const { user, refreshToken } = await register();
      const stored = await rooms.kernel.database.sql<{ row: string }>(
        `SELECT users::text || tokens::text AS row FROM users JOIN refresh_tokens tokens ON tokens.user_id = users.id WHERE users.id = $1`,
        [user.id],
      );
      expect(stored).toHaveLength(1);
      expect(stored[0]?.row).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
      expect(stored[0]?.row).not.toContain(PASSWORD);
      expect(stored[0]?.row).not.toContain(refreshToken);
    });
  });

  describe('login', () => {
    it('signs in with the right password, whatever the case of the address', async () => {
      const { user } = await register();
      const signIn = await rooms.auth.login({ email: user.email.toUpperCase(), password: PASSWORD });
      expect(signIn.user.id).toBe(user.id);
      expect(await authenticate(signIn.accessToken)).toMatchObject({ kind: 'user', userId: user.id });
    });

    it('answers a wrong password and an unknown address alike', async () => {
      const { user } = await register();
      const answers = await Promise.allSettled([
        rooms.auth.login({ email: user.email, password: 'wrong password' }),
        rooms.auth.login({ email: newEmail(), password: PASSWORD }),
      ]);
      const [wrong, unknown] = answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason) : 'signed in'));
      expect(wrong).toBe(unknown);
      expect(answers[0]).toMatchObject({ reason: refused('UNAUTHENTICATED', 'INVALID_CREDENTIALS') });
    });

    it('counts attempts per account, not per request, and refuses the eleventh even with the right password', async () => {
      const { user } = await register();
      const attempts = Array.from({ length: 10 }, () => rooms.auth.login({ email: user.email, password: 'wrong password' }));
      await Promise.allSettled(attempts);
      await expect(rooms.auth.login({ email: user.email.toUpperCase(), password: PASSWORD })).rejects.toMatchObject({
        ...refused('RATE_LIMITED', 'TOO_MANY_ATTEMPTS'),
        details: { retryAfterMs: 15 * 60_000 },
      });
    });
  });

  describe('refresh', () => {
    it('spends the token for new ones that work', async () => {
      const first = await register();
      const second = await rooms.auth.refresh(first.refreshToken);
      expect(second.user.id).toBe(first.user.id);
      expect(second.refreshToken).not.toBe(first.refreshToken);
      expect(await authenticate(second.accessToken)).toMatchObject({ userId: first.user.id });
      await expect(rooms.auth.refresh(second.refreshToken)).resolves.toBeDefined();
    });

    it('ends the whole sign-in when a spent token comes again', async () => {
      const first = await register();
      const second = await rooms.auth.refresh(first.refreshToken);
      await expect(rooms.auth.refresh(first.refreshToken)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED'));
      await expect(rooms.auth.refresh(second.refreshToken)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
      await expect(authenticate(second.accessToken)).rejects.toMatchObject(revoked);
    });

    it('has one winner when a token is spent many times at once, and leaves nobody signed in', async () => {
      const { refreshToken } = await register();
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => rooms.auth.refresh(refreshToken)));
      const [winner, ...others] = results.filter((result) => result.status === 'fulfilled');
      expect(others).toEqual([]);
      await expect(authenticate(winner?.value.accessToken ?? '')).rejects.toMatchObject(revoked);
    });

    it('refuses a token that was never given out, and one past its time', async () => {
      const { user, refreshToken } = await register();
      await expect(rooms.auth.refresh('nonsense')).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
      await rooms.kernel.database.sql(`UPDATE refresh_tokens SET expires_at = now() WHERE user_id = $1`, [user.id]);
      await expect(rooms.auth.refresh(refreshToken)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
    });
  });

  describe('logout', () => {
    it('requires a user', async () => {
      await expect(rooms.auth.logout(ANONYMOUS)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'SIGN_IN_REQUIRED'));
    });

    it('ends this sign-in at once and no other', async () => {
      const here = await register();
      const there = await rooms.auth.login({ email: here.user.email, password: PASSWORD });
      await rooms.auth.logout(await authenticate(here.accessToken));
      await expect(authenticate(here.accessToken)).rejects.toMatchObject(revoked);
      await expect(rooms.auth.refresh(here.refreshToken)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
      await expect(authenticate(there.accessToken)).resolves.toMatchObject({ userId: here.user.id });
    });
  });

  describe('authenticate', () => {
    it('takes nothing for nobody', async () => {
      expect(await rooms.auth.authenticate(null)).toEqual(ANONYMOUS);
    });

    it.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'garbage'])('refuses %p', async (header) => {
      await expect(rooms.auth.authenticate(header)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'TOKEN_INVALID'));
    });

    it('knows an attendee by the token alone', async () => {
      const { token } = rooms.tokens.issueAttendee({ attendeeId: 'att_1', sessionId: 'ses_1' });
      expect(await rooms.auth.authenticate(`bearer ${token}`)).toMatchObject({ kind: 'guest', attendeeId: 'att_1', sessionId: 'ses_1' });
    });

    it('refuses a sign-in that is not stored', async () => {
      const { user } = await register();
      const { token } = rooms.tokens.issueAccess({ userId: user.id, familyId: 'unknown' });
      await expect(authenticate(token)).rejects.toMatchObject(revoked);
    });
  });
});
