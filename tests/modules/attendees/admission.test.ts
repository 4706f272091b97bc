import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { attendeeStoppedWaiting } from '../../../src/modules/attendees';
import type { SessionChanges } from '../../../src/modules/sessions/session.repository';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { Collected } from '../collected';
import { open } from '../open';
import { refused } from '../refused';
import { guestOf } from '../rooms';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const NOT_FOUND = refused('NOT_FOUND', 'NOT_FOUND');
const NOT_ATTENDING = refused('FORBIDDEN', 'NOT_ATTENDING');
const EVERYONE = { status: ['WAITING', 'PRESENT', 'LEFT', 'REMOVED'] as const, after: null, limit: 100 };

describe.each(testBackends())('the lobby and the waiting list on %s', (kind) => {
  let stages: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;

  beforeAll(async () => {
    stages = await openTwoStages(kind);
    ({ stage, there } = stages);
  });
  afterAll(() => stages.close());

  const openShow = async (settings: SessionChanges, capacity = 10): Promise<void> => {
    show = await stage.live({ capacity });
    await stage.sessions.update(by(show.host), show.session.id, settings);
  };
  const join = (at = stage, viewer: Parameters<Stage['attendees']['join']>[0] = ANONYMOUS) =>
    at.attendees.join(viewer, { code: show.session.code, displayName: 'Guest' });
  const knock = async (at = stage): Promise<GuestViewer> => guestOf(await join(at));
  const statusOf = async (guest: GuestViewer) => {
    const place = await stage.attendance.find(stages.database, guest, show.session.id);
    return [place?.status, place?.waitingFor];
  };
  const queue = (waitFor: 'ADMISSION' | 'SEAT') =>
    there.admissions.list(by(show.host), show.session, { waitFor, after: 0, limit: 100 }).then((line) => line.map(({ id }) => id));
  const moderator = async (): Promise<GuestViewer> => {
    const guest = await knock();
    await stage.admissions.admit(by(show.host), guest.attendeeId);
    await stage.moderation.setRole(by(show.host), guest.attendeeId, 'MODERATOR');
    return guest;
  };

  describe('a lobby', () => {
    beforeEach(() => openShow({ lobby: true }));

    it('holds whoever comes for the first time, without a seat, and shows them no more than the card and their own place', async () => {
      const guest = await knock();
      expect(await statusOf(guest)).toEqual(['WAITING', 'ADMISSION']);
      const { session } = show;
      expect((await stage.sessions.get(stages.database, session.id)).attendeeCount).toBe(0);
      expect(await stage.sessions.findFor(by(guest), session.id)).toBeNull();
      await expect(stage.attendees.list(by(guest), session, EVERYONE)).rejects.toMatchObject(NOT_FOUND);
      await expect(stage.presences.count(by(guest), session)).rejects.toMatchObject(NOT_FOUND);
      for (const refusal of [
        stage.sessionEvents.follow(by(guest), session.id, null, open()),
        stage.sessionEvents.list(by(guest), session.id, null, 10),
        stage.messages.send(guest, { channelId: show.channel.id, body: 'Hello?' }),
        stage.ask(guest, session),
        stage.attendees.raiseHand(guest, session.id, true),
        stage.tallies.follow(by(guest), session.id, open()),
        stage.presences.follow(by(guest), session.id, open()),
      ])
        await expect(refusal).rejects.toMatchObject(NOT_ATTENDING);
      expect(await stage.admissions.find(by(guest), session.id)).toMatchObject({ attendee: { id: guest.attendeeId }, place: 1 });
    });

    it('tells who waits on one instance that they were let in on the other, once, and then no more', async () => {
      const guest = await knock();
      const told = new Collected(await stage.admissions.follow(by(guest), show.session.id, open()));
      await waitFor(() => told.items.length === 1);
      await there.admissions.admit(by(show.host), guest.attendeeId);
      await told.done;
      expect(told.items.map(({ attendee, place }) => [attendee.status, place])).toEqual([
        ['WAITING', 1],
        ['PRESENT', null],
      ]);
      await stage.attendance.require(stages.database, guest, show.session.id);
    });

    it('shows who keeps order the queue live, and nobody else', async () => {
      const [staff, plain] = [await moderator(), await knock()];
      await stage.admissions.admit(by(staff), plain.attendeeId);
      const follow = async (viewer: GuestViewer | UserViewer, at: Stage) =>
        new Collected(await at.sessionEvents.follow(by(viewer), show.session.id, null, open()));
      const [atHost, atStaff, atPlain] = [await follow(show.host, there), await follow(staff, stage), await follow(plain, stage)];
      const [one, other] = [await knock(), await knock(there)];
      expect(await queue('ADMISSION')).toEqual([one.attendeeId, other.attendeeId]);
      await stage.admissions.deny(by(staff), one.attendeeId);
      await there.admissions.admit(by(show.host), other.attendeeId);
      const types = ({ items }: typeof atHost) => items.flatMap((item) => (item.kind === 'event' ? [item.event.type] : []));
      const all = ['attendee.waiting', 'attendee.waiting', 'attendee.stopped_waiting', 'attendee.joined'];
      await waitFor(() => [atHost, atStaff].every((told) => types(told).length === 4) && types(atPlain).length === 1);
      expect([types(atHost), types(atStaff), types(atPlain)]).toEqual([all, all, ['attendee.joined']]);
      await expect(stage.admissions.list(by(plain), show.session, { waitFor: 'ADMISSION', after: 0, limit: 9 })).rejects.toMatchObject(
        refused('FORBIDDEN', 'MODERATORS_ONLY'),
      );
      await expect(stage.admissions.admit(by(plain), other.attendeeId)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
      for (const viewer of [await stage.user(), ANONYMOUS])
        await expect(stage.admissions.admitAll(by(viewer), show.session.id)).rejects.toMatchObject(NOT_FOUND);
      await Promise.all([atHost, atStaff, atPlain].map((told) => told.cut()));
    });

    it('keeps out who was denied until that is lifted, and audits both answers', async () => {
      const [denied, admitted] = [await knock(), await knock()];
      await stage.admissions.deny(by(show.host), denied.attendeeId);
      await stage.admissions.admit(by(show.host), admitted.attendeeId);
      await expect(join(stage, denied)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
      const place = await stage.attendance.find(stages.database, denied, show.session.id);
      expect(place).toMatchObject({ status: 'REMOVED', leaveReason: 'denied' });
      await stage.moderation.unban(by(show.host), denied.attendeeId);
      await join(stage, denied);
      expect(await statusOf(denied)).toEqual(['WAITING', 'ADMISSION']);
      const actions = await stages.database.sql<{ action: string }>(
        'SELECT action FROM audit_entries WHERE target_id = ANY($1) ORDER BY action',
        [[denied.attendeeId, admitted.attendeeId]],
      );
      expect(actions.map(({ action }) => action)).toEqual(['attendee.admitted', 'attendee.denied', 'attendee.unbanned']);
    });

    it('does not ask again who was in before, nor staff', async () => {
      const guest = await moderator();
      await stage.attendees.leave(guest, show.session.id);
      expect((await join(there, guest)).attendee.status).toBe('PRESENT');
      const plain = await knock();
      await stage.admissions.admit(by(show.host), plain.attendeeId);
      await stage.attendees.leave(plain, show.session.id);
      expect((await join(there, plain)).attendee.status).toBe('PRESENT');
    });

    it('is emptied at once by letting in all, by sending away all, and by taking it back', async () => {
      await Promise.all([knock(), knock(there), knock()]);
      expect(await stage.admissions.admitAll(by(show.host), show.session.id)).toHaveLength(3);
      await Promise.all([knock(), knock(there)]);
      expect(await stage.admissions.denyAll(by(show.host), show.session.id)).toHaveLength(2);
      await knock();
      expect(await stage.sessions.update(by(show.host), show.session.id, { lobby: false })).toMatchObject({ attendeeCount: 4 });
      expect(await queue('ADMISSION')).toEqual([]);
    });

    it('lets nobody in for whom there is no seat, unless there is a line for one', async () => {
      await openShow({ lobby: true }, 1);
      const [first, second] = [await knock(), await knock()];
      expect(await stage.admissions.admitAll(by(show.host), show.session.id)).toHaveLength(1);
      expect(await statusOf(first)).toEqual(['PRESENT', null]);
      await expect(stage.admissions.admit(by(show.host), second.attendeeId)).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'SESSION_FULL'),
      );
      await stage.sessions.update(by(show.host), show.session.id, { waitingList: true });
      await stage.admissions.admit(by(show.host), second.attendeeId);
      expect(await statusOf(second)).toEqual(['WAITING', 'SEAT']);
      await stage.attendees.leave(first, show.session.id);
      expect(await statusOf(second)).toEqual(['PRESENT', null]);
    });
  });

  describe('a waiting list', () => {
    it('tells each where they stand as it moves, on another instance, and the first of the seat', async () => {
      await openShow({ waitingList: true }, 1);
      const seated = await knock();
      const [one, two, three] = [await knock(), await knock(there), await knock()];
      const told = await Promise.all(
        [one, two, three].map(async (guest) => new Collected(await there.admissions.follow(by(guest), show.session.id, open()))),
      );
      const places = () => told.map(({ items }) => items.at(-1)?.place);
      await waitFor(() => places().join() === '1,2,3');
      expect((await join(there, two)).attendee).toMatchObject({ id: two.attendeeId, status: 'WAITING' });
      await stage.attendees.leave(two, show.session.id);
      await waitFor(() => places().join() === '1,,2');
      await stage.moderation.remove(by(show.host), seated.attendeeId);
      await waitFor(() => places().join() === ',,1');
      expect(await statusOf(one)).toEqual(['PRESENT', null]);
      expect(await statusOf(two)).toEqual(['LEFT', null]);
      await Promise.all([told[0]?.done, told[1]?.done, told[2]?.cut()]);
    });

    it('gives the seat of who does not come to the next', async () => {
      await openShow({ waitingList: true }, 1);
      const [seated, away, next] = [await knock(), await knock(), await knock()];
      await stage.attendees.leave(seated, show.session.id);
      await stage.lostSweeper.sweep();
      expect(await statusOf(away)).toEqual(['PRESENT', null]);
      await stages.database.sql(`UPDATE attendee_connections SET absent_since = absent_since - interval '61 seconds'`);
      await there.lostSweeper.sweep();
      expect(await statusOf(away)).toEqual(['LEFT', null]);
      expect(await statusOf(next)).toEqual(['PRESENT', null]);
    });

    it('ends with the session: who waited has left, reads nothing, and is told', async () => {
      await openShow({ waitingList: true }, 1);
      await knock();
      const waiting = await knock();
      const told = new Collected(await there.admissions.follow(by(waiting), show.session.id, open()));
      await waitFor(() => told.items.length === 1);
      await stage.sessions.command(by(show.host), show.session.id, 'end');
      await told.done;
      expect(told.items.at(-1)).toMatchObject({ attendee: { status: 'LEFT', leaveReason: null }, place: null });
      await expect(stage.attendance.require(stages.database, waiting, show.session.id)).rejects.toMatchObject(NOT_ATTENDING);
      expect(await stage.sessions.findFor(by(waiting), show.session.id)).toBeNull();
    });

    it('is left by who is banned in it, and that is told as what it is', async () => {
      await openShow({ waitingList: true }, 1);
      await knock();
      const waiting = await knock();
      await stage.moderation.ban(by(show.host), waiting.attendeeId);
      const last = (await stage.history(show.session.id)).at(-1)!;
      expect(attendeeStoppedWaiting.read(last)).toMatchObject({ reason: 'banned', attendee: { id: waiting.attendeeId } });
    });

    it('is for conferences', async () => {
      const call = await stage.call();
      for (const setting of ['lobby', 'waitingList'] as const)
        await expect(stage.sessions.update(by(call.client), call.session.id, { [setting]: true })).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
        });
    });
  });
});
