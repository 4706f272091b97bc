import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SessionRecord } from '../../../src/modules/sessions';
import type { Joined } from '../../../src/modules/attendees/attendee.service';
import { attendeeLeft } from '../../../src/modules/attendees';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { by } from '../by';
import { createRooms, guestOf } from '../rooms';

const EVERYONE = { status: ['WAITING', 'PRESENT', 'LEFT', 'REMOVED'] as const, after: null, limit: 100 };

describe.each(testBackends())('attendees on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let host: UserViewer;
  let user: UserViewer;
  let stranger: UserViewer;
  let session: SessionRecord;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
    host = await rooms.user('Host');
    user = await rooms.user('Grace');
    stranger = await rooms.user('Stranger');
  });
  beforeEach(async () => {
    session = await rooms.conference(host, { capacity: 3 });
  });
  afterAll(async () => {
    await rooms.kernel.close();
    await opened.drop();
  });

  const notFound = refused('NOT_FOUND', 'NOT_FOUND');
  const removed = refused('FORBIDDEN', 'ATTENDEE_REMOVED');
  const join = (viewer: Viewer = ANONYMOUS, displayName: string | null = 'Guest'): Promise<Joined> =>
    rooms.attendees.join(viewer, { code: session.code, displayName });
  const seatsTaken = async (): Promise<number> => (await rooms.sessions.get(opened.database, session.id)).attendeeCount;
  const told = async (): Promise<string[]> => (await rooms.history(session.id)).slice(1).map(({ type }) => type);
  const makeModerator = (attendeeId: string): Promise<object[]> =>
    opened.database.sql(`UPDATE attendees SET role = 'MODERATOR' WHERE id = $1`, [attendeeId]);

  describe('join', () => {
    it('gives a guest a place, a seat and a token for this session only', async () => {
      const joined = await join(ANONYMOUS, ' Linus ');
      expect(joined.attendee).toMatchObject({ displayName: 'Linus', role: 'ATTENDEE', status: 'PRESENT', userId: null, handRaised: false });
      expect(joined.attendee.joinedAt).toEqual(expect.any(Date));
      expect(joined.session.attendeeCount).toBe(1);
      expect(rooms.tokens.verify(joined.token.token)).toEqual(guestOf(joined));
      expect(await told()).toEqual(['attendee.joined']);
    });

    it('takes the name of a user who gives none, and asks a guest for one', async () => {
      expect((await join(user, null)).attendee).toMatchObject({ displayName: 'Grace', userId: user.userId });
      await expect(join(ANONYMOUS, null)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { fields: [{ path: 'displayName' }] } });
      expect(await seatsTaken()).toBe(1);
    });

    it('resumes the same attendee for the same token or user, without another seat or event', async () => {
      const guest = await join();
      const again = await join(guestOf(guest), 'Another name');
      expect(again.attendee).toEqual(guest.attendee);
      const [first, second] = [await join(user), await join(user)];
      expect(second.attendee).toEqual(first.attendee);
      expect(await seatsTaken()).toBe(2);
      expect(await told()).toEqual(['attendee.joined', 'attendee.joined']);
    });

    it('has one place for a user who joins many times at once', async () => {
      const results = await Promise.all(Array.from({ length: 10 }, () => join(user)));
      expect(new Set(results.map(({ attendee }) => attendee.id)).size).toBe(1);
      expect(await seatsTaken()).toBe(1);
    });

    it('takes the token of another session for a newcomer', async () => {
      const elsewhere = await rooms.conference(host);
      const guest = guestOf(await rooms.attendees.join(ANONYMOUS, { code: elsewhere.code, displayName: 'Guest' }));
      const joined = await join(guest);
      expect(joined.attendee.id).not.toBe(guest.attendeeId);
      expect(joined.attendee.sessionId).toBe(session.id);
    });

    it('gives the host a token and no seat', async () => {
      const joined = await join(host, null);
      expect(joined.attendee).toMatchObject({ role: 'HOST', status: 'PRESENT' });
      expect(joined.session.attendeeCount).toBe(0);
    });

    it('keeps an e-mail address out of answers and events', async () => {
      const joined = await rooms.attendees.join(ANONYMOUS, { code: session.code, displayName: 'Guest', email: 'canary@example.org' });
      const [row] = await opened.database.sql<{ email: string }>(`SELECT email FROM attendees WHERE id = $1`, [joined.attendee.id]);
      expect(row?.email).toBe('canary@example.org');
      const list = await rooms.attendees.list(by(host), session, EVERYONE);
      expect(JSON.stringify([joined, list, await rooms.history(session.id)])).not.toContain('canary');
    });

    it('is refused when all seats are taken, and possible again when one is free', async () => {
      const [first] = [await join(), await join(), await join()];
      await expect(join()).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_FULL'));
      await rooms.attendees.leave(guestOf(first), session.id);
      await expect(join()).resolves.toBeDefined();
      await expect(join(guestOf(first))).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_FULL'));
    });

    it('is refused with an unknown code, and when the session is over', async () => {
      await expect(rooms.attendees.join(ANONYMOUS, { code: 'nonsense', displayName: 'Guest' })).rejects.toMatchObject(notFound);
      await rooms.sessions.command(by(host), session.id, 'start');
      await rooms.sessions.command(by(host), session.id, 'end');
      await expect(join()).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_ENDED'));
      session = await rooms.conference(host);
      await rooms.sessions.command(by(host), session.id, 'cancel');
      await expect(join()).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_CANCELLED'));
    });

    it('of a call is for its two parties', async () => {
      session = await rooms.sessions.create(host, {
        title: 'Advice',
        kind: 'CALL',
        medium: 'AUDIO',
        capacity: 100,
        advisorId: user.userId,
      });
      await expect(join()).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_INVITED'));
      await expect(join(stranger)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_INVITED'));
      expect((await join(user)).attendee).toMatchObject({ role: 'ADVISOR', status: 'PRESENT' });
      expect((await join(host)).session.attendeeCount).toBe(2);
    });
  });

  describe('leave', () => {
    it('requires a place in the session', async () => {
      for (const viewer of [ANONYMOUS, stranger]) await expect(rooms.attendees.leave(viewer, session.id)).rejects.toMatchObject(notFound);
      await expect(rooms.attendees.leave(host, 'ses_nonsense')).rejects.toMatchObject(notFound);
    });

    it('frees the seat, lowers the hand and is told once, however often it is asked', async () => {
      const joined = await join();
      await rooms.attendees.raiseHand(guestOf(joined), session.id, true);
      const answers = await Promise.all(Array.from({ length: 5 }, () => rooms.attendees.leave(guestOf(joined), session.id)));
      for (const answer of answers) expect(answer).toMatchObject({ status: 'LEFT', handRaised: false, leftAt: expect.any(Date) as Date });
      expect(await seatsTaken()).toBe(0);
      expect(await told()).toEqual(['attendee.joined', 'attendee.changed', 'attendee.left']);
    });

    it('ends the attendance until the same attendee comes again', async () => {
      const joined = await join();
      await rooms.attendees.leave(guestOf(joined), session.id);
      await expect(rooms.attendance.require(opened.database, guestOf(joined), session.id)).rejects.toMatchObject(
        refused('FORBIDDEN', 'NOT_ATTENDING'),
      );
      const again = await join(guestOf(joined));
      expect(again.attendee).toMatchObject({ id: joined.attendee.id, status: 'PRESENT', leftAt: null });
      expect(again.session.attendeeCount).toBe(1);
    });
  });

  describe('remove', () => {
    it('requires who keeps order, and does not tell strangers who is there', async () => {
      const [target, other] = [await join(), await join()];
      await expect(rooms.moderation.remove(by(guestOf(other)), target.attendee.id)).rejects.toMatchObject(
        refused('FORBIDDEN', 'MODERATORS_ONLY'),
      );
      for (const viewer of [ANONYMOUS, stranger]) {
        await expect(rooms.moderation.remove(by(viewer), target.attendee.id)).rejects.toMatchObject(notFound);
      }
      await expect(rooms.moderation.remove(by(host), session.id)).rejects.toMatchObject(notFound);
      await makeModerator(other.attendee.id);
      await expect(rooms.moderation.remove(by(guestOf(other)), target.attendee.id)).resolves.toMatchObject({ status: 'REMOVED' });
    });

    it('keeps the removed one out with the old token and as the same user', async () => {
      const [guest, member] = [await join(), await join(user)];
      await rooms.moderation.remove(by(host), guest.attendee.id);
      await rooms.moderation.remove(by(host), member.attendee.id);
      for (const viewer of [guestOf(guest), user]) {
        await expect(join(viewer)).rejects.toMatchObject(removed);
        await expect(rooms.attendees.leave(viewer, session.id)).rejects.toMatchObject(removed);
        await expect(rooms.attendees.raiseHand(viewer, session.id, true)).rejects.toMatchObject(removed);
        await expect(rooms.attendance.require(opened.database, viewer, session.id)).rejects.toMatchObject(removed);
        await expect(rooms.attendees.list(by(viewer), session, EVERYONE)).rejects.toMatchObject(notFound);
      }
      expect(await seatsTaken()).toBe(0);
    });

    it('frees the seat once and tells why', async () => {
      const { attendee } = await join();
      await Promise.all(Array.from({ length: 5 }, () => rooms.moderation.remove(by(host), attendee.id)));
      expect(await seatsTaken()).toBe(0);
      expect(await told()).toEqual(['attendee.joined', 'attendee.left']);
      const last = (await rooms.history(session.id)).at(-1);
      expect(last && attendeeLeft.read(last)).toMatchObject({ reason: 'removed', attendee: { id: attendee.id, status: 'REMOVED' } });
    });

    it('of somebody who left takes no second seat', async () => {
      const joined = await join();
      await join(user);
      await rooms.attendees.leave(guestOf(joined), session.id);
      await rooms.moderation.remove(by(host), joined.attendee.id);
      expect(await seatsTaken()).toBe(1);
      expect((await told()).slice(-2)).toEqual(['attendee.left', 'attendee.changed']);
    });

    it('never takes the host', async () => {
      const moderator = await join();
      await makeModerator(moderator.attendee.id);
      const place = await rooms.attendance.find(opened.database, host, session.id);
      await expect(rooms.moderation.remove(by(guestOf(moderator)), place?.id ?? '')).rejects.toMatchObject(
        refused('FORBIDDEN', 'PARTY_CANNOT_BE_REMOVED'),
      );
    });

    it('stays possible for a host who has left', async () => {
      const { attendee } = await join();
      await rooms.attendees.leave(host, session.id);
      await expect(rooms.moderation.remove(by(host), attendee.id)).resolves.toMatchObject({ status: 'REMOVED' });
    });
  });

  describe('raise hand', () => {
    it('is told only when something changes', async () => {
      const guest = guestOf(await join());
      expect(await rooms.attendees.raiseHand(guest, session.id, true)).toMatchObject({ handRaised: true });
      expect(await rooms.attendees.raiseHand(guest, session.id, true)).toMatchObject({ handRaised: true });
      expect(await rooms.attendees.raiseHand(guest, session.id, false)).toMatchObject({ handRaised: false });
      expect(await told()).toEqual(['attendee.joined', 'attendee.changed', 'attendee.changed']);
    });

    it('requires somebody present', async () => {
      await expect(rooms.attendees.raiseHand(stranger, session.id, true)).rejects.toMatchObject(notFound);
    });
  });

  describe('the list', () => {
    it('is for those who take part, the host and the organization', async () => {
      const guest = guestOf(await join());
      for (const viewer of [host, guest]) {
        expect((await rooms.attendees.list(by(viewer), session, EVERYONE)).map(({ role }) => role)).toEqual(['HOST', 'ATTENDEE']);
        expect(await rooms.attendees.count(by(viewer), session, ['PRESENT'])).toBe(2);
        expect(await rooms.attendees.findFor(by(viewer), guest.attendeeId)).toMatchObject({ id: guest.attendeeId });
      }
      for (const viewer of [stranger, ANONYMOUS]) {
        await expect(rooms.attendees.list(by(viewer), session, EVERYONE)).rejects.toMatchObject(notFound);
        await expect(rooms.attendees.count(by(viewer), session, ['PRESENT'])).rejects.toMatchObject(notFound);
        expect(await rooms.attendees.findFor(by(viewer), guest.attendeeId)).toBeNull();
      }
    });

    it('goes page by page in the order of coming, each once', async () => {
      const ids = [(await join()).attendee.id, (await join()).attendee.id, (await join()).attendee.id];
      await opened.database.sql(`UPDATE attendees SET created_at = $2 WHERE session_id = $1`, [session.id, new Date()]);
      const everyone = await rooms.attendees.list(by(host), session, EVERYONE);
      expect(everyone.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
      const pages: string[] = [];
      for (let after = null as (typeof everyone)[number] | null, more = true; more; more = after !== null) {
        const page = await rooms.attendees.list(by(host), session, { ...EVERYONE, after, limit: 1 });
        pages.push(...page.map(({ id }) => id));
        after = page.at(-1) ?? null;
      }
      expect(pages).toEqual(everyone.map(({ id }) => id));
    });
  });
});
