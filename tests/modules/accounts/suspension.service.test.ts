import { ANONYMOUS } from '../../../src/lib/viewer';
import type { Actor } from '../../../src/lib/actor';
import type { Viewer } from '../../../src/lib/viewer';
import type { SignIn } from '../../../src/modules/auth';
import { RefreshTokenRepository } from '../../../src/modules/auth/refresh-token.repository';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { by } from '../by';
import { createRooms } from '../rooms';

const NOBODY = by(ANONYMOUS);
const PASSWORD = 'correct horse battery';
const suspended = refused('UNAUTHENTICATED', 'ACCOUNT_SUSPENDED');

describe.each(testBackends())('suspension and the end of all sign-ins on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let admin: Actor;
  let people = 0;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
    const { userId } = await rooms.user('Grace');
    await opened.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [userId]);
    admin = actorOf({ kind: 'user', userId, familyId: 'none', expiresAt: new Date() });
  });
  afterAll(async () => {
    await rooms.kernel.close();
    await opened.drop();
  });

  const actorOf = (viewer: Viewer): Actor => ({ viewer, address: '127.0.0.1', requestId: 'request' });
  const register = (): Promise<SignIn> => {
    const email = `suspended-${(people += 1)}@example.org`;
    return rooms.auth.register({ email, password: PASSWORD, displayName: 'Ada' }, NOBODY);
  };
  const authenticate = (token: string): Promise<Viewer> => rooms.auth.authenticate(`Bearer ${token}`);
  const login = ({ user }: SignIn, password = PASSWORD): Promise<SignIn> => rooms.auth.login({ email: user.email!, password }, NOBODY);

  it('closes every way in, and says why only to who has proved who they are', async () => {
    const signIn = await register();
    const place = rooms.tokens.issueAttendee({ attendeeId: 'att_1', sessionId: 'ses_1', userId: signIn.user.id });
    await rooms.suspensions.suspend(admin, signIn.user.id, 'ABUSE');

    await expect(authenticate(signIn.accessToken)).rejects.toMatchObject(suspended);
    await expect(authenticate(place.token)).rejects.toMatchObject(suspended);
    await expect(rooms.auth.refresh(signIn.refreshToken, NOBODY)).rejects.toMatchObject(suspended);
    await expect(login(signIn)).rejects.toMatchObject(suspended);
    await expect(login(signIn, 'wrong password')).rejects.toMatchObject(refused('UNAUTHENTICATED', 'INVALID_CREDENTIALS'));
    await expect(rooms.auth.refresh('nonsense', NOBODY)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
  });

  it('opens what was open when the account is reinstated', async () => {
    const signIn = await register();
    await rooms.suspensions.suspend(admin, signIn.user.id, 'OTHER');
    expect(await rooms.suspensions.reinstate(admin, signIn.user.id)).toMatchObject({ suspendedAt: null });
    expect(await authenticate(signIn.accessToken)).toMatchObject({ userId: signIn.user.id });
    await expect(rooms.auth.refresh(signIn.refreshToken, NOBODY)).resolves.toBeDefined();
  });

  it('keeps the time of the first suspension, and leaves a line in the audit log for each', async () => {
    const { user } = await register();
    const first = await rooms.suspensions.suspend(admin, user.id, 'LEGAL');
    expect(await rooms.suspensions.suspend(admin, user.id, 'ABUSE')).toEqual(first);
    await rooms.suspensions.reinstate(admin, user.id);
    const entries = await opened.database.sql(
      "SELECT action, actor_id, details FROM audit_entries WHERE target_id = $1 AND action LIKE 'user.%'",
      [user.id],
    );
    const byAdmin = { actor_id: admin.viewer.kind === 'user' ? admin.viewer.userId : '' };
    expect(new Set(entries)).toEqual(
      new Set([
        { ...byAdmin, action: 'user.suspended', details: { reason: 'LEGAL' } },
        { ...byAdmin, action: 'user.suspended', details: { reason: 'ABUSE' } },
        { ...byAdmin, action: 'user.reinstated', details: {} },
      ]),
    );
  });

  it('is for administrators of the platform; for everyone else there is nothing of the kind', async () => {
    const { user, accessToken } = await register();
    const viewer = await authenticate(accessToken);
    for (const other of [viewer, { kind: 'anonymous' } as const]) {
      await expect(rooms.suspensions.suspend(actorOf(other), user.id, 'ABUSE')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(rooms.suspensions.reinstate(actorOf(other), user.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await authenticate(accessToken)).toBeDefined();
  });

  it('refuses who is not there, and the administrator themselves', async () => {
    await expect(rooms.suspensions.suspend(admin, 'usr_nonsense', 'ABUSE')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const self = admin.viewer.kind === 'user' ? admin.viewer.userId : '';
    await expect(rooms.suspensions.suspend(admin, self, 'ABUSE')).rejects.toMatchObject(
      refused('FAILED_PRECONDITION', 'CANNOT_SUSPEND_YOURSELF'),
    );
  });

  describe('the end of all sign-ins', () => {
    const endAll = async ({ accessToken }: SignIn): Promise<void> => rooms.auth.logoutEverywhere(by(await authenticate(accessToken)));

    it('lets the user sign in anew', async () => {
      const ada = await register();
      await endAll(ada);
      expect(await authenticate((await login(ada)).accessToken)).toBeDefined();
    });

    it('is not slipped past by a sign-in that is under way', async () => {
      const signIn = await register();
      const credentials = await rooms.users.findCredentials(signIn.user.email!);
      const account = { id: signIn.user.id, epoch: credentials!.signInEpoch };
      await endAll(signIn);
      const families = new RefreshTokenRepository();
      expect(await families.startFamily(opened.database, 'hash', account, 60_000)).toBe(false);
      expect(await families.startFamily(opened.database, 'hash', { ...account, epoch: account.epoch + 1 }, 60_000)).toBe(true);
    });
  });
});
