import type { Actor } from '../../../src/lib/actor';
import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import type { CreatedApiKey } from '../../../src/modules/api-keys/api-key.service';
import { ApiKeyScope } from '../../../src/modules/api-keys/api-key.scope';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { by } from '../by';
import { createRooms } from '../rooms';

const invalid = refused('UNAUTHENTICATED', 'TOKEN_INVALID');
const SCOPES = [ApiKeyScope.SESSIONS_READ, ApiKeyScope.SESSIONS_WRITE];

describe.each(testBackends())('API keys on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
  });
  afterAll(async () => {
    await rooms.kernel.close();
    await opened.drop();
  });

  const actorOf = (viewer: Viewer): Actor => ({ viewer, address: '127.0.0.1', requestId: 'request' });
  const comeIn = (secret: string): Promise<Viewer> => rooms.authenticate(`Bearer ${secret}`);
  const homeOf = ({ userId }: UserViewer): Promise<string> =>
    rooms.organizations.listIdsOf(opened.database.as([userId]), userId).then(([id]) => id ?? '');

  async function make(maker: UserViewer, changes: { organizationId?: string; scopes?: ApiKeyScope[]; expiresAt?: Date } = {}) {
    const draft = { organizationId: await homeOf(maker), name: ' Bot ', scopes: SCOPES, ...changes };
    return rooms.apiKeys.create(actorOf(maker), draft);
  }

  async function addMember(organizationId: string, userId: string, role: string): Promise<void> {
    await opened.database
      .as('system')
      .sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3::"MembershipRole")`, [
        organizationId,
        userId,
        role,
      ]);
  }

  const comeInAs = async ({ secret }: CreatedApiKey): Promise<UserViewer> => (await comeIn(secret)) as UserViewer;

  describe('coming in', () => {
    it('is as the maker, in the one organization, with the scopes', async () => {
      const ada = await rooms.user();
      const { apiKey, secret } = await make(ada);
      expect(apiKey).toMatchObject({ name: 'Bot', makerId: ada.userId, scopes: SCOPES, revokedAt: null, lastUsedAt: null });
      expect(secret).toMatch(/^pk_[0-9a-z]{26}_[\w-]{43}$/);
      expect(await comeIn(secret)).toMatchObject({
        kind: 'user',
        userId: ada.userId,
        key: { id: apiKey.id, organizationId: apiKey.organizationId, scopes: SCOPES },
      });
    });

    it('takes the whole secret: not the id, not another one, not what only looks like it', async () => {
      const ada = await rooms.user();
      const [{ secret }, other] = [await make(ada), await make(ada)];
      const mixed = secret.slice(0, 30) + other.secret.slice(30);
      for (const text of ['pk_', secret.slice(0, -1), `${secret}x`, mixed, secret.toUpperCase(), `pk_' OR 1=1 --`]) {
        await expect(comeIn(text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      }
    });

    it('ends with its time, with its revocation, with the suspension of its maker and with their leaving', async () => {
      const [ada, eve] = [await rooms.user(), await rooms.user()];
      const organizationId = await homeOf(ada);
      await addMember(organizationId, eve.userId, 'ADMIN');
      const soon = await make(ada, { expiresAt: new Date(Date.now() + 3_600_000) });
      await opened.database.sql('UPDATE api_keys SET expires_at = now() WHERE id = $1', [soon.apiKey.id]);
      await expect(comeIn(soon.secret)).rejects.toMatchObject(invalid);

      const ended = await make(ada);
      await rooms.apiKeys.revoke(actorOf(eve), ended.apiKey.id);
      await expect(comeIn(ended.secret)).rejects.toMatchObject(invalid);

      const hers = await make(eve, { organizationId });
      await opened.database.sql('UPDATE users SET suspended_at = now() WHERE id = $1', [eve.userId]);
      await expect(comeIn(hers.secret)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'ACCOUNT_SUSPENDED'));
      await opened.database.sql('UPDATE users SET suspended_at = NULL WHERE id = $1', [eve.userId]);
      expect(await comeIn(hers.secret)).toBeDefined();
      await opened.database
        .as('system')
        .sql('DELETE FROM memberships WHERE user_id = $1 AND organization_id = $2', [eve.userId, organizationId]);
      await expect(comeIn(hers.secret)).rejects.toMatchObject(invalid);
    });

    it('is noted once a minute, without being waited for', async () => {
      const { apiKey, secret } = await make(await rooms.user());
      const lastUse = async (): Promise<Date | null> => {
        const [row] = await opened.database.sql<{ at: Date | null }>('SELECT last_used_at AS at FROM api_keys WHERE id = $1', [apiKey.id]);
        return row?.at ?? null;
      };
      await comeIn(secret);
      await waitFor(async () => (await lastUse()) !== null);
      const first = await lastUse();
      await Promise.all(Array.from({ length: 20 }, () => comeIn(secret)));
      expect(await lastUse()).toEqual(first);
    });

    it('is never as an administrator of the platform', async () => {
      const ada = await rooms.user();
      await opened.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [ada.userId]);
      const viewer = await comeInAs(await make(ada));
      await expect(rooms.users.requirePlatformAdmin(opened.database, viewer)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('the organization', () => {
    it('lets its ADMINs make, list and end keys, and nobody else', async () => {
      const [ada, member, eve] = [await rooms.user(), await rooms.user(), await rooms.user()];
      const organizationId = await homeOf(ada);
      await addMember(organizationId, member.userId, 'MEMBER');
      const { apiKey } = await make(ada);
      const tooLow = refused('FORBIDDEN', 'ORGANIZATION_ROLE_TOO_LOW');
      for (const [viewer, refusal] of [
        [member, tooLow],
        [eve, { code: 'NOT_FOUND' }],
      ] as const) {
        await expect(make(viewer, { organizationId })).rejects.toMatchObject(refusal);
        await expect(rooms.apiKeys.list(viewer, organizationId, null, 10)).rejects.toMatchObject(refusal);
        await expect(rooms.apiKeys.revoke(actorOf(viewer), apiKey.id)).rejects.toMatchObject(refusal);
      }
      expect(await rooms.apiKeys.list(ada, organizationId, null, 10)).toEqual([apiKey]);
      const revoked = await rooms.apiKeys.revoke(actorOf(ada), apiKey.id);
      expect(await rooms.apiKeys.revoke(actorOf(ada), apiKey.id)).toEqual(revoked);
      await expect(rooms.apiKeys.revoke(actorOf(ada), 'key_nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('finds no secret stored, and a line in the audit log for each making and ending', async () => {
      const ada = await rooms.user();
      const { apiKey, secret } = await make(ada);
      await rooms.apiKeys.revoke(actorOf(ada), apiKey.id);
      const [stored] = await opened.database.sql<{ row: string }>('SELECT api_keys::text AS row FROM api_keys WHERE id = $1', [apiKey.id]);
      expect(stored?.row).not.toContain(secret.slice(30));
      const entries = await opened.database.sql(
        'SELECT action, actor_id, organization_id, details FROM audit_entries WHERE target_id = $1',
        [apiKey.id],
      );
      const who = { actor_id: ada.userId, organization_id: apiKey.organizationId };
      expect(new Set(entries)).toEqual(
        new Set([
          { ...who, action: 'api_key.created', details: { scopes: SCOPES } },
          { ...who, action: 'api_key.revoked', details: {} },
        ]),
      );
    });

    it('lists them newest first, page by page', async () => {
      const ada = await rooms.user();
      const organizationId = await homeOf(ada);
      const made: string[] = [];
      for (let n = 0; n < 5; n += 1) made.unshift((await make(ada)).apiKey.id);
      const first = await rooms.apiKeys.list(ada, organizationId, null, 3);
      const rest = await rooms.apiKeys.list(ada, organizationId, first.at(-1) ?? null, 3);
      const byTime = [...first, ...rest].map(({ createdAt }) => createdAt.getTime());
      expect([...first, ...rest].map(({ id }) => id).sort()).toEqual(made.sort());
      expect(byTime).toEqual([...byTime].sort((a, b) => b - a));
    });

    it('has at most 100 in use, however many are asked for at once', async () => {
      const ada = await rooms.user();
      const organizationId = await homeOf(ada);
      await opened.database.sql(
        `INSERT INTO api_keys (id, organization_id, maker_id, name, scopes, secret_hash)
         SELECT $1 || n, $1, $2, 'Bot', '{sessions:read}', $1 || n FROM generate_series(1, 98) AS n`,
        [organizationId, ada.userId],
      );
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => make(ada)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
      for (const refusal of refusals) expect(refusal).toMatchObject(refused('FAILED_PRECONDITION', 'TOO_MANY_API_KEYS'));
    });

    it('ends all keys of a member who leaves', async () => {
      const [ada, eve] = [await rooms.user(), await rooms.user()];
      const organizationId = await homeOf(ada);
      await addMember(organizationId, eve.userId, 'ADMIN');
      const [kept, gone] = [await make(ada), await make(eve, { organizationId })];
      await rooms.memberships.leave(by(eve), organizationId);
      expect(await comeIn(kept.secret)).toBeDefined();
      await expect(comeIn(gone.secret)).rejects.toMatchObject(invalid);
    });
  });

  describe('within one organization', () => {
    it('a key reads, lists and runs what is there, and nothing of what its maker has elsewhere', async () => {
      const [ada, host] = [await rooms.user('Ada'), await rooms.user('Host')];
      const elsewhere = await homeOf(host);
      await addMember(elsewhere, ada.userId, 'MEMBER');
      const key = await comeInAs(await make(ada));
      const [own, hosted] = [await rooms.conference(ada), await rooms.conference(host)];
      await rooms.attendees.join(ada, { code: hosted.code });

      expect(await rooms.sessions.findFor(by(ada), hosted.id)).not.toBeNull();
      expect(await rooms.sessions.findFor(by(key), hosted.id)).toBeNull();
      expect(await rooms.sessions.findFor(by(key), own.id)).not.toBeNull();
      const page = { beyond: null, limit: 10 };
      expect((await rooms.sessions.list(ada, page)).map(({ id }) => id).sort()).toEqual([own.id, hosted.id].sort());
      expect((await rooms.sessions.list(key, page)).map(({ id }) => id)).toEqual([own.id]);
      expect(await rooms.attendance.find(opened.database, key, hosted.id)).toBeNull();
      expect(await rooms.attendance.findEach(opened.database, [ada, key], hosted.id)).toEqual([expect.anything(), null]);
      expect(
        await rooms.attendance.listPlaces([
          { viewer: key, sessionId: hosted.id },
          { viewer: key, sessionId: own.id },
        ]),
      ).toEqual([null, expect.anything()]);
      const following = new AbortController();
      await rooms.attendance.follow(ada, hosted.id, following.signal);
      await expect(rooms.attendance.follow(key, hosted.id, following.signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      following.abort();
      expect((await rooms.sessions.command(by(key), own.id, 'start')).status).toBe('LIVE');
    });

    it('not even as the host of a session elsewhere', async () => {
      const [ada, owner] = [await rooms.user(), await rooms.user()];
      const elsewhere = await homeOf(owner);
      await addMember(elsewhere, ada.userId, 'ADMIN');
      const hosted = await rooms.conference(ada);
      const key = await comeInAs(await make(ada, { organizationId: elsewhere }));
      await expect(rooms.sessions.command(by(key), hosted.id, 'start')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const { attendee } = await rooms.attendees.join({ kind: 'anonymous' }, { code: hosted.code, displayName: 'Guest' });
      await expect(rooms.moderation.remove(by(key), attendee.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const made = await rooms.conference(key);
      expect([made.organizationId, made.hostId]).toEqual([elsewhere, ada.userId]);
    });
  });
});
