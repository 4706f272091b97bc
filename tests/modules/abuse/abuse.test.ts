import type { Visitor } from '../../../src/graphql/gate';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import type { AbuseRoom } from '../../../src/modules/abuse/abuse.module';
import { createAbuseRoom } from '../../../src/modules/abuse/abuse.module';
import { ADDRESS_STEPS_MS, BlockedKind, isStrike, STEPS_MS, subjectsOf } from '../../../src/modules/abuse/abuse.policy';
import { BlockRepository } from '../../../src/modules/abuse/block.repository';
import { AuditTrail } from '../../../src/modules/audit';
import { AuditRepository } from '../../../src/modules/audit/audit.repository';
import { MemoryRateLimiter } from '../../../src/realtime/rate-limiter.memory';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import type { Rooms } from '../rooms';
import { createRooms } from '../rooms';

const ADDRESS = '192.0.2.7';
const GUEST: Viewer = { kind: 'guest', attendeeId: 'att_a', sessionId: 'ses_a', expiresAt: new Date() };

const at = (viewer: Viewer, address = ADDRESS): Visitor => ({ viewer, address });

describe('what speaks against whom', () => {
  it('is what was used to come in: a key before its user, an address for nobody else than the anonymous', () => {
    const user: UserViewer = { kind: 'user', userId: 'usr_a', familyId: 'f', expiresAt: new Date() };
    const key = { id: 'key_a', organizationId: 'org_a', scopes: [] };
    expect(subjectsOf(at(ANONYMOUS))).toEqual([{ kind: BlockedKind.ADDRESS, value: ADDRESS }]);
    expect(subjectsOf(at(GUEST))).toEqual([{ kind: BlockedKind.GUEST, value: 'att_a' }]);
    expect(subjectsOf(at({ ...user, key }))).toEqual([
      { kind: BlockedKind.KEY, value: 'key_a' },
      { kind: BlockedKind.USER, value: 'usr_a' },
    ]);
  });

  it('is no rate that many share', () => {
    const [guest] = subjectsOf(at(GUEST));
    const [address] = subjectsOf(at(ANONYMOUS));
    expect(isStrike(guest, { code: 'RATE_LIMITED', details: { rule: 'guest' } })).toBe(true);
    expect(isStrike(guest, { code: 'RATE_LIMITED', details: { rule: 'address' } })).toBe(false);
    expect(isStrike(address, { code: 'RATE_LIMITED', details: { rule: 'anonymous' } })).toBe(false);
    expect(isStrike(address, { code: 'UNAUTHENTICATED' })).toBe(true);
    expect(isStrike(guest, { code: 'NOT_FOUND' })).toBe(false);
  });

  it("is the limit of a connection, which is nobody else's", () => {
    const fault = { code: 'RATE_LIMITED', details: { limit: 'operationsPerSecond' } } as const;
    for (const viewer of [GUEST, ANONYMOUS]) expect(isStrike(subjectsOf(at(viewer))[0], fault)).toBe(true);
  });
});

describe.each(testBackends())('abuse on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let limiter: MemoryRateLimiter;
  let here: AbuseRoom;
  let there: AbuseRoom;
  let admin: UserViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
    limiter = new MemoryRateLimiter();
    const open = (): AbuseRoom =>
      createAbuseRoom({
        kernel: { ...rooms.kernel, rateLimiter: limiter },
        audit: new AuditTrail(new AuditRepository()),
        users: rooms.users,
        onError: (error) => {
          throw error;
        },
      });
    [here, there] = [open(), open()];
    admin = await rooms.user('Root');
    await opened.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [admin.userId]);
  });
  beforeEach(() => opened.database.sql('DELETE FROM blocks'));
  afterAll(async () => {
    await here.close();
    await there.close();
    await limiter.close();
    await rooms.close();
    await opened.drop();
  });

  const actor = (viewer: Viewer) => ({ viewer, address: ADDRESS, requestId: 'request' });
  const fail = (visitor: Visitor, times: number): void => {
    for (let n = 0; n < times; n += 1) here.gate.noted(visitor, { code: 'QUERY_TOO_COMPLEX' });
  };
  const blockedOn = (room: AbuseRoom, visitor: Visitor): Promise<unknown> =>
    waitFor(() => room.gate.blockedForMs(visitor) > 0, { what: 'a block' });

  it('blocks whoever goes on with what is refused, on every instance, and nobody else behind the address', async () => {
    const guest = at({ ...GUEST, attendeeId: 'att_loud' });
    fail(guest, 60);
    await waitFor(() => here.gate.counts.strikes >= 60);
    expect(here.gate.blockedForMs(guest)).toBe(0);
    fail(guest, 1);
    await blockedOn(here, guest);
    await blockedOn(there, guest);
    expect(there.gate.blockedForMs(guest)).toBeLessThanOrEqual(STEPS_MS[0] ?? 0);
    expect(here.gate.blockedForMs(at(GUEST))).toBe(0);
    expect(here.gate.blockedForMs(at(ANONYMOUS))).toBe(0);
    await expect(there.gate.admit(guest, 1)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      reason: 'BLOCKED',
      details: { retryAfterMs: expect.any(Number) as number },
    });
  });

  it('blocks an address for what the anonymous do, after ten times as much', async () => {
    const stranger = at(ANONYMOUS, '192.0.2.99');
    fail(stranger, 600);
    fail(at(GUEST, '192.0.2.99'), 1);
    expect(here.gate.blockedForMs(stranger)).toBe(0);
    fail(stranger, 1);
    await blockedOn(here, stranger);
    expect(here.gate.blockedForMs(at(GUEST, '192.0.2.99'))).toBe(0);
  });

  it('blocks for longer each time, up to the last step, and begins anew after a quiet day', async () => {
    const blocks = new BlockRepository();
    const subject = { kind: BlockedKind.ADDRESS, value: '192.0.2.50', reason: 'test' };
    const step = async (): Promise<number> => {
      const block = await blocks.escalate(opened.database, { id: `blk_${Math.random()}`, ...subject }, ADDRESS_STEPS_MS, 86_400_000);
      if (block === null) throw new Error('It is blocked already.');
      await opened.database.sql(`UPDATE blocks SET ends_at = now() WHERE value = $1`, [subject.value]);
      return Math.round((block.endsAt.getTime() - block.createdAt.getTime()) / 60_000);
    };
    expect([await step(), await step(), await step(), await step()]).toEqual([1, 5, 30, 30]);
    await opened.database.sql(`UPDATE blocks SET ends_at = now() - interval '25 hours' WHERE value = $1`, [subject.value]);
    expect(await step()).toBe(1);
  });

  it('makes one block of strikes that cross the bound at once', async () => {
    const visitor = at({ ...GUEST, attendeeId: 'att_storm' });
    const before = here.gate.counts.blocks;
    const asked = jest.spyOn(here.service, 'escalate');
    fail(visitor, 500);
    await blockedOn(here, visitor);
    await waitFor(() => here.gate.counts.blocks > before);
    const rows = await opened.database.sql<{ step: number }>(`SELECT step FROM blocks WHERE value = 'att_storm'`);
    expect(rows).toEqual([{ step: 0 }]);
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });

  it('writes down each block that comes by itself, with the block or not at all', async () => {
    const visitor = at({ ...GUEST, attendeeId: 'att_written' });
    fail(visitor, 70);
    await blockedOn(here, visitor);
    const blocks = await opened.database.sql<{ endsAt: Date }>(`SELECT ends_at AS "endsAt" FROM blocks WHERE value = 'att_written'`);
    const entries = await opened.database.sql(
      `SELECT action, actor_kind AS "actorKind", actor_id AS "actorId", details FROM audit_entries WHERE target_id = 'att_written'`,
    );
    expect(entries).toEqual([
      {
        action: 'block.imposed',
        actorKind: 'system',
        actorId: null,
        details: { kind: 'GUEST', step: 0, endsAt: blocks[0]?.endsAt.toISOString() },
      },
    ]);
  });

  describe('for administrators', () => {
    const order = { kind: BlockedKind.ADDRESS, value: '192.0.2.200', lastsMs: 600_000, reason: 'Scraping' };
    const service = (room: AbuseRoom) => room.service;

    it('is told, made and lifted, and each is written down', async () => {
      const visitor = at(ANONYMOUS, order.value);
      const block = await service(here).block(actor(admin), order);
      expect(here.gate.blockedForMs(visitor)).toBeGreaterThan(590_000);
      expect(await service(there).list(admin, { olderThan: null, limit: 10 })).toMatchObject([
        { id: block.id, value: order.value, reason: 'Scraping', blockedById: admin.userId },
      ]);
      await service(there).unblock(actor(admin), block.id);
      await waitFor(() => here.gate.blockedForMs(visitor) === 0);
      await expect(service(here).unblock(actor(admin), block.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const trail = await opened.database.sql<{ action: string }>(`SELECT action FROM audit_entries WHERE target_id = $1 ORDER BY at, id`, [
        order.value,
      ]);
      expect(trail.map(({ action }) => action)).toEqual(['block.made', 'block.lifted']);
    });

    it('is NOT_FOUND for everybody else', async () => {
      const user = await rooms.user();
      for (const viewer of [user, GUEST, ANONYMOUS]) {
        await expect(service(here).block(actor(viewer), order)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(service(here).unblock(actor(viewer), 'blk_x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(service(here).list(viewer, { olderThan: null, limit: 10 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
    });

    it('refuses what is no subject, and the administrator', async () => {
      for (const value of ['not an address', 'usr_x', '999.1.1.1']) {
        await expect(service(here).block(actor(admin), { ...order, value })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      }
      const own = { ...order, kind: BlockedKind.USER, value: admin.userId };
      await expect(service(here).block(actor(admin), own)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    });
  });

  it('takes the points of a user until there are not enough', async () => {
    const user = at(await rooms.user());
    const allowance = await here.gate.admit(user, 10);
    expect(allowance).toMatchObject({ rule: 'user', points: 6_000 });
    expect(allowance.remaining).toBeLessThan(allowance.limit);
    for (let n = 0; n < 2; n += 1) await here.gate.admit(user, 1_000);
    await expect(here.gate.admit(user, 1_000)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      reason: 'TOO_FAST',
      details: { rule: 'user' },
    });
  });
});
