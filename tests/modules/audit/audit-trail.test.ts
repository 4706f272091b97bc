import type { AuditEntryRecord, AuditSearch } from '../../../src/modules/audit';
import { searchStatement } from '../../../src/modules/audit/audit.repository';
import { SqlError } from '../../../src/persistence/database';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Stage } from '../stage';
import { setStage } from '../stage';

const EVERYTHING: AuditSearch = {
  organizationId: null,
  action: null,
  actorId: null,
  targetId: null,
  from: null,
  to: null,
  olderThan: null,
  limit: 100,
};

describe.each(testBackends())('the audit trail on %s', (kind) => {
  let opened: TestDatabase;
  let stage: Stage;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    stage = setStage(opened.database);
  });
  afterAll(async () => {
    await stage.close();
    await stage.kernel.close();
    await opened.drop();
  });

  const toldOf = (targetId: string): Promise<AuditEntryRecord[]> => stage.audit.list(opened.database, { ...EVERYTHING, targetId });
  const actionsOn = async (targetId: string): Promise<string[]> => (await toldOf(targetId)).map(({ action }) => action).reverse();

  it('tells who moved a session along, and from where', async () => {
    const { host, session } = await stage.live();
    await stage.sessions.update(by(host), session.id, { title: 'canary' });
    for (const command of ['pause', 'resume', 'end'] as const) await stage.sessions.command(by(host), session.id, command);
    expect(await actionsOn(session.id)).toEqual([
      'session.started',
      'session.updated',
      'session.paused',
      'session.resumed',
      'session.ended',
    ]);
    const [ended, , , updated] = await toldOf(session.id);
    expect(ended).toMatchObject({
      organizationId: session.organizationId,
      actorKind: 'user',
      actorId: host.userId,
      address: '192.0.2.1',
      requestId: 'a-request-of-a-test',
      details: { reason: 'REQUESTED' },
    });
    expect(updated?.details).toEqual({ fields: ['title'] });
    const scheduled = await stage.conference(host);
    await stage.sessions.command(by(host), scheduled.id, 'cancel');
    expect(await actionsOn(scheduled.id)).toEqual(['session.cancelled']);
  });

  it('tells what keeps order, and not what was written', async () => {
    const { host, session } = await stage.live();
    const guest = await stage.guest(session);
    const question = await stage.ask(guest, session, 'canary');
    await stage.questions.pin(by(host), question.id);
    await stage.questions.unpin(by(host), question.id);
    await stage.questions.answer(by(host), question.id, 'canary');
    await stage.questions.hide(by(host), question.id);
    await stage.questions.hide(by(host), question.id);
    await stage.moderation.remove(by(host), guest.attendeeId);
    expect(await actionsOn(question.id)).toEqual(['question.pinned', 'question.unpinned', 'question.answered', 'question.hidden']);
    expect(await toldOf(guest.attendeeId)).toMatchObject([{ action: 'attendee.removed', details: { sessionId: session.id } }]);
    expect(JSON.stringify([await toldOf(question.id), await toldOf(guest.attendeeId)])).not.toContain('canary');
  });

  it('tells of channels', async () => {
    const ada = await stage.user();
    const { id } = await stage.channels.create(by(ada), { name: 'support:customer:1', type: 'PRIVATE' });
    expect(await toldOf(id)).toMatchObject([{ action: 'channel.created', actorId: ada.userId, details: { type: 'PRIVATE' } }]);
  });

  it('tells of sign-ins, and of a refused one without the address that was typed', async () => {
    const email = 'canary@example.org';
    const { auth } = stage;
    const { user, refreshToken } = await auth.register({ email, password: 'correct horse', displayName: 'Ada' }, by(ANONYMOUS));
    const { accessToken } = await auth.login({ email, password: 'correct horse' }, by(ANONYMOUS));
    await expect(auth.login({ email, password: 'wrong' }, by(ANONYMOUS))).rejects.toMatchObject(
      refused('UNAUTHENTICATED', 'INVALID_CREDENTIALS'),
    );
    await auth.refresh(refreshToken, by(ANONYMOUS));
    await expect(auth.refresh(refreshToken, by(ANONYMOUS))).rejects.toMatchObject(refused('UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED'));
    await auth.logout(by(await auth.authenticate(`Bearer ${accessToken}`)));

    const entries = (await toldOf(user.id)).reverse();
    expect(entries.map(({ action, actorKind, actorId }) => [action, actorKind, actorId])).toEqual([
      ['account.registered', 'user', user.id],
      ['sign_in.succeeded', 'user', user.id],
      ['sign_in.failed', 'anonymous', null],
      ['sign_in.token_reused', 'anonymous', null],
      ['sign_in.ended', 'user', user.id],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/canary|correct horse|wrong/);
  });

  it('tells of a refused sign-in without an account, too', async () => {
    const before = await stage.audit.list(opened.database, { ...EVERYTHING, action: 'sign_in.failed' });
    await expect(stage.auth.login({ email: 'nobody@example.org', password: 'wrong' }, by(ANONYMOUS))).rejects.toThrow();
    const after = await stage.audit.list(opened.database, { ...EVERYTHING, action: 'sign_in.failed' });
    expect(after.length).toBe(before.length + 1);
    expect(after[0]).toMatchObject({ actorKind: 'anonymous', actorId: null, targetId: null });
  });

  it('tells nothing of what was refused or rolled back', async () => {
    const { host, session } = await stage.live();
    const eve = await stage.user('Eve');
    await expect(stage.sessions.command(by(eve), session.id, 'end')).rejects.toThrow();
    await expect(
      stage.kernel.unitOfWork.run((tx) => {
        stage.audit.record(tx, by(host), { action: 'session.ended', targetId: session.id });
        return Promise.reject(new Error('no'));
      }),
    ).rejects.toThrow('no');
    expect(await actionsOn(session.id)).toEqual(['session.started']);
  });

  it('tells what the server did by itself', async () => {
    const { session } = await stage.live();
    await stage.kernel.unitOfWork.run((tx) => stage.sessions.end(tx, session.id, 'ORPHANED'));
    const [ended] = await toldOf(session.id);
    expect(ended).toMatchObject({
      action: 'session.ended',
      actorKind: 'system',
      actorId: null,
      address: null,
      details: { reason: 'ORPHANED' },
    });
  });

  it.each([
    `UPDATE audit_entries SET action = 'other'`,
    `UPDATE audit_entries SET details = '{}' WHERE id IS NOT NULL`,
    `DELETE FROM audit_entries`,
    `TRUNCATE audit_entries`,
    `INSERT INTO audit_entries (id, action, actor_kind) SELECT id, 'other', 'user' FROM audit_entries LIMIT 1
     ON CONFLICT (id) DO UPDATE SET action = excluded.action`,
  ])('cannot be changed or emptied: %s', async (statement) => {
    await stage.live();
    const before = await opened.database.sql('SELECT * FROM audit_entries ORDER BY id');
    expect(before.length).toBeGreaterThan(0);
    const ways = [
      () => opened.database.sql(statement),
      () => opened.database.transaction((tx) => tx.sql(statement)),
      () => stage.kernel.unitOfWork.run((tx) => tx.sql(statement)),
      () => stage.kernel.unitOfWork.run((tx) => Promise.resolve(tx.atCommit(statement, []))),
      () => opened.database.exclusive((connection) => connection.sql(statement)),
    ];
    for (const way of ways) await expect(way()).rejects.toMatchObject({ name: SqlError.name, state: '42501' });
    expect(await opened.database.sql('SELECT * FROM audit_entries ORDER BY id')).toEqual(before);
  });

  it('cannot be changed or deleted through Prisma', async () => {
    const { auditEntry } = opened.database.orm;
    await stage.live();
    await expect(auditEntry.updateMany({ data: { action: 'other' } })).rejects.toThrow();
    await expect(auditEntry.deleteMany({})).rejects.toThrow();
    expect(await auditEntry.count({ where: { action: 'other' } })).toBe(0);
  });

  it.each([
    ['of an organization', { organizationId: 'org_1' }, 'audit_entries_organization_id_at_id_idx'],
    [
      'of an organization in a time',
      { organizationId: 'org_1', from: new Date(0), to: new Date() },
      'audit_entries_organization_id_at_id_idx',
    ],
    ['of everything', {}, 'audit_entries_at_id_idx'],
    ['by somebody', { actorId: 'usr_1' }, 'audit_entries_actor_id_at_id_idx'],
    ['on something', { targetId: 'ses_1' }, 'audit_entries_target_id_at_id_idx'],
  ])('a page %s is read from an index, in order, however far back', async (_what, filter, index) => {
    await opened.database.sql(
      `INSERT INTO audit_entries (id, at, action, organization_id, actor_kind, actor_id, target_id)
       SELECT gen_random_uuid()::text, now() - n * interval '1 second', 'session.ended', 'org_' || n % 50, 'user', 'usr_' || n % 50, 'ses_' || n % 50
       FROM generate_series(1, 20000) AS n`,
    );
    await opened.database.exclusive((connection) => connection.sql('ANALYZE audit_entries'));
    const olderThan = { at: new Date(Date.now() - 3_600_000), id: 'aud_z' };
    const [text, values] = searchStatement({ ...EVERYTHING, ...filter, olderThan, limit: 26 });
    const plan = await opened.database.sql<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
    const shown = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(shown).toContain(`Index Scan using ${index}`);
    expect(shown).not.toContain('Sort');
  });
});
