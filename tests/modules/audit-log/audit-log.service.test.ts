import type { Actor } from '../../../src/lib/actor';
import type { UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { AuditEntryRecord } from '../../../src/modules/audit';
import { openAuditFile } from '../../../src/modules/audit-log/audit-export';
import type { AuditLogService } from '../../../src/modules/audit-log';
import { createAuditLogRoom } from '../../../src/modules/audit-log/audit-log.module';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { createRooms } from '../rooms';

const FIRST_PAGE = { olderThan: null, limit: 100 };

describe.each(testBackends())('the audit log on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let auditLog: AuditLogService;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
    ({ auditLog } = createAuditLogRoom(rooms));
  });
  afterAll(async () => {
    await rooms.close();
    await rooms.kernel.close();
    await opened.drop();
  });

  const homeOf = async ({ userId }: UserViewer): Promise<string> =>
    (await rooms.organizations.listIdsOf(opened.database.as([userId]), userId))[0] ?? '';

  async function platformAdmin(): Promise<UserViewer> {
    const viewer = await rooms.user('Root');
    await opened.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [viewer.userId]);
    return viewer;
  }

  async function member(organizationId: string, role: 'MEMBER' | 'ADMIN'): Promise<UserViewer> {
    const viewer = await rooms.user(role);
    await opened.database
      .as('system')
      .sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3::"MembershipRole")`, [
        organizationId,
        viewer.userId,
        role,
      ]);
    return viewer;
  }

  /** An organization of its owner's, with this many entries, all at two moments only. */
  async function organizationWith(entries: number): Promise<{ owner: UserViewer; organizationId: string }> {
    const owner = await rooms.user('Owner');
    const organizationId = await homeOf(owner);
    await opened.database.sql(
      `INSERT INTO audit_entries (id, at, action, organization_id, actor_kind, target_id)
       SELECT 'aud_' || translate(left(md5($1 || n), 26), 'ilou', 'wxyz'), timestamptz '2026-01-01' + (n % 2) * interval '1 ms', 'session.ended', $1,
         'user', 'ses_' || n FROM generate_series(1, $2::int) AS n`,
      [organizationId, entries],
    );
    return { owner, organizationId };
  }

  it('is for administrators of the organization: members are told so, strangers nothing', async () => {
    const { owner, organizationId } = await organizationWith(3);
    const admin = await member(organizationId, 'ADMIN');
    for (const reader of [owner, admin]) expect(await auditLog.listOf(reader, organizationId, {}, FIRST_PAGE)).toHaveLength(3);
    const lowly = await member(organizationId, 'MEMBER');
    await expect(auditLog.listOf(lowly, organizationId, {}, FIRST_PAGE)).rejects.toMatchObject(
      refused('FORBIDDEN', 'ORGANIZATION_ROLE_TOO_LOW'),
    );
    for (const stranger of [await rooms.user('Eve'), await platformAdmin(), ANONYMOUS]) {
      await expect(auditLog.listOf(stranger, organizationId, {}, FIRST_PAGE)).rejects.toMatchObject(refused('NOT_FOUND', 'NOT_FOUND'));
    }
  });

  it('takes an API key with the scope for it', async () => {
    const { owner, organizationId } = await organizationWith(1);
    const keyed = (scopes: string[], of = organizationId): UserViewer => ({ ...owner, key: { id: 'key_1', organizationId: of, scopes } });
    expect(await auditLog.listOf(keyed(['audit:read']), organizationId, {}, FIRST_PAGE)).toHaveLength(1);
    await expect(auditLog.listOf(keyed([]), organizationId, {}, FIRST_PAGE)).rejects.toMatchObject(refused('FORBIDDEN', 'API_KEY_SCOPE'));
    await expect(auditLog.listOf(keyed(['audit:read'], 'org_other'), organizationId, {}, FIRST_PAGE)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('walks page by page over entries of one moment, each exactly once', async () => {
    const { owner, organizationId } = await organizationWith(60);
    const walked: AuditEntryRecord[] = [];
    for (let olderThan: { at: Date; id: string } | null = null; ;) {
      const page: AuditEntryRecord[] = await auditLog.listOf(owner, organizationId, {}, { olderThan, limit: 7 });
      walked.push(...page);
      const last = page.at(-1);
      if (last === undefined) break;
      olderThan = last;
    }
    expect(walked).toHaveLength(60);
    expect(new Set(walked.map(({ id }) => id)).size).toBe(60);
  });

  it('narrows by what was done, to what, by whom and when', async () => {
    const { owner, organizationId } = await organizationWith(4);
    const later = new Date('2026-01-01T00:00:00.001Z');
    const targets = async (query: Parameters<AuditLogService['listOf']>[2]): Promise<(string | null)[]> =>
      (await auditLog.listOf(owner, organizationId, query, FIRST_PAGE)).map(({ targetId }) => targetId).sort();
    expect(await targets({ targetId: 'ses_2' })).toEqual(['ses_2']);
    expect(await targets({ from: later })).toEqual(['ses_1', 'ses_3']);
    expect(await targets({ to: later })).toEqual(['ses_2', 'ses_4']);
    expect(await targets({ action: 'session.started' })).toEqual([]);
    expect(await targets({ actorId: 'usr_nobody' })).toEqual([]);
    await expect(targets({ from: later, to: new Date(0) })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('is open to administrators of the platform, and tells the organization that they looked', async () => {
    const { owner, organizationId } = await organizationWith(2);
    const root = await platformAdmin();
    expect(await auditLog.listAll(by(root), organizationId, { targetId: 'ses_1' }, FIRST_PAGE)).toHaveLength(1);
    const [told] = await auditLog.listOf(owner, organizationId, {}, FIRST_PAGE);
    expect(told).toMatchObject({ action: 'audit.read', actorId: root.userId, details: { filters: ['targetId'] } });
    expect((await auditLog.listAll(by(root), null, {}, FIRST_PAGE)).map(({ action }) => action)).toContain('audit.read');
    for (const other of [owner, { ...root, key: { id: 'key_1', organizationId, scopes: ['audit:read'] } }]) {
      await expect(auditLog.listAll(by(other), null, {}, FIRST_PAGE)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  it('finds one entry for whom may read it, and nothing for everyone else', async () => {
    const { owner, organizationId } = await organizationWith(1);
    const [entry] = await auditLog.listOf(owner, organizationId, {}, FIRST_PAGE);
    const id = entry?.id ?? '';
    expect(await auditLog.findFor(by(owner), id)).toMatchObject({ id });
    const strangers = [await member(organizationId, 'MEMBER'), await rooms.user('Eve'), ANONYMOUS];
    for (const stranger of strangers) expect(await auditLog.findFor(by(stranger), id)).toBeNull();
    const root = await platformAdmin();
    expect(await auditLog.findFor(by(root), id)).toMatchObject({ id });
    const [told] = await auditLog.listOf(owner, organizationId, {}, FIRST_PAGE);
    expect(told).toMatchObject({ action: 'audit.read', actorId: root.userId, targetId: id });
  });

  describe('as a file', () => {
    async function read(actor: Actor, query: Record<string, string>): Promise<string> {
      const { chunks } = await openAuditFile(auditLog, actor, query);
      let text = '';
      for await (const chunk of chunks) text += chunk;
      return text;
    }

    it('has every entry once, as CSV and as JSON Lines, and tells that it was taken', async () => {
      const { owner, organizationId } = await organizationWith(1_200);
      const lines = (await read(by(owner), { organizationId, format: 'jsonl' })).trimEnd().split('\n');
      // The taking itself is the first of them.
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ action: 'audit.exported', details: { format: 'jsonl', filters: [] } });
      expect(new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id)).size).toBe(1_201);
      const [head, ...rows] = (await read(by(owner), { organizationId, targetId: 'ses_7' })).trimEnd().split('\r\n');
      expect(head).toBe('at,id,action,organizationId,actorKind,actorId,targetId,address,requestId,details');
      expect(rows).toEqual([expect.stringMatching(/^2026-01-01T00:00:00\.001Z,aud_\w{26},session\.ended,org_\w{26},user,,ses_7,,,\{\}$/)]);
    });

    it('reads no page before the one ahead of it was taken', async () => {
      const { owner, organizationId } = await organizationWith(1_200);
      let pages = 0;
      const list = rooms.audit.list.bind(rooms.audit);
      const counted = Object.assign(Object.create(rooms.audit) as typeof rooms.audit, {
        list: (...search: Parameters<typeof list>) => {
          pages += 1;
          return list(...search);
        },
      });
      const room = createAuditLogRoom({ ...rooms, audit: counted });
      const { chunks } = await room.openFile(by(owner), { organizationId });
      const reader = chunks[Symbol.asyncIterator]();
      await reader.next();
      expect(pages).toBe(0);
      await reader.next();
      expect(pages).toBe(1);
      await reader.return?.();
      expect(pages).toBe(1);
    });

    it('is refused like the log itself', async () => {
      const { organizationId } = await organizationWith(1);
      await expect(read(by(await member(organizationId, 'MEMBER')), { organizationId })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(read(by(await rooms.user('Eve')), { organizationId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(read(by(await rooms.user('Eve')), {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const root = await platformAdmin();
      expect(await read(by(root), { organizationId })).toContain('audit.exported');
      expect(await read(by(root), { format: 'jsonl' })).toContain('audit.exported');
    });

    it.each([
      [{ format: 'xlsx' }, 'format'],
      [{ from: 'yesterday' }, 'from'],
      [{ organizationId: 'x'.repeat(65) }, 'organizationId'],
      [{ select: '*' }, 'query'],
    ])('refuses what it cannot read: %j', async (query, path) => {
      await expect(openAuditFile(auditLog, by(ANONYMOUS), query)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { fields: [{ path, problem: 'is not valid' }] },
      });
    });
  });
});
