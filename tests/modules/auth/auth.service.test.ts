import type { RateDecision, RateLimiter, RateRule } from '../../../src/realtime/rate-limiter';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SignIn } from '../../../src/modules/auth';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
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
    const standing = { limit: rule.points, remaining: Math.max(0, rule.points - used), resetMs: rule.windowMs };
    if (used > rule.points) return Promise.resolve({ allowed: false, ...standing, retryAfterMs: rule.windowMs });
    this.used.set(`${rule.name}:${key}`, used);
    return Promise.resolve({ allowed: true, ...standing });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
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
  const register = (email = newEmail()): Promise<SignIn> =>
    rooms.auth.register({ email, password: PASSWORD, displayName: ' Ada ' }, by(ANONYMOUS, email));
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
      const signIn = await rooms.auth.login({ email: user.email!.toUpperCase(), password: PASSWORD }, by());
      expect(signIn.user.id).toBe(user.id);
      expect(await authenticate(signIn.accessToken)).toMatchObject({ kind: 'user', userId: user.id });
    });

    it('answers a wrong password and an unknown address alike', async () => {
      const { user } = await register();
      const answers = await Promise.allSettled([
        rooms.auth.login({ email: user.email!, password: 'wrong password' }, by()),
        rooms.auth.login({ email: newEmail(), password: PASSWORD }, by()),
      ]);
      const [wrong, unknown] = answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason) : 'signed in'));
      expect(wrong).toBe(unknown);
      expect(answers[0]).toMatchObject({ reason: refused('UNAUTHENTICATED', 'INVALID_CREDENTIALS') });
    });

    it('counts attempts per account, not per request, and refuses the eleventh even with the right password', async () => {
      const { user } = await register();
      const attempts = Array.from({ length: 10 }, () => rooms.auth.login({ email: user.email!, password: 'wrong password' }, by()));
      await Promise.allSettled(attempts);
      await expect(rooms.auth.login({ email: user.email!.toUpperCase(), password: PASSWORD }, by())).rejects.toMatchObject({
        ...refused('RATE_LIMITED', 'TOO_MANY_ATTEMPTS'),
        details: { retryAfterMs: 15 * 60_000 },
      });
    });
  });

  describe('refresh', () => {
    it('spends the token for new ones that work', async () => {
      const first = await register();
      const second = await rooms.auth.refresh(first.refreshToken, by());
      expect(second.user.id).toBe(first.user.id);
      expect(second.refreshToken).not.toBe(first.refreshToken);
      expect(await authenticate(second.accessToken)).toMatchObject({ userId: first.user.id });
      await expect(rooms.auth.refresh(second.refreshToken, by())).resolves.toBeDefined();
    });

    it('ends the whole sign-in when a spent token comes again', async () => {
      const first = await register();
      const second = await rooms.auth.refresh(first.refreshToken, by());
      await expect(rooms.auth.refresh(first.refreshToken, by())).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED'));
      await expect(rooms.auth.refresh(second.refreshToken, by())).rejects.toMatchObject(
        refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'),
      );
      await expect(authenticate(second.accessToken)).rejects.toMatchObject(revoked);
    });

    it('has one winner when a token is spent many times at once, and leaves nobody signed in', async () => {
      const { refreshToken } = await register();
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => rooms.auth.refresh(refreshToken, by())));
      const [winner, ...others] = results.filter((result) => result.status === 'fulfilled');
      expect(others).toEqual([]);
      await expect(authenticate(winner?.value.accessToken ?? '')).rejects.toMatchObject(revoked);
    });

    it('refuses a token that was never given out, and one past its time', async () => {
      const { user, refreshToken } = await register();
      await expect(rooms.auth.refresh('nonsense', by())).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
      await rooms.kernel.database.sql(`UPDATE refresh_tokens SET expires_at = now() WHERE user_id = $1`, [user.id]);
      await expect(rooms.auth.refresh(refreshToken, by())).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
    });
  });

  describe('logout', () => {
    it('requires a user', async () => {
      await expect(rooms.auth.logout(by())).rejects.toMatchObject(refused('UNAUTHENTICATED', 'SIGN_IN_REQUIRED'));
    });

    it('ends this sign-in at once and no other', async () => {
      const here = await register();
      const there = await rooms.auth.login({ email: here.user.email!, password: PASSWORD }, by());
      await rooms.auth.logout(by(await authenticate(here.accessToken)));
      await expect(authenticate(here.accessToken)).rejects.toMatchObject(revoked);
      await expect(rooms.auth.refresh(here.refreshToken, by())).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
      await expect(authenticate(there.accessToken)).resolves.toMatchObject({ userId: here.user.id });
    });
  });

  describe('attempts', () => {
    const wrong = (email: string, address: string) =>
      rooms.auth.login({ email, password: 'wrong password' }, by(ANONYMOUS, address)).catch((error: { reason: string }) => error.reason);

    it('count per address too, over all accounts, known or not', async () => {
      const address = '198.51.100.7';
      const answers = await Promise.all(Array.from({ length: 105 }, () => wrong(newEmail(), address)));
      expect(answers.filter((answer) => answer === 'INVALID_CREDENTIALS')).toHaveLength(100);
      expect(answers.filter((answer) => answer === 'TOO_MANY_ATTEMPTS')).toHaveLength(5);
      expect(await wrong(newEmail(), '198.51.100.8')).toBe('INVALID_CREDENTIALS');
    });

    it('that are refused take nothing from the account', async () => {
      const { user } = await register();
      await Promise.all(Array.from({ length: 101 }, () => wrong(newEmail(), '198.51.100.9')));
      await Promise.all(Array.from({ length: 20 }, () => wrong(user.email!, '198.51.100.9')));
      await expect(rooms.auth.login({ email: user.email!, password: PASSWORD }, by(ANONYMOUS, '198.51.100.10'))).resolves.toBeDefined();
    });

    it('are recorded, right or wrong, without what was tried', async () => {
      const { user } = await register();
      await wrong(user.email!, '203.0.113.5');
      await rooms.auth.login({ email: user.email!, password: PASSWORD }, by(ANONYMOUS, '203.0.113.5'));
      const entries = await rooms.kernel.database.sql<{ action: string; address: string; row: string }>(
        `SELECT action, address, entry::text AS row FROM audit_entries entry WHERE target_id = $1 AND action LIKE 'sign_in.%' ORDER BY id`,
        [user.id],
      );
      expect(entries).toMatchObject([{ action: 'sign_in.failed', address: '203.0.113.5' }, { action: 'sign_in.succeeded' }]);
      expect(JSON.stringify(entries)).not.toMatch(/wrong password|battery|argon2/);
    });

    it('take as long for an unknown address as for a known one', async () => {
      const known = await Promise.all(Array.from({ length: 4 }, () => register()));
      const times = { known: [] as number[], unknown: [] as number[] };
      for (let round = 0; round < 32; round += 1) {
        const which = round % 2 === 0 ? 'known' : 'unknown';
        const email = which === 'known' ? known[(round / 2) % known.length]!.user.email! : newEmail();
        // Of the processor: what else the machine does must not count.
        const before = process.cpuUsage();
        await wrong(email, `203.0.113.${100 + round}`);
        const { user, system } = process.cpuUsage(before);
        times[which].push(user + system);
      }
      const [slow, fast] = [median(times.known), median(times.unknown)].sort((a, b) => b - a);
      // Without the decoy it would be the whole hash: twenty times as long.
      expect(slow! / fast!).toBeLessThan(1.5);
    });
  });

  describe('changePassword', () => {
    const change = async (signIn: SignIn, input: { currentPassword: string | null; newPassword: string }) =>
      rooms.auth.changePassword(input, by(await authenticate(signIn.accessToken)));
    const NEW = 'another horse battery';

    it('ends every other sign-in, keeps this one, and the old password is over', async () => {
      const here = await register();
      const email = here.user.email!;
      const there = await rooms.auth.login({ email, password: PASSWORD }, by());
      await change(here, { currentPassword: PASSWORD, newPassword: NEW });
      await expect(authenticate(here.accessToken)).resolves.toMatchObject({ userId: here.user.id });
      await expect(authenticate(there.accessToken)).rejects.toMatchObject(revoked);
      await expect(rooms.auth.login({ email, password: PASSWORD }, by())).rejects.toMatchObject({ reason: 'INVALID_CREDENTIALS' });
      await expect(rooms.auth.login({ email, password: NEW }, by())).resolves.toBeDefined();
    });

    it('takes the password in use, and tries of it count as those of login', async () => {
      const here = await register();
      for (const currentPassword of ['wrong password', null]) {
        await expect(change(here, { currentPassword, newPassword: NEW })).rejects.toMatchObject({ reason: 'INVALID_CREDENTIALS' });
      }
      const tries = Array.from({ length: 10 }, () => change(here, { currentPassword: 'wrong', newPassword: NEW }));
      const outcomes = await Promise.allSettled(tries);
      expect(
        outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { reason: string }).reason : 'changed')),
      ).toEqual(expect.arrayContaining(['INVALID_CREDENTIALS', 'TOO_MANY_ATTEMPTS']));
      await expect(rooms.auth.login({ email: here.user.email!, password: PASSWORD }, by())).rejects.toMatchObject({
        reason: 'TOO_MANY_ATTEMPTS',
      });
    });

    it('has one winner when two change it at once', async () => {
      const here = await register();
      const results = await Promise.allSettled(
        ['first new password', 'second new password'].map((newPassword) => change(here, { currentPassword: PASSWORD, newPassword })),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('sets a first password only soon after signing in', async () => {
      const here = await register();
      await rooms.kernel.database.sql(`UPDATE users SET password_hash = NULL WHERE id = $1`, [here.user.id]);
      await rooms.kernel.database.sql(`UPDATE refresh_tokens SET created_at = now() - interval '11 minutes' WHERE user_id = $1`, [
        here.user.id,
      ]);
      const input = { currentPassword: null, newPassword: NEW };
      await expect(change(here, input)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'NO_PASSWORD'));
      await rooms.kernel.database.sql(`UPDATE refresh_tokens SET created_at = now() WHERE user_id = $1`, [here.user.id]);
      await change(here, input);
      await expect(rooms.auth.login({ email: here.user.email!, password: NEW }, by())).resolves.toBeDefined();
    });

    it('is not for an API key', async () => {
      const here = await register();
      const viewer = await authenticate(here.accessToken);
      if (viewer.kind !== 'user') throw new Error('not a user');
      const key = { id: 'key_1', organizationId: 'org_1', scopes: [] };
      const changing = rooms.auth.changePassword({ currentPassword: PASSWORD, newPassword: NEW }, by({ ...viewer, key }));
      await expect(changing).rejects.toMatchObject(refused('FORBIDDEN', 'PERSON_REQUIRED'));
    });
  });

  describe('logoutEverywhere', () => {
    it('ends every sign-in of this user and of nobody else', async () => {
      const here = await register();
      const there = await rooms.auth.login({ email: here.user.email!, password: PASSWORD }, by());
      const somebody = await register();
      await rooms.auth.logoutEverywhere(by(await authenticate(there.accessToken)));
      for (const { accessToken, refreshToken } of [here, there]) {
        await expect(authenticate(accessToken)).rejects.toMatchObject(revoked);
        await expect(rooms.auth.refresh(refreshToken, by())).rejects.toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
      }
      await expect(authenticate(somebody.accessToken)).resolves.toBeDefined();
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
      const { token } = rooms.tokens.issueAttendee({ attendeeId: 'att_1', sessionId: 'ses_1', userId: null });
      expect(await rooms.auth.authenticate(`bearer ${token}`)).toMatchObject({ kind: 'guest', attendeeId: 'att_1', sessionId: 'ses_1' });
    });

    it('refuses a sign-in that is not stored', async () => {
      const { user } = await register();
      const { token } = rooms.tokens.issueAccess({ userId: user.id, familyId: 'unknown' });
      await expect(authenticate(token)).rejects.toMatchObject(revoked);
    });
  });
});
