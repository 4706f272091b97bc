import type { UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { sessionChanged } from '../../../src/modules/sessions';
import { PLANS } from '../../../src/modules/organizations/plans';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { open } from '../open';
import { refused } from '../refused';
import { guestOf } from '../rooms';
import type { TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const NOT_FOUND = refused('NOT_FOUND', 'NOT_FOUND');

describe.each(testBackends())('what is kept with a session on %s', (kind) => {
  let two: TwoStages;
  let host: UserViewer;
  let stranger: UserViewer;

  beforeAll(async () => {
    two = await openTwoStages(kind);
    host = await two.stage.user('Host');
    stranger = await two.stage.user('Stranger');
  });
  afterAll(() => two.close());

  const each = async <T>(work: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> => Promise.allSettled(work);
  const ago = (id: string, column: string, seconds: number): Promise<object[]> =>
    two.database.sql(`UPDATE sessions SET ${column} = ${column} - $2 * interval '1 second' WHERE id = $1`, [id, seconds]);

  describe('metadata', () => {
    it('are merged or replaced, each change with the next version, and told on the stream', async () => {
      const { id } = await two.stage.conference(host);
      const metadata = async (): Promise<object | undefined> => (await two.stage.papers.listMetadata([id]))[0];
      expect(await metadata()).toMatchObject({ metadata: {}, version: 0 });
      const change = (wish: object): Promise<unknown> => two.stage.papers.changeMetadata(by(host), { sessionId: id, ...wish });
      await change({ replacement: { crm: { deal: 7, stage: 'won' }, tags: ['a'] } });
      await change({ patch: { crm: { stage: null, owner: 'Ann' }, tags: ['b'] }, version: 1 });
      expect(await metadata()).toMatchObject({ metadata: { crm: { deal: 7, owner: 'Ann' }, tags: ['b'] }, version: 2 });
      await expect(change({ patch: {}, version: 1 })).rejects.toMatchObject({
        ...refused('CONFLICT', 'METADATA_CHANGED'),
        details: { version: 2, metadata: { tags: ['b'] } },
      });
      const told = (await two.stage.history(id)).filter(({ type }) => type === 'session.metadata_changed');
      expect(told.map(({ payload }) => payload)).toMatchObject([{ version: 1 }, { version: 2, metadata: { tags: ['b'] } }]);
    });

    it('lose nothing when two instances merge at once', async () => {
      const { id } = await two.stage.conference(host);
      const stages = [two.stage, two.there];
      await Promise.all(
        Array.from({ length: 12 }, (_, n) => stages[n % 2]!.papers.changeMetadata(by(host), { sessionId: id, patch: { [`k${n}`]: n } })),
      );
      const [kept] = await two.stage.papers.listMetadata([id]);
      expect(kept?.version).toBe(12);
      expect(Object.keys(kept?.metadata as object)).toHaveLength(12);
    });

    it('are an object of at most 16 kB and eight levels, and are the host’s to change', async () => {
      const { id, code } = await two.stage.conference(host);
      const deep = (levels: number): object => (levels === 1 ? {} : { a: deep(levels - 1) });
      const change = (replacement: unknown, actor = host): Promise<unknown> =>
        two.stage.papers.changeMetadata(by(actor), { sessionId: id, replacement });
      for (const wrong of [[], 'text', 7, null, { text: 'é'.repeat(8_192) }, deep(9)])
        await expect(change(wrong)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { fields: [{ path: 'metadata' }] } });
      await change({ text: 'x'.repeat(16_373) });
      await expect(change({ more: 1 }, stranger)).rejects.toMatchObject(NOT_FOUND);
      await two.stage.attendees.join(stranger, { code });
      await expect(change({}, stranger)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_HOST'));
    });
  });

  describe('notes', () => {
    it('are the host’s alone, and of a call the advisor’s', async () => {
      const advisor = await two.stage.user();
      const conference = await two.stage.conference(host);
      const call = await two.stage.sessions.create(host, {
        title: 'A',
        kind: 'CALL',
        medium: 'CHAT',
        capacity: 2,
        advisorId: advisor.userId,
      });
      const write = (who: UserViewer, sessionId: string, version = 0): Promise<unknown> =>
        two.stage.papers.writeNotes(by(who), { sessionId, body: 'He hesitates.', version });
      await write(host, conference.id);
      await write(advisor, call.id);
      await expect(write(host, call.id, 1)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_NOTE_KEEPER'));
      await expect(write(stranger, call.id, 1)).rejects.toMatchObject(NOT_FOUND);
      expect(await two.stage.papers.findNotes(advisor, call)).toMatchObject({ body: 'He hesitates.', version: 1 });
      expect(await two.stage.papers.findNotes(host, call)).toBeNull();
    });

    it('are changed from the newest version only; of many at once one is taken', async () => {
      const { id } = await two.stage.conference(host);
      const stages = [two.stage, two.there];
      const outcomes = await each(
        Array.from({ length: 6 }, (_, n) => stages[n % 2]!.papers.writeNotes(by(host), { sessionId: id, body: `${n}`, version: 0 })),
      );
      const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
      expect(refusals).toHaveLength(5);
      for (const refusal of refusals) expect(refusal).toMatchObject({ ...refused('CONFLICT', 'NOTES_CHANGED'), details: { version: 1 } });
    });

    it('are told of to who may read them, without what they say', async () => {
      const { id, code } = await two.stage.conference(host);
      await two.stage.attendees.join(stranger, { code });
      await two.stage.papers.writeNotes(by(host), { sessionId: id, body: 'secret', version: 0 });
      const told = async (who: UserViewer): Promise<string> =>
        JSON.stringify(await two.stage.sessionEvents.list(by(who), id, { epoch: (await two.stage.history(id))[0]!.epoch, offset: 0 }, 100));
      expect(await told(host)).toContain('session.notes_changed');
      expect(await told(stranger)).not.toContain('notes');
      expect(await told(host)).not.toContain('secret');
    });
  });

  describe('a copy', () => {
    it('has what was set up, and nothing of what happened', async () => {
      const scheduledFor = new Date('2027-05-01T10:00:00Z');
      const source = await two.stage.conference(host, {
        title: 'Weekly',
        description: 'Us',
        capacity: 7,
        scheduledFor,
        timeZone: 'Europe/Berlin',
      });
      await two.stage.sessions.update(by(host), source.id, { presenting: 'EVERYONE', anonymousQuestions: false });
      await two.stage.papers.changeMetadata(by(host), { sessionId: source.id, patch: { room: 4 } });
      await two.stage.papers.writeNotes(by(host), { sessionId: source.id, body: 'private', version: 0 });
      await two.stage.attendees.join(stranger, { code: source.code });
      await two.stage.sessions.command(by(host), source.id, 'start');

      const copy = await two.stage.sessions.duplicate(by(host), source.id, { title: 'Weekly, again' });
      expect(copy).toMatchObject({
        title: 'Weekly, again',
        description: 'Us',
        capacity: 7,
        status: 'SCHEDULED',
        scheduledFor: null,
        timeZone: 'Europe/Berlin',
        presenting: 'EVERYONE',
        anonymousQuestions: false,
        attendeeCount: 0,
        hostId: host.userId,
        organizationId: source.organizationId,
      });
      expect(copy.code).not.toBe(source.code);
      expect(await two.stage.papers.listMetadata([copy.id])).toMatchObject([{ metadata: { room: 4 } }]);
      expect(await two.stage.papers.findNotes(host, copy)).toMatchObject({ body: '', version: 0 });
      expect(await two.stage.attendance.find(two.database, stranger, copy.id)).toBeNull();
      expect((await two.stage.history(copy.id)).map((event) => sessionChanged.read(event).session)).toEqual([copy]);
    });

    it('is one, however often and wherever the same is asked for', async () => {
      const source = await two.stage.conference(host);
      const stages = [two.stage, two.there];
      const wish = { clientId: 'copy-1', title: 'Copy' };
      const copies = await Promise.all(Array.from({ length: 6 }, (_, n) => stages[n % 2]!.sessions.duplicate(by(host), source.id, wish)));
      expect(new Set(copies.map(({ id }) => id)).size).toBe(1);
      await expect(two.stage.sessions.duplicate(by(host), source.id, { ...wish, title: 'Other' })).rejects.toMatchObject(
        refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'),
      );
      await expect(two.stage.sessions.duplicate(by(stranger), source.id, wish)).rejects.toMatchObject(NOT_FOUND);

      const made = await Promise.all(stages.map(({ conference }) => conference(host, { title: 'Once', clientId: 'made-1' })));
      expect(made[0]?.id).toBe(made[1]?.id);
    });
  });

  describe('deleting', () => {
    it('takes a session out of everybody’s sight, and ends what they follow', async () => {
      const session = await two.stage.conference(host);
      const guest = guestOf(await two.stage.attendees.join(ANONYMOUS, { code: session.code, displayName: 'Guest' }));
      const followed = await two.there.sessionEvents.follow(by(guest), session.id, null, open());
      await two.stage.sessions.delete(by(host), session.id);
      let ended = false;
      void (async () => {
        while (!(await followed.next()).done);
        ended = true;
      })();
      await waitFor(() => Promise.resolve(ended));

      for (const viewer of [host, guest]) {
        expect(await two.stage.sessions.findFor(by(viewer), session.id)).toBeNull();
        expect(await two.stage.progress.find(by(viewer), session.id)).toBeNull();
        await expect(two.stage.sessionEvents.list(by(viewer), session.id, null, 10)).rejects.toMatchObject(NOT_FOUND);
      }
      expect(await two.stage.sessions.findCard(session.code)).toBeNull();
      await expect(two.stage.attendees.join(stranger, { code: session.code })).rejects.toMatchObject(NOT_FOUND);
      await expect(two.stage.sessions.delete(by(host), session.id)).rejects.toMatchObject(NOT_FOUND);
      const told = (await two.stage.history(session.id))
        .filter((event) => sessionChanged.is(event))
        .map((event) => sessionChanged.read(event).session);
      expect(told.map(({ status, deletedAt }) => [status, deletedAt !== null])).toEqual([
        ['SCHEDULED', false],
        ['CANCELLED', false],
        ['CANCELLED', true],
      ]);
    });

    it('waits until the session is over, and is the host’s', async () => {
      const { session } = await two.stage.live();
      await expect(two.stage.sessions.delete(by(stranger), session.id)).rejects.toMatchObject(NOT_FOUND);
      const owner: UserViewer = { ...host, userId: session.hostId };
      await expect(two.stage.sessions.delete(by(owner), session.id)).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'SESSION_UNDER_WAY'),
      );
      await two.stage.sessions.command(by(owner), session.id, 'end');
      await two.stage.sessions.delete(by(owner), session.id);
      expect(await two.stage.sessions.list(owner, { beyond: null, limit: 10 })).toEqual([]);
    });
  });

  describe('pauses', () => {
    it('add up by the clock of the database, also the one that the end ends', async () => {
      const { id } = await two.stage.conference(host);
      const command = (name: 'start' | 'pause' | 'resume' | 'end'): Promise<unknown> => two.stage.sessions.command(by(host), id, name);
      await command('start');
      await ago(id, 'started_at', 100);
      await command('pause');
      await ago(id, 'paused_at', 30);
      expect(await two.stage.progress.find(by(host), id)).toMatchObject({ status: 'PAUSED', pausedMs: 0 });
      await command('resume');
      await command('pause');
      await ago(id, 'paused_at', 20);
      await command('end');

      const progress = await two.stage.progress.find(by(host), id);
      expect(progress).toMatchObject({ status: 'COMPLETED', pausedAt: null });
      expect(Math.floor((progress?.pausedMs ?? 0) / 10_000)).toBe(5);
      expect(Math.floor((progress?.activeMs ?? 0) / 10_000)).toBe(5);
    });
  });

  describe('a session’s progress', () => {
    it('is one read for all who ask in a turn, and nothing to strangers', async () => {
      const { id } = await two.stage.conference(host);
      expect(await two.stage.progress.find(by(stranger), id)).toBeNull();
      expect(await two.stage.progress.find(by(host), 'ses_nonsense')).toBeNull();
      const answers = await Promise.all(Array.from({ length: 50 }, () => two.stage.progress.find(by(host), id)));
      expect(answers.every((answer) => answer?.status === 'SCHEDULED' && answer.activeMs === 0)).toBe(true);
    });
  });

  describe('a plan', () => {
    const fill = (organizationId: string, status: 'LIVE' | 'SCHEDULED', many: number): Promise<object[]> =>
      two.database.sql(
        `INSERT INTO sessions (id, organization_id, host_id, code, title, kind, medium, capacity, status)
         SELECT 'ses_' || $3 || n, $1, 'h', $3 || n, 't', 'CONFERENCE', 'CHAT', 9, $3::"SessionStatus" FROM generate_series(1, $2::int) AS n`,
        [organizationId, many, status],
      );
    const refusalsOf = (outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] =>
      outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));

    it('bounds sessions under way and sessions that wait, exactly, whoever adds to them at once', async () => {
      const owner = await two.stage.user();
      const stages = [two.stage, two.there];
      const waiting = await Promise.all(Array.from({ length: 5 }, () => two.stage.conference(owner)));
      const { organizationId } = waiting[0]!;
      await fill(organizationId, 'LIVE', PLANS.FREE.liveSessions - 2);
      const started = await each(waiting.map(({ id }, n) => stages[n % 2]!.sessions.command(by(owner), id, 'start')));
      expect(refusalsOf(started)).toHaveLength(3);
      for (const refusal of refusalsOf(started))
        expect(refusal).toMatchObject(refused('FAILED_PRECONDITION', 'LIVE_SESSION_LIMIT_REACHED'));

      await fill(organizationId, 'SCHEDULED', PLANS.FREE.scheduledSessions - 4);
      const made = await each(Array.from({ length: 4 }, (_, n) => stages[n % 2]!.conference(owner)));
      expect(refusalsOf(made)).toHaveLength(3);
      for (const refusal of refusalsOf(made))
        expect(refusal).toMatchObject(refused('FAILED_PRECONDITION', 'SCHEDULED_SESSION_LIMIT_REACHED'));
    });

    it('bounds the seats of a session, from the beginning and later', async () => {
      const tooMany = refused('FAILED_PRECONDITION', 'ATTENDEE_LIMIT_REACHED');
      const owner = await two.stage.user();
      const capacity = PLANS.FREE.attendees + 1;
      await expect(two.stage.conference(owner, { capacity })).rejects.toMatchObject(tooMany);
      const { id } = await two.stage.conference(owner);
      await expect(two.stage.sessions.update(by(owner), id, { capacity })).rejects.toMatchObject(tooMany);
      expect(await two.stage.sessions.update(by(owner), id, { capacity: capacity - 1 })).toMatchObject({ capacity: capacity - 1 });
    });
  });
});
