import { ANONYMOUS } from '../../../src/lib/viewer';
import type { UserViewer } from '../../../src/lib/viewer';
import type { SignIn } from '../../../src/modules/auth';
import { ApiKeyRepository } from '../../../src/modules/api-keys/api-key.repository';
import type { ProvenIdentity } from '../../../src/modules/sign-in/identity-provider';
import type { UserRecord } from '../../../src/modules/users';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { createRooms } from '../rooms';

const PASSWORD = 'correct horse battery';

describe.each(testBackends())('identities on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let people = 0;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
  });
  afterAll(async () => {
    await rooms.kernel.close();
    await opened.drop();
  });

  const identity = (changes: Partial<ProvenIdentity> = {}): ProvenIdentity => {
    people += 1;
    const email = `person-${people}@example.org`;
    return { provider: 'google', subject: `subject-${people}`, email, emailVerified: true, name: `Person ${people}`, ...changes };
  };
  const openAs = (proven: ProvenIdentity): Promise<UserRecord> =>
    rooms.kernel.unitOfWork.as('system').run(async (tx) => {
      const { id } = await rooms.identities.open(tx, by(), proven);
      return (await rooms.users.find(tx, id))!;
    });
  const linkTo = (viewer: UserViewer, proven: ProvenIdentity): Promise<UserRecord> =>
    rooms.kernel.unitOfWork.run((tx) => rooms.identities.link(tx, by(viewer), viewer, proven));
  const register = (email: string): Promise<SignIn> =>
    rooms.auth.register({ email, password: PASSWORD, displayName: 'Ada' }, by(ANONYMOUS, email));
  const viewerOf = async ({ accessToken }: SignIn): Promise<UserViewer> => {
    const viewer = await rooms.auth.authenticate(`Bearer ${accessToken}`);
    if (viewer.kind !== 'user') throw new Error('nobody signed in');
    return viewer;
  };
  const personOf = ({ id }: UserRecord): UserViewer => ({ kind: 'user', userId: id, familyId: 'none', expiresAt: new Date() });
  const providersOf = async ({ id }: { id: string }) => (await rooms.identities.listOf(id)).map(({ provider }) => provider);
  const actionsOn = async ({ id }: { id: string }) => {
    const entries = await opened.database.sql<{ action: string }>(`SELECT action FROM audit_entries WHERE target_id = $1 ORDER BY id`, [
      id,
    ]);
    return entries.map(({ action }) => action);
  };

  describe('an identity that nobody has yet', () => {
    it('makes an account with a personal organization and a verified address, and opens it again', async () => {
      const proven = identity();
      const user = await openAs(proven);
      expect(user).toMatchObject({ displayName: proven.name, email: proven.email, emailVerifiedAt: expect.any(Date) as Date });
      expect(await rooms.organizations.listOf(user.id)).toHaveLength(1);
      expect((await openAs({ ...proven, email: 'new@example.org' })).id).toBe(user.id);
      expect((await actionsOn(user)).sort()).toEqual(['account.registered', 'identity.linked']);
    });

    it('makes one account when it comes many times at once', async () => {
      const proven = identity();
      const users = await Promise.all(Array.from({ length: 8 }, () => openAs(proven)));
      expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    });

    it('makes one account when two providers vouch for the same address at once', async () => {
      const google = identity();
      const users = await Promise.all([google, { ...google, provider: 'github' }].map(openAs));
      expect(new Set(users.map(({ id }) => id)).size).toBe(1);
      expect((await providersOf(users[0]!)).sort()).toEqual(['github', 'google']);
    });

    it('opens no suspended account', async () => {
      const proven = identity();
      const { id } = await openAs(proven);
      await opened.database.sql(`UPDATE users SET suspended_at = now() WHERE id = $1`, [id]);
      await expect(openAs(proven)).rejects.toMatchObject({ code: 'ACCOUNT_SUSPENDED' });
    });

    it.each([
      ['no name', { name: null }],
      ['a name of spaces', { name: ' \u200b ' }],
      ['a name that is too long', { name: 'x'.repeat(81) }],
      ['no address', { email: null, emailVerified: false }],
      ['an unverified address', { emailVerified: false }],
    ])('with %s leaves a profile to be completed', async (_, changes) => {
      const user = await openAs(identity(changes));
      expect(user.profileCompletedAt).toBeNull();
      expect(user.displayName).not.toBe('');
    });
  });

  describe('the address of an account that is there', () => {
    it('links when both have verified it, and takes nothing away', async () => {
      const google = identity();
      const user = await openAs(google);
      const github = { ...identity({ provider: 'github' }), email: google.email };
      expect((await openAs(github)).id).toBe(user.id);
      expect(await providersOf(user)).toEqual(['google', 'github']);
    });

    it('never links when the provider has not verified it', async () => {
      const { user } = await register('owner-1@example.org');
      const other = await openAs(identity({ email: 'owner-1@example.org', emailVerified: false }));
      expect(other.id).not.toBe(user.id);
      expect(other.email).toBeNull();
      expect(await providersOf(user)).toEqual([]);
    });

    it('never links another identity of the same provider: the address was given to somebody else', async () => {
      const first = identity();
      const user = await openAs(first);
      const second = identity({ email: first.email });
      await expect(openAs(second)).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
      expect(await providersOf(user)).toEqual(['google']);
      expect((await openAs(first)).id).toBe(user.id);
    });

    it('is handed over by whoever never verified it: password, sign-ins and other identities end', async () => {
      const email = 'victim@example.org';
      const attacker = await register(email);
      const elsewhere = await rooms.auth.login({ email, password: PASSWORD }, by());
      await linkTo(await viewerOf(attacker), identity({ provider: 'github' }));

      const victim = await openAs(identity({ email }));

      expect(victim.id).toBe(attacker.user.id);
      expect(await providersOf(victim)).toEqual(['google']);
      for (const { accessToken, refreshToken } of [attacker, elsewhere]) {
        await expect(rooms.auth.authenticate(`Bearer ${accessToken}`)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'TOKEN_REVOKED'));
        await expect(rooms.auth.refresh(refreshToken, by())).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID'));
      }
      await expect(rooms.auth.login({ email, password: PASSWORD }, by())).rejects.toMatchObject(
        refused('UNAUTHENTICATED', 'INVALID_CREDENTIALS'),
      );
      expect(await actionsOn(victim)).toContain('account.handed_over');
    });

    it('is handed over with the API keys ended that were made before', async () => {
      const email = 'victim-of-a-key@example.org';
      const { user } = await register(email);
      const [organization] = await rooms.organizations.listOf(user.id);
      const keys = new ApiKeyRepository();
      const draft = {
        organizationId: organization!.id,
        makerId: user.id,
        name: 'Back door',
        scopes: [],
        secretHash: 'hash',
        expiresAt: null,
      };
      await rooms.kernel.unitOfWork.run((tx) => keys.insert(tx, { id: 'key_backdoor', ...draft }));
      await openAs(identity({ email }));
      expect((await keys.find(opened.database, 'key_backdoor'))?.revokedAt).toBeInstanceOf(Date);
    });

    it('is handed over at the very moment of a login, and the login is not left behind', async () => {
      const email = 'victim-2@example.org';
      await register(email);
      const [login] = await Promise.allSettled([rooms.auth.login({ email, password: PASSWORD }, by()), openAs(identity({ email }))]);
      if (login.status === 'fulfilled') await expect(viewerOf(login.value)).rejects.toMatchObject({ reason: 'TOKEN_REVOKED' });
    });

    it('is verified by its owner who links it, and then nothing is taken away', async () => {
      const email = 'honest@example.org';
      const signIn = await register(email);
      await linkTo(await viewerOf(signIn), identity({ email }));
      await openAs(identity({ provider: 'github', email }));
      expect(await providersOf(signIn.user)).toEqual(['google', 'github']);
      await expect(rooms.auth.login({ email, password: PASSWORD }, by())).resolves.toBeDefined();
      await expect(viewerOf(signIn)).resolves.toBeDefined();
    });
  });

  describe('linking', () => {
    it('takes nothing from another account', async () => {
      const proven = identity();
      await openAs(proven);
      const { user } = await register('linker@example.org');
      await expect(linkTo(personOf(user), proven)).rejects.toMatchObject(refused('CONFLICT', 'IDENTITY_TAKEN'));
    });

    it('again changes nothing, and a second identity of the provider is refused', async () => {
      const proven = identity();
      const user = await openAs(proven);
      await linkTo(personOf(user), proven);
      expect(await providersOf(user)).toEqual(['google']);
      await expect(linkTo(personOf(user), identity())).rejects.toMatchObject(refused('CONFLICT', 'PROVIDER_LINKED_ALREADY'));
    });

    it('has one winner when two accounts link the same at once', async () => {
      const proven = identity();
      const users = [await openAs(identity({ provider: 'github' })), await openAs(identity({ provider: 'github' }))];
      const results = await Promise.allSettled(users.map((user) => linkTo(personOf(user), proven)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe('unlinking', () => {
    const unlink = (user: UserRecord, provider: string) => rooms.identities.unlink(by(personOf(user)), personOf(user), provider);

    it('lets go of one, which then opens nothing of this account', async () => {
      const proven = identity();
      const user = await openAs(proven);
      await linkTo(personOf(user), identity({ provider: 'github' }));
      await unlink(user, 'google');
      expect(await providersOf(user)).toEqual(['github']);
      expect(await actionsOn(user)).toContain('identity.unlinked');
      expect((await openAs({ ...proven, email: null, emailVerified: false })).id).not.toBe(user.id);
    });

    it('never of the last way in', async () => {
      const user = await openAs(identity());
      await expect(unlink(user, 'google')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'LAST_WAY_IN'));
      expect(await providersOf(user)).toEqual(['google']);
    });

    it('of the last one when there is a password', async () => {
      const { user } = await register('both@example.org');
      await linkTo(personOf(user), identity());
      await unlink(user, 'google');
      expect(await providersOf(user)).toEqual([]);
    });

    it('of two at once leaves one', async () => {
      const user = await openAs(identity());
      await linkTo(personOf(user), identity({ provider: 'github' }));
      const results = await Promise.allSettled([unlink(user, 'google'), unlink(user, 'github')]);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await providersOf(user)).toHaveLength(1);
    });

    it('of what is not linked is NOT_FOUND', async () => {
      await expect(unlink(await openAs(identity()), 'github')).rejects.toMatchObject(refused('NOT_FOUND', 'NOT_FOUND'));
    });
  });
});
