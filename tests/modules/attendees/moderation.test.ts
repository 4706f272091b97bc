import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { MembershipRole } from '../../../src/modules/organizations';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { open } from '../open';
import { refused } from '../refused';
import { by } from '../by';
import { guestOf } from '../rooms';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const NOT_FOUND = { code: 'NOT_FOUND' };
const REMOVED = refused('FORBIDDEN', 'ATTENDEE_REMOVED');
const ALL = { status: ['PRESENT', 'LEFT', 'REMOVED'] as const, after: null, limit: 10 };
const QUESTIONS = { order: 'PRIORITY', beyond: null, limit: 10 } as const;
describe.each(testBackends())('keeping order on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
  });
  afterAll(() => opened.close());

  const facts = (targetId: string): Promise<object[]> =>
    opened.database.sql(`SELECT action, actor_id AS "actorId", details FROM audit_entries WHERE target_id = $1 ORDER BY at, id`, [
      targetId,
    ]);
  const member = async (role: MembershipRole): Promise<UserViewer> => {
    const user = await stage.user(role);
    await opened.database
      .as('system')
      .sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3::"MembershipRole")`, [
        show.session.organizationId,
        user.userId,
        role,
      ]);
    return user;
  };
  const platformAdmin = async (): Promise<UserViewer> => {
    const user = await stage.user('Platform');
    await opened.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [user.userId]);
    return user;
  };
  const join = (viewer: Viewer): ReturnType<Stage['attendees']['join']> =>
    stage.attendees.join(viewer, { code: show.session.code, displayName: 'Bob' });

  describe('a ban', () => {
    it('keeps out the token of a guest and the account of a user, until it is lifted', async () => {
      const people: Viewer[] = [guestOf(await join(ANONYMOUS)), await stage.user()];
      for (const viewer of people) {
        const { attendee } = await join(viewer);
        expect(await stage.moderation.ban(by(show.host), attendee.id)).toMatchObject({ status: 'REMOVED', banned: true });
        await expect(join(viewer)).rejects.toMatchObject(REMOVED);
        await expect(stage.attendance.require(opened.database, viewer, show.session.id)).rejects.toMatchObject(REMOVED);
        expect(await stage.moderation.unban(by(show.host), attendee.id)).toMatchObject({ status: 'LEFT', banned: false });
        expect((await join(viewer)).attendee).toMatchObject({ id: attendee.id, status: 'PRESENT' });
        expect(await facts(attendee.id)).toMatchObject([
          { action: 'attendee.banned', actorId: show.host.userId, details: { sessionId: show.session.id } },
          { action: 'attendee.unbanned' },
        ]);
      }
      expect(await stage.sessions.get(opened.database, show.session.id)).toMatchObject({ attendeeCount: 2 });
    });

    it('reaches who has left or was removed, is made once, and never touches the host', async () => {
      const [gone, removed] = [await stage.guest(show.session), await stage.guest(show.session)];
      await stage.attendees.leave(gone, show.session.id);
      await stage.moderation.remove(by(show.host), removed.attendeeId);
      for (const { attendeeId } of [gone, removed]) {
        for (let time = 0; time < 2; time += 1)
          expect(await stage.moderation.ban(by(show.host), attendeeId)).toMatchObject({ status: 'REMOVED', banned: true });
        expect((await facts(attendeeId)).filter((fact) => 'action' in fact && fact.action === 'attendee.banned')).toHaveLength(1);
      }
      expect(await stage.sessions.get(opened.database, show.session.id)).toMatchObject({ attendeeCount: 0 });
      const host = (await stage.attendance.find(opened.database, show.host, show.session.id))!;
      await expect(stage.moderation.ban(by(show.host), host.id)).rejects.toMatchObject(refused('FORBIDDEN', 'PARTY_CANNOT_BE_REMOVED'));
    });

    it('and its end are for who keeps order', async () => {
      const [guest, other] = [await stage.guest(show.session), await stage.guest(show.session)];
      const stranger = await stage.user();
      for (const act of ['ban', 'unban', 'remove'] as const) {
        await expect(stage.moderation[act](by(other), guest.attendeeId)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
        await expect(stage.moderation[act](by(stranger), guest.attendeeId)).rejects.toMatchObject(NOT_FOUND);
        await expect(stage.moderation[act](by(show.host), 'att_nonsense')).rejects.toMatchObject(NOT_FOUND);
      }
    });
  });

  describe('a role', () => {
    it('is given and taken by the host, and acts at once', async () => {
      const [guest, other] = [await stage.guest(show.session), await stage.guest(show.session)];
      await stage.moderation.setRole(by(show.host), guest.attendeeId, 'MODERATOR');
      await stage.moderation.remove(by(guest), other.attendeeId);
      expect(await stage.moderation.setRole(by(show.host), guest.attendeeId, 'ATTENDEE')).toMatchObject({ role: 'ATTENDEE' });
      await expect(stage.moderation.unban(by(guest), other.attendeeId)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
      expect(await facts(guest.attendeeId)).toMatchObject([
        { action: 'attendee.role_changed', details: { from: 'ATTENDEE', to: 'MODERATOR' } },
        { action: 'attendee.role_changed', details: { from: 'MODERATOR', to: 'ATTENDEE' } },
      ]);
      const changes = (await stage.history(show.session.id)).filter(({ type }) => type === 'attendee.changed');
      expect(changes).toHaveLength(2);
    });

    it('is known to who follows on another instance with the next event', async () => {
      const guest = await stage.guest(show.session);
      const { latest } = await there.attendance.follow(guest, show.session.id, open());
      await stage.moderation.setRole(by(show.host), guest.attendeeId, 'PRESENTER');
      await waitFor(() => latest().role === 'PRESENTER', { timeoutMs: 1_000, what: 'the new role' });
    });

    it('is neither HOST nor that of a party, and theirs stay', async () => {
      const guest = await stage.guest(show.session);
      for (const role of ['HOST', 'ADVISOR', 'CLIENT'] as const) {
        await expect(stage.moderation.setRole(by(show.host), guest.attendeeId, role)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      }
      const call = await stage.call();
      const advisor = (await stage.attendance.find(opened.database, call.advisor, call.session.id))!;
      await expect(stage.moderation.setRole(by(call.client), advisor.id, 'MODERATOR')).rejects.toMatchObject(
        refused('FORBIDDEN', 'PARTY_KEEPS_ROLE'),
      );
    });

    it('is not given by moderators, members or strangers', async () => {
      const [guest, moderator] = [await stage.guest(show.session), await stage.guest(show.session)];
      await stage.moderation.setRole(by(show.host), moderator.attendeeId, 'MODERATOR');
      const promote = (viewer: Viewer): Promise<unknown> => stage.moderation.setRole(by(viewer), guest.attendeeId, 'MODERATOR');
      await expect(promote(moderator)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_HOST'));
      await expect(promote(await member('MEMBER'))).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_HOST'));
      await expect(promote(await stage.user())).rejects.toMatchObject(NOT_FOUND);
    });
  });

  describe('from outside', () => {
    it.each([
      ['an admin of the organization', () => member('ADMIN'), 'organization'],
      ['an administrator of the platform', platformAdmin, 'platform'],
    ] as const)('%s reads, moderates, edits and ends', async (_who, come, oversight) => {
      const viewer = await come();
      const guest = await stage.guest(show.session);
      const question = await stage.ask(guest, show.session);
      const { id } = show.session;
      expect(await stage.sessions.findFor(by(viewer), id)).toMatchObject({ id });
      expect(await stage.attendees.list(by(viewer), show.session, ALL)).toHaveLength(2);
      expect(await stage.questions.list(by(viewer), id, QUESTIONS)).toHaveLength(1);
      expect((await stage.attendance.watch(by(viewer), id, open())).latest()).toBeNull();
      expect(await stage.questions.hide(by(viewer), question.id)).toMatchObject({ status: 'HIDDEN' });
      // What is hidden is for those who keep order in the session; of those outside, the platform's administrators alone.
      expect(await stage.questions.list(by(viewer), id, QUESTIONS)).toHaveLength(oversight === 'platform' ? 1 : 0);
      expect((await stage.questions.findFor(by(viewer), question.id)) !== null).toBe(oversight === 'platform');
      await stage.moderation.ban(by(viewer), guest.attendeeId);
      await stage.sessions.update(by(viewer), id, { title: 'Renamed' });
      expect(await stage.sessions.command(by(viewer), id, 'end')).toMatchObject({ title: 'Renamed', status: 'COMPLETED' });
      const actions = (await facts(id)).map((fact) => ('action' in fact ? fact.action : null));
      expect(actions.slice(-2)).toEqual(['session.updated', 'session.ended']);
      expect((await facts(id)).at(-1)).toMatchObject({ actorId: viewer.userId, details: { by: oversight } });
      // Only what the platform reads is audited.
      expect(actions.includes('session.read')).toBe(oversight === 'platform');
      expect(actions.includes('session.followed')).toBe(oversight === 'platform');
      expect(await facts(question.id)).toMatchObject([{ action: 'question.hidden', actorId: viewer.userId }]);
    });

    it('a member reads, and does no more; nobody from outside asks, votes or writes', async () => {
      const guest = await stage.guest(show.session);
      const question = await stage.ask(guest, show.session);
      const [plain, admin] = [await member('MEMBER'), await member('ADMIN')];
      const { id } = show.session;
      expect(await stage.sessions.findFor(by(plain), id)).toMatchObject({ id });
      await expect(stage.attendance.watch(by(plain), id, open())).rejects.toMatchObject(NOT_FOUND);
      await expect(stage.questions.list(by(plain), id, QUESTIONS)).rejects.toMatchObject(NOT_FOUND);
      await expect(stage.questions.hide(by(plain), question.id)).rejects.toMatchObject(NOT_FOUND);
      await expect(stage.moderation.remove(by(plain), guest.attendeeId)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
      await expect(stage.sessions.command(by(plain), id, 'end')).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_HOST'));
      for (const attempt of [
        () => stage.ask(admin, show.session),
        () => stage.votes.vote(admin, question.id, 1),
        () => stage.messages.send(admin, { channelId: show.channel.id, body: 'Hello' }),
        () => stage.questions.withdraw(by(admin), question.id),
        () => stage.questions.edit(by(plain), question.id, 'Mine'),
      ]) {
        await expect(attempt()).rejects.toMatchObject(NOT_FOUND);
      }
    });

    it('an admin of another organization finds nothing', async () => {
      const foreign = await stage.user('Foreign');
      const guest = await stage.guest(show.session);
      expect(await stage.sessions.findFor(by(foreign), show.session.id)).toBeNull();
      for (const attempt of [
        () => stage.attendance.watch(by(foreign), show.session.id, open()),
        () => stage.moderation.ban(by(foreign), guest.attendeeId),
        () => stage.sessions.command(by(foreign), show.session.id, 'end'),
      ]) {
        await expect(attempt()).rejects.toMatchObject(NOT_FOUND);
      }
    });

    it('what an admin watches by that role ends with the role; what they attend goes on', async () => {
      const admin = await member('ADMIN');
      const { end } = await there.attendance.watch(by(admin), show.session.id, open());
      await stage.attendees.join(admin, { code: show.session.code });
      const own = await there.attendance.watch(by(admin), show.session.id, open());
      expect(own.latest()).toMatchObject({ role: 'ATTENDEE' });
      await stage.memberships.changeRole(by(show.host), show.session.organizationId, admin.userId, 'MEMBER');
      await waitFor(() => end.aborted, { timeoutMs: 1_000, what: 'the end of the watching' });
      expect(own.end.aborted).toBe(false);
    });
  });
});
