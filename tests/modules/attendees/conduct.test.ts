import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { attendeeJoined, attendeeLeft } from '../../../src/modules/attendees';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { Collected } from '../collected';
import { open } from '../open';
import { refused } from '../refused';
import { guestOf } from '../rooms';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const SILENCED = refused('FORBIDDEN', 'ATTENDEE_SILENCED');
const ALREADY_JOINED = refused('FAILED_PRECONDITION', 'ALREADY_JOINED');
const EVERYONE = { status: ['WAITING', 'PRESENT', 'LEFT', 'REMOVED'] as const, after: null, limit: 100 };

describe.each(testBackends())('attendees among each other on %s', (kind) => {
  let stages: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;

  beforeAll(async () => {
    stages = await openTwoStages(kind);
    ({ stage, there } = stages);
  });
  beforeEach(async () => {
    show = await stage.live({ capacity: 2 });
  });
  afterAll(() => stages.close());

  const set = (changes: Parameters<Stage['sessions']['update']>[2]) => stage.sessions.update(by(show.host), show.session.id, changes);
  const join = (viewer: Parameters<Stage['attendees']['join']>[0], email?: string, at = stage) =>
    at.attendees.join(viewer, { code: show.session.code, displayName: 'Guest', email });
  /** What the stream tells of comings and goings, as `id in` and `id reason`. */
  const told = async (): Promise<string[]> =>
    (await stage.history(show.session.id)).flatMap((event) => {
      if (attendeeJoined.is(event)) return [`${attendeeJoined.read(event).attendee.id} in`];
      return attendeeLeft.is(event) ? [`${attendeeLeft.read(event).attendee.id} ${attendeeLeft.read(event).reason}`] : [];
    });

  describe('who joins twice', () => {
    const elsewhere = (user: UserViewer): UserViewer => ({ ...user, familyId: 'another sign-in' });

    it('is the same attendee on many devices by default, and goes on with the same token or sign-in under every rule', async () => {
      const user = await stage.user();
      const first = await join(user);
      expect((await join(elsewhere(user))).attendee).toEqual(first.attendee);
      for (const duplicateIdentity of ['REJECT_NEW', 'REPLACE_OLD'] as const) {
        await set({ duplicateIdentity });
        for (const viewer of [user, guestOf(first)]) expect((await join(viewer)).attendee.joinedAt).toEqual(first.attendee.joinedAt);
      }
      expect(await told()).toHaveLength(1);
    });

    it('is refused under REJECT_NEW while the other is held to be there, and let in once that is gone', async () => {
      await set({ duplicateIdentity: 'REJECT_NEW' });
      const user = await stage.user();
      const { attendee } = await join(user);
      await expect(join(elsewhere(user), undefined, there)).rejects.toMatchObject(ALREADY_JOINED);
      await join(ANONYMOUS, 'ada@example.org');
      await expect(join(ANONYMOUS, 'ADA@example.org', there)).rejects.toMatchObject(ALREADY_JOINED);
      await stages.database.sql(`UPDATE attendees SET joined_at = joined_at - interval '21 seconds' WHERE id = $1`, [attendee.id]);
      expect((await join(elsewhere(user))).attendee.id).toBe(attendee.id);
      expect(await stage.sessions.get(stages.database, show.session.id)).toMatchObject({ attendeeCount: 2 });
    });

    it('replaces the other under REPLACE_OLD, on the same seat: what the other followed ends, everywhere', async () => {
      await set({ duplicateIdentity: 'REPLACE_OLD', waitingList: true });
      const user = await stage.user();
      const first = await join(user);
      const guest = guestOf(await join(ANONYMOUS, 'ada@example.org'));
      await join(ANONYMOUS);
      const ends = [
        await there.attendance.follow(user, show.session.id, open()),
        await there.attendance.follow(guest, show.session.id, open()),
      ];
      const again = await join(elsewhere(user));
      const other = await join(ANONYMOUS, 'ada@example.org');
      await waitFor(() => ends.every(({ end }) => end.aborted));
      expect(again.attendee.id).toBe(first.attendee.id);
      expect((await told()).slice(2)).toEqual([
        `${first.attendee.id} replaced`,
        `${first.attendee.id} in`,
        `${guest.attendeeId} replaced`,
        `${other.attendee.id} in`,
      ]);
      expect(await stage.sessions.get(stages.database, show.session.id)).toMatchObject({ attendeeCount: 2 });
      await there.attendance.follow(user, show.session.id, open());
    });
  });

  describe('who is muted or silenced', () => {
    it('is shown so, may not write while silenced, and may again after', async () => {
      const guest = await stage.guest(show.session);
      const say = () => stage.messages.send(guest, { channelId: show.channel.id, body: 'Hello' });
      const asked = await stage.ask(guest, show.session);
      expect(await stage.moderation.restrict(by(show.host), guest.attendeeId, { muted: true })).toMatchObject({
        muted: true,
        silenced: false,
      });
      await say();
      await stage.moderation.restrict(by(show.host), guest.attendeeId, { silenced: true });
      await expect(say()).rejects.toMatchObject(SILENCED);
      await expect(stage.ask(guest, show.session, 'And now?')).rejects.toMatchObject(SILENCED);
      await expect(stage.questions.edit(by(guest), asked.id, 'Louder?')).rejects.toMatchObject(SILENCED);
      await stage.moderation.restrict(by(show.host), guest.attendeeId, { muted: false, silenced: false });
      await say();
      const changes = (await stage.history(show.session.id)).filter(({ type }) => type === 'attendee.changed');
      expect(changes).toHaveLength(3);
    });

    it('is never the host, and nobody is by an attendee', async () => {
      const [guest, other] = [await stage.guest(show.session), await stage.guest(show.session)];
      const host = (await stage.attendance.find(stages.database, show.host, show.session.id))!;
      await expect(stage.moderation.restrict(by(show.host), host.id, { muted: true })).rejects.toMatchObject(
        refused('FORBIDDEN', 'PARTY_CANNOT_BE_MUTED'),
      );
      for (const act of [
        () => stage.moderation.restrict(by(guest), other.attendeeId, { muted: true }),
        () => stage.moderation.lowerHand(by(guest), other.attendeeId),
      ])
        await expect(act()).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
    });
  });

  it('raised hands stand in the order in which they were raised, and are lowered by who keeps order', async () => {
    const [one, two] = [await stage.guest(show.session), await stage.guest(show.session)];
    const hands = async (viewer: GuestViewer | UserViewer) =>
      (await stage.attendees.listRaisedHands(by(viewer), show.session)).map(({ id }) => id);
    await stage.attendees.raiseHand(two, show.session.id, true);
    await there.attendees.raiseHand(one, show.session.id, true);
    expect(await hands(one)).toEqual([two.attendeeId, one.attendeeId]);
    expect(await there.moderation.lowerHand(by(show.host), two.attendeeId)).toMatchObject({ handRaised: false, handRaisedAt: null });
    await stage.attendees.raiseHand(two, show.session.id, true);
    expect(await hands(show.host)).toEqual([one.attendeeId, two.attendeeId]);
  });

  it.each([
    ['EVERYBODY', ['HOST', 'ATTENDEE', 'ATTENDEE'], 2],
    ['STAFF', ['HOST', 'ATTENDEE'], 1],
    ['NOBODY', ['ATTENDEE'], 1],
  ] as const)(
    'see %s of each other, in the list, one by one, and as it happens; who keeps order sees all',
    async (attendeesVisible, roles, events) => {
      await set({ attendeesVisible, capacity: 9 });
      const [guest, other] = [await stage.guest(show.session), await stage.guest(show.session)];
      const session = await stage.sessions.get(stages.database, show.session.id);
      expect((await stage.attendees.list(by(guest), session, EVERYONE)).map(({ role }) => role)).toEqual(roles);
      expect(await stage.attendees.list(by(show.host), session, EVERYONE)).toHaveLength(3);
      expect(await stage.attendees.count(by(guest), session, ['PRESENT'])).toBe(3);
      expect((await stage.attendees.findFor(by(guest), other.attendeeId)) !== null).toBe(attendeesVisible === 'EVERYBODY');
      expect(await stage.attendees.findFor(by(guest), guest.attendeeId)).not.toBeNull();

      const follow = async (viewer: GuestViewer | UserViewer) =>
        new Collected(await there.sessionEvents.follow(by(viewer), session.id, null, open()));
      const [atGuest, atHost] = [await follow(guest), await follow(show.host)];
      await stage.attendees.raiseHand(other, session.id, true);
      await stage.attendees.raiseHand(guest, session.id, true);
      const seen = ({ items }: typeof atGuest) => items.filter((item) => item.kind === 'event').length;
      await waitFor(() => seen(atHost) === 2 && seen(atGuest) === events);
      expect(seen(atGuest)).toBe(events);
      await Promise.all([atGuest.cut(), atHost.cut()]);
    },
  );
});
