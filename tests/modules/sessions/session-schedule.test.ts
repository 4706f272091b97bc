import fc from 'fast-check';
import type { UserViewer } from '../../../src/lib/viewer';
import type { SessionRecord } from '../../../src/modules/sessions';
import type { SessionDraft } from '../../../src/modules/sessions/session-draft';
import type { SessionSearch } from '../../../src/modules/sessions/session.repository';
import { searchStatement, SessionOrder } from '../../../src/modules/sessions/session.repository';
import { asOwner, testBackends } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { by } from '../by';
import { refused } from '../refused';
import type { TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const BOOKED = refused('CONFLICT', 'ADVISOR_BOOKED');
const at = (hour: number, day = '2027-03-01'): Date => new Date(Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000);

describe.each(testBackends())('scheduling on %s', (kind) => {
  let two: TwoStages;
  let host: UserViewer;
  let advisor: UserViewer;

  beforeAll(async () => {
    two = await openTwoStages(kind);
    host = await two.stage.user('Host');
  });
  afterAll(() => two.close());
  beforeEach(async () => {
    advisor = await two.stage.user('Advisor');
  });

  const call = (draft: Partial<SessionDraft>, stage = two.stage): Promise<SessionRecord> =>
    stage.sessions.create(host, { title: 'Advice', kind: 'CALL', medium: 'VIDEO', capacity: 2, advisorId: advisor.userId, ...draft });

  describe('times', () => {
    it('are instants with a zone, given by the clocks of the zone or not', async () => {
      const timeZone = 'Europe/Berlin';
      const local = await two.stage.conference(host, {
        timeZone,
        scheduledForLocal: '2027-03-28T02:30',
        scheduledEndLocal: '2027-03-28T04:00',
      });
      expect(local).toMatchObject({
        timeZone,
        scheduledFor: new Date('2027-03-28T01:30:00Z'),
        scheduledEndAt: new Date('2027-03-28T02:00:00Z'),
      });
      expect(await two.stage.conference(host, { timeZone: 'utc', scheduledFor: at(9) })).toMatchObject({
        timeZone: 'UTC',
        scheduledFor: at(9),
        scheduledEndAt: null,
      });
    });

    it('move together, and stay the same instants in another zone', async () => {
      const { id } = await two.stage.conference(host, { scheduledFor: at(9), scheduledEndAt: at(10.5), timeZone: 'UTC' });
      const update = (wish: object): Promise<SessionRecord> => two.stage.sessions.update(by(host), id, wish);
      expect(await update({ scheduledForLocal: '2027-03-01T12:00' })).toMatchObject({ scheduledFor: at(12), scheduledEndAt: at(13.5) });
      expect(await update({ timeZone: 'Asia/Tokyo' })).toMatchObject({
        scheduledFor: at(12),
        scheduledEndAt: at(13.5),
        timeZone: 'Asia/Tokyo',
      });
      expect(await update({ scheduledEndAt: at(14) })).toMatchObject({ scheduledFor: at(12), scheduledEndAt: at(14) });
      expect(await update({ title: 'Other' })).toMatchObject({ scheduledFor: at(12), scheduledEndAt: at(14) });
      expect(await update({ scheduledFor: null })).toMatchObject({ scheduledFor: null, scheduledEndAt: null });
    });

    it.each([
      [{ scheduledEndAt: at(9) }, 'scheduledEndAt'],
      [{ scheduledFor: at(9), scheduledEndAt: at(9) }, 'scheduledEndAt'],
      [{ scheduledFor: at(9), scheduledEndAt: at(9 + 31 * 24 + 1) }, 'scheduledEndAt'],
      [{ scheduledFor: at(9), timeZone: 'Europe/Atlantis' }, 'timeZone'],
      [{ scheduledForLocal: '2027-03-01T09:00' }, 'timeZone'],
      [{ scheduledForLocal: 'tomorrow', timeZone: 'UTC' }, 'scheduledForLocal'],
      [{ scheduledForLocal: '1999-12-31T23:00', timeZone: 'UTC' }, 'scheduledForLocal'],
      [{ scheduledFor: at(9), scheduledForLocal: '2027-03-01T09:00', timeZone: 'UTC' }, 'scheduledForLocal'],
    ])('refuses %j', async (draft, path) => {
      await expect(two.stage.conference(host, draft)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { fields: [{ path }] } });
    });
  });

  describe('an advisor', () => {
    it('has one call at a time, one after the other', async () => {
      const first = await call({ scheduledFor: at(9) });
      expect(first.scheduledEndAt).toEqual(at(10));
      await expect(call({ scheduledFor: at(9.5), scheduledEndAt: at(12) })).rejects.toMatchObject(BOOKED);
      const second = await call({ scheduledFor: at(10), scheduledEndAt: at(11) });
      await expect(two.there.sessions.update(by(host), second.id, { scheduledFor: at(9.9) })).rejects.toMatchObject(BOOKED);
      expect(await two.stage.sessions.get(two.database, second.id)).toMatchObject({ scheduledFor: at(10) });

      await call({});
      await call({ scheduledFor: at(9), advisorId: (await two.stage.user()).userId });
    });

    it('is free again once a call is cancelled, over or deleted', async () => {
      const stage = two.stage;
      const cancelled = await call({ scheduledFor: at(9) });
      await stage.sessions.command(by(host), cancelled.id, 'cancel');
      const over = await call({ scheduledFor: at(9) });
      await stage.sessions.command(by(host), over.id, 'start');
      await expect(call({ scheduledFor: at(9) })).rejects.toMatchObject(BOOKED);
      await stage.sessions.command(by(host), over.id, 'end');
      const deleted = await call({ scheduledFor: at(9) });
      await stage.sessions.delete(by(host), deleted.id);
      await call({ scheduledFor: at(9) });
    });

    it(
      'is never booked twice, however calls are made, moved and cancelled on two instances at once',
      async () => {
        const half = fc.integer({ min: 0, max: 15 });
        const attempt = fc.record({ begin: half, length: fc.integer({ min: 1, max: 4 }), there: fc.boolean(), then: fc.option(half) });
        await fc.assert(
          fc.asyncProperty(fc.array(attempt, { minLength: 4, maxLength: 8 }), async (attempts) => {
            advisor = await two.stage.user('Advisor');
            const outcomes = await Promise.allSettled(
              attempts.map(async ({ begin, length, there, then }) => {
                const stage = there ? two.there : two.stage;
                const { id } = await call({ scheduledFor: at(begin / 2), scheduledEndAt: at((begin + length) / 2) }, stage);
                if (then !== null && then > 12) await stage.sessions.command(by(host), id, 'cancel');
                else if (then !== null) await stage.sessions.update(by(host), id, { scheduledFor: at(then / 2) });
              }),
            );
            for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(BOOKED);
            const [overlaps] = await two.database.sql<{ count: number; booked: number }>(
              `SELECT count(*) FILTER (WHERE a.id < b.id AND tstzrange(a.scheduled_for, a.scheduled_end_at) && tstzrange(b.scheduled_for, b.scheduled_end_at)) AS count,
                 count(*) FILTER (WHERE a.id = b.id) AS booked
               FROM sessions a JOIN sessions b USING (advisor_id)
               WHERE advisor_id = $1 AND a.status = 'SCHEDULED' AND b.status = 'SCHEDULED'`,
              [advisor.userId],
            );
            expect(overlaps?.count).toBe(0);
          }),
          { numRuns: propertyRuns(6) },
        );
      },
      PROPERTY_TIMEOUT_MS,
    );
  });

  describe('lists', () => {
    it('go by the schedule, page by page, between two times, of one organization', async () => {
      const viewer = await two.stage.user();
      const other = await two.stage.organizations.create(by(viewer), 'Other');
      const made: SessionRecord[] = [];
      for (const hour of [15, 9, 9, 12, 18]) made.push(await two.stage.conference(viewer, { scheduledFor: at(hour) }));
      const elsewhere = await two.stage.conference(viewer, { scheduledFor: at(11), organizationId: other.id });
      await two.stage.conference(viewer);

      const order = SessionOrder.SCHEDULE;
      const seen: SessionRecord[] = [];
      for (let beyond = null as SessionSearch['beyond'], more = true; more; more = beyond !== null) {
        const page = await two.stage.sessions.list(viewer, { order, scheduledFrom: at(9), scheduledBefore: at(18), beyond, limit: 2 });
        seen.push(...page);
        const last = page.at(-1);
        beyond = last?.scheduledFor ? { at: last.scheduledFor, id: last.id } : null;
      }
      const expected = [...made, elsewhere]
        .filter(({ scheduledFor }) => scheduledFor && scheduledFor < at(18))
        .sort((a, b) => Number(a.scheduledFor) - Number(b.scheduledFor) || (a.id < b.id ? -1 : 1));
      expect(seen.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));

      const there = await two.stage.sessions.list(viewer, { organizationId: other.id, beyond: null, limit: 10 });
      expect(there.map(({ id }) => id)).toEqual([elsewhere.id]);
      expect(await two.stage.sessions.list(host, { organizationId: other.id, beyond: null, limit: 10 })).toEqual([]);
    });

    it('read no more than a page of an organization with 20,000 sessions, in either order', async () => {
      const { organizationId } = await two.stage.conference(host);
      await two.database.sql(
        `INSERT INTO sessions (id, organization_id, host_id, code, title, kind, medium, capacity, status, scheduled_for, created_at)
         SELECT 'ses_' || lpad(n::text, 26, '0'), $1, 'usr_' || n % 50, 'x' || n, 't', 'CONFERENCE', 'CHAT', 9, 'COMPLETED',
           now() + n * interval '1 minute', now() - n * interval '1 second'
         FROM generate_series(1, 20000) AS n`,
        [organizationId],
      );
      await asOwner(two.database, 'ANALYZE sessions');
      const whole = { hostId: host.userId, organizationIds: [organizationId], ids: ['ses_1'], within: null, limit: 26 };
      for (const order of Object.values(SessionOrder)) {
        const beyond = { at: order === SessionOrder.NEWEST ? new Date() : at(0), id: 'ses_1' };
        for (const search of [
          { ...whole, order, beyond: null },
          { ...whole, order, beyond, status: ['COMPLETED'] as const },
        ]) {
          const [text, values] = searchStatement(search);
          const plan = await two.database.sql<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, TIMING OFF) ${text}`, values);
          const lines = plan.map((row) => row['QUERY PLAN']);
          expect(lines.join('\n')).not.toContain('Seq Scan');
          const read = lines.flatMap((line) => [.../actual rows=(\d+)/g[Symbol.matchAll](line)].map(([, rows]) => Number(rows)));
          expect(Math.max(...read)).toBeLessThan(200);
        }
      }
    });
  });
});
