import fc from 'fast-check';
import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SessionRecord } from '../../../src/modules/sessions';
import { sessionChanged } from '../../../src/modules/sessions';
import type { LifecycleCommand } from '../../../src/modules/sessions/session.lifecycle';
import { LIFECYCLE, statusAfter } from '../../../src/modules/sessions/session.lifecycle';
import type { StreamEvent } from '../../../src/realtime/event';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { by } from '../by';
import { createRooms, guestOf } from '../rooms';

const ABSENT = 'ses_00000000000000000000000000';

describe.each(testBackends())('sessions on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let host: UserViewer;
  let stranger: UserViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
    host = await rooms.user('Host');
    stranger = await rooms.user('Stranger');
  });
  afterAll(async () => {
    await rooms.kernel.close();
    await opened.drop();
  });

  const notFound = refused('NOT_FOUND', 'NOT_FOUND');
  const call = (draft: object): Promise<SessionRecord> =>
    rooms.sessions.create(host, { title: 'Advice', kind: 'CALL', medium: 'AUDIO', capacity: 100, ...draft });

  describe('create', () => {
    it('requires a user', async () => {
      await expect(rooms.conference(ANONYMOUS as never)).rejects.toMatchObject(refused('UNAUTHENTICATED', 'SIGN_IN_REQUIRED'));
      const guest = guestOf(await rooms.attendees.join(ANONYMOUS, { code: (await rooms.conference(host)).code, displayName: 'Guest' }));
      await expect(rooms.conference(guest as never)).rejects.toMatchObject(refused('FORBIDDEN', 'ACCOUNT_REQUIRED'));
    });

    it('schedules a conference whose host is present and takes no seat', async () => {
      const session = await rooms.conference(host, { title: '  All hands ', description: ' ', capacity: 5 });
      expect(session).toMatchObject({
        title: 'All hands',
        description: null,
        status: 'SCHEDULED',
        capacity: 5,
        attendeeCount: 0,
        hostId: host.userId,
      });
      expect(await rooms.attendance.require(opened.database, host, session.id)).toMatchObject({ role: 'HOST', displayName: 'Host' });
    });

    it('tells it on the stream exactly as it is stored', async () => {
      const session = await rooms.conference(host, { scheduledFor: new Date('2027-03-01T10:00:00Z') });
      const [event, ...others] = await rooms.history(session.id);
      expect(others).toEqual([]);
      expect(event && sessionChanged.read(event)).toEqual({ session: await rooms.sessions.get(opened.database, session.id) });
    });

    it('schedules a call of two, with a price, for a client and an advisor who are expected', async () => {
      const session = await call({ advisorId: stranger.userId, ratePerMinuteMinor: 250, currency: 'EUR' });
      expect(session).toMatchObject({ kind: 'CALL', capacity: 2, attendeeCount: 0, ratePerMinuteMinor: 250, currency: 'EUR' });
      expect(await rooms.attendance.find(opened.database, host, session.id)).toMatchObject({ role: 'CLIENT', status: 'WAITING' });
      expect(await rooms.attendance.find(opened.database, stranger, session.id)).toMatchObject({ role: 'ADVISOR', status: 'WAITING' });
    });

    it('refuses a call without another user to advise, or with half a price', async () => {
      for (const advisorId of [undefined, null, 'usr_nonsense', 'usr_00000000000000000000000000', host.userId]) {
        await expect(call({ advisorId })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { fields: [{ path: 'advisorId' }] } });
      }
      const advisorId = stranger.userId;
      await expect(call({ advisorId, currency: 'EUR' })).rejects.toMatchObject({ details: { fields: [{ path: 'ratePerMinuteMinor' }] } });
      await expect(call({ advisorId, ratePerMinuteMinor: 1 })).rejects.toMatchObject({ details: { fields: [{ path: 'currency' }] } });
    });

    it.each([{ advisorId: 'usr_1' }, { ratePerMinuteMinor: 1 }, { currency: 'EUR' }])('refuses a conference with %j', async (draft) => {
      await expect(rooms.conference(host, draft)).rejects.toMatchObject({ details: { fields: [{ path: Object.keys(draft)[0] }] } });
    });
  });

  describe('reading', () => {
    it('is for the host, attendees who were not removed, and the organization', async () => {
      const session = await rooms.conference(host);
      const colleague = await rooms.user('Colleague');
      await opened.database
        .as('system')
        .sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, 'MEMBER')`, [
          session.organizationId,
          colleague.userId,
        ]);
      const joined = await rooms.attendees.join(ANONYMOUS, { code: session.code, displayName: 'Guest' });
      const removed = await rooms.attendees.join(ANONYMOUS, { code: session.code, displayName: 'Troll' });
      await rooms.moderation.remove(by(host), removed.attendee.id);
      const left = await rooms.attendees.join(ANONYMOUS, { code: session.code, displayName: 'Early bird' });
      await rooms.attendees.leave(guestOf(left), session.id);

      const readers: [Viewer, boolean][] = [
        [host, true],
        [colleague, true],
        [guestOf(joined), true],
        [guestOf(left), true],
        [guestOf(removed), false],
        [stranger, false],
        [ANONYMOUS, false],
      ];
      for (const [viewer, may] of readers) {
        expect((await rooms.sessions.findFor(by(viewer), session.id)) !== null).toBe(may);
        const listed = await rooms.sessions.list(viewer, { beyond: null, limit: 100 });
        expect(listed.some(({ id }) => id === session.id)).toBe(may);
      }
    });

    it('answers what is absent, or has no id of a session, like what is not yours', async () => {
      for (const id of [ABSENT, host.userId, '', 'ses_nonsense']) {
        expect(await rooms.sessions.findFor(by(host), id)).toBeNull();
        await expect(rooms.sessions.command(by(host), id, 'start')).rejects.toMatchObject(notFound);
      }
    });

    it('shows the card to whoever has the code, however typed', async () => {
      const { id, code } = await rooms.conference(host);
      expect(await rooms.sessions.findCard(`${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase())).toMatchObject({ id });
      expect(await rooms.sessions.findCard('AAAAAAAA')).toBeNull();
      expect(await rooms.sessions.findCard('%')).toBeNull();
    });

    it('lists newest first, page by page, each session once, filtered', async () => {
      const viewer = await rooms.user();
      const made: SessionRecord[] = [];
      for (let i = 0; i < 5; i += 1) made.unshift(await rooms.conference(viewer));
      await opened.database.sql(`UPDATE sessions SET created_at = $2 WHERE id = ANY($1)`, [made.map(({ id }) => id), new Date()]);
      const started = made[2]?.id ?? '';
      await rooms.sessions.command(by(viewer), started, 'start');

      const seen: string[] = [];
      for (let olderThan = null as SessionRecord | null, more = true; more; more = olderThan !== null) {
        const page = await rooms.sessions.list(viewer, { beyond: olderThan && { at: olderThan.createdAt, id: olderThan.id }, limit: 2 });
        seen.push(...page.map(({ id }) => id));
        olderThan = page.at(-1) ?? null;
      }
      expect(seen).toEqual(
        made
          .map(({ id }) => id)
          .sort()
          .reverse(),
      );
      const listed = async (filter: object): Promise<string[]> =>
        (await rooms.sessions.list(viewer, { ...filter, beyond: null, limit: 10 })).map(({ id }) => id);
      expect(await listed({ status: ['LIVE', 'PAUSED'] })).toEqual([started]);
      expect(await listed({ kind: 'CALL' })).toEqual([]);
      expect(await listed({ status: null, kind: null })).toHaveLength(5);
    });
  });

  describe('update', () => {
    it('changes what is given, clears what is null, leaves the rest', async () => {
      const { id } = await rooms.conference(host, { description: 'Long', scheduledFor: new Date('2027-01-01') });
      expect(await rooms.sessions.update(by(host), id, { title: ' New ', scheduledFor: null })).toMatchObject({
        title: 'New',
        description: 'Long',
        scheduledFor: null,
        capacity: 100,
      });
      expect(await rooms.sessions.update(by(host), id, { description: null })).toMatchObject({ title: 'New', description: null });
    });

    it('requires the host', async () => {
      const { id, code } = await rooms.conference(host);
      const guest = guestOf(await rooms.attendees.join(ANONYMOUS, { code, displayName: 'Guest' }));
      await expect(rooms.sessions.update(by(guest), id, { title: 'Mine' })).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_HOST'));
      await expect(rooms.sessions.update(by(stranger), id, { title: 'Mine' })).rejects.toMatchObject(notFound);
      await expect(rooms.sessions.update(by(ANONYMOUS), id, { title: 'Mine' })).rejects.toMatchObject(notFound);
    });

    it('sets what is allowed, and tells it; approval is for conferences', async () => {
      const { id } = await rooms.conference(host);
      await rooms.sessions.update(by(host), id, { questionApproval: true });
      await rooms.sessions.update(by(host), id, { anonymousQuestions: false });
      const told = (await rooms.history(id)).map((event) => sessionChanged.read(event).session);
      expect(told.map(({ questionApproval, anonymousQuestions }) => [questionApproval, anonymousQuestions])).toEqual([
        [false, true],
        [true, true],
        [true, false],
      ]);
      const paid = await call({ advisorId: stranger.userId });
      await expect(rooms.sessions.update(by(host), paid.id, { questionApproval: true })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    });

    it('is told of sessions from before there were settings, as they were then', async () => {
      const { id } = await rooms.conference(host);
      const [event] = await rooms.history(id);
      const {
        questionApproval: _,
        anonymousQuestions: __,
        refuseDuplicates: ___,
        chatEnabled: ____,
        slowModeSeconds: _____,
        reactionEmojis: ______,
        ...former
      } = (event?.payload as { session: Record<string, string> }).session;
      const old = { ...(event as StreamEvent), payload: { session: former } };
      expect(sessionChanged.read(old).session).toEqual(await rooms.sessions.get(opened.database, id));
    });

    it('never makes fewer seats than are taken', async () => {
      const { id, code } = await rooms.conference(host);
      await rooms.attendees.join(ANONYMOUS, { code, displayName: 'One' });
      await rooms.attendees.join(ANONYMOUS, { code, displayName: 'Two' });
      await expect(rooms.sessions.update(by(host), id, { capacity: 1 })).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'CAPACITY_BELOW_ATTENDANCE'),
      );
      expect(await rooms.sessions.update(by(host), id, { capacity: 2 })).toMatchObject({ capacity: 2 });
    });

    it('is over when the session is over, and never for the seats of a call', async () => {
      const { id } = await rooms.conference(host);
      await rooms.sessions.command(by(host), id, 'cancel');
      await expect(rooms.sessions.update(by(host), id, { title: 'Late' })).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'SESSION_CANCELLED'),
      );
      const paid = await call({ advisorId: stranger.userId });
      await expect(rooms.sessions.update(by(host), paid.id, { capacity: 3 })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    });
  });

  describe('commands', () => {
    it('require who runs the session', async () => {
      const { id, code } = await rooms.conference(host);
      const guest = guestOf(await rooms.attendees.join(ANONYMOUS, { code, displayName: 'Guest' }));
      for (const command of Object.keys(LIFECYCLE) as LifecycleCommand[]) {
        await expect(rooms.sessions.command(by(guest), id, command)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_HOST'));
        await expect(rooms.sessions.command(by(stranger), id, command)).rejects.toMatchObject(notFound);
      }
    });

    it('let either party run a call', async () => {
      const { id } = await call({ advisorId: stranger.userId });
      expect(await rooms.sessions.command(by(stranger), id, 'start')).toMatchObject({ status: 'LIVE' });
      expect(await rooms.sessions.command(by(host), id, 'end')).toMatchObject({ status: 'COMPLETED' });
    });

    it('set the times by the database, and keep the first start over a pause', async () => {
      const { id } = await rooms.conference(host);
      const live = await rooms.sessions.command(by(host), id, 'start');
      expect(live).toMatchObject({ startedAt: expect.any(Date) as Date, endedAt: null });
      await rooms.sessions.command(by(host), id, 'pause');
      expect(await rooms.sessions.command(by(host), id, 'resume')).toMatchObject({ startedAt: live.startedAt, endedAt: null });
      expect(await rooms.sessions.command(by(host), id, 'end')).toMatchObject({
        startedAt: live.startedAt,
        endedAt: expect.any(Date) as Date,
      });
    });

    it('make a session live for rooms that ask, until it ends', async () => {
      const { id } = await rooms.conference(host);
      const notLive = refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE');
      await expect(rooms.sessions.requireLive(opened.database, id)).rejects.toMatchObject(notLive);
      await rooms.sessions.command(by(host), id, 'start');
      await expect(rooms.sessions.requireLive(opened.database, id)).resolves.toMatchObject({ id });
      await expect(opened.database.transaction((tx) => rooms.sessions.requireLiveLocked(tx, id))).resolves.toMatchObject({ id });
      await rooms.sessions.command(by(host), id, 'end');
      await expect(rooms.sessions.requireLive(opened.database, id)).rejects.toMatchObject(notLive);
      await expect(opened.database.transaction((tx) => rooms.sessions.requireLiveLocked(tx, id))).rejects.toMatchObject(notLive);
      await expect(rooms.sessions.requireOpen(opened.database, id)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_ENDED'));
    });

    it('have one winner among fifty starts at once', async () => {
      const { id } = await rooms.conference(host);
      const results = await Promise.allSettled(Array.from({ length: 50 }, () => rooms.sessions.command(by(host), id, 'start')));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await rooms.history(id)).toHaveLength(2);
    });

    it(
      'R7: move only along legal transitions under any concurrent commands, one event for each',
      async () => {
        const commands = fc.array(fc.constantFrom(...(Object.keys(LIFECYCLE) as LifecycleCommand[])), { minLength: 1, maxLength: 6 });
        await fc.assert(
          fc.asyncProperty(fc.array(commands, { minLength: 1, maxLength: 3 }), async (waves) => {
            const { id } = await rooms.conference(host);
            let accepted = 0;
            for (const wave of waves) {
              const results = await Promise.allSettled(wave.map((command) => rooms.sessions.command(by(host), id, command)));
              for (const result of results) {
                if (result.status === 'fulfilled') accepted += 1;
                else expect(result.reason).toMatchObject(refused('FAILED_PRECONDITION', 'ILLEGAL_TRANSITION'));
              }
            }
            const told = (await rooms.history(id)).map((event) => sessionChanged.read(event).session.status);
            expect(told).toHaveLength(accepted + 1);
            for (const [index, status] of told.slice(1).entries()) {
              const before = told[index] ?? 'SCHEDULED';
              expect((Object.keys(LIFECYCLE) as LifecycleCommand[]).map((command) => statusAfter(before, command))).toContain(status);
            }
            expect((await rooms.sessions.get(opened.database, id)).status).toBe(told.at(-1));
          }),
          { numRuns: propertyRuns(500) },
        );
      },
      PROPERTY_TIMEOUT_MS,
    );
  });
});
