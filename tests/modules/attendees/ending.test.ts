import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { attendeeChanged, attendeeJoined, attendeeLeft } from '../../../src/modules/attendees';
import { OPEN_STATUSES, sessionChanged } from '../../../src/modules/sessions';
import type { SessionRecord } from '../../../src/modules/sessions';
import type { LifecycleCommand } from '../../../src/modules/sessions/session.lifecycle';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { closeAfterTest } from '../../support/jest-leaks';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { by } from '../by';
import { open } from '../open';
import { createRooms, guestOf } from '../rooms';

const EVERYONE = { status: ['WAITING', 'PRESENT', 'LEFT', 'REMOVED'], after: null, limit: 100 } as const;

describe.each(testBackends())('attendees when their session ends, on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;
  let host: UserViewer;
  let session: SessionRecord;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
    host = await rooms.user('Host');
  });
  beforeEach(async () => {
    session = await rooms.conference(host);
  });
  afterAll(async () => {
    await rooms.close();
    await rooms.kernel.close();
    await opened.drop();
  });

  const join = async (): Promise<GuestViewer> =>
    guestOf(await rooms.attendees.join(ANONYMOUS, { code: session.code, displayName: 'Guest' }));
  const command = (...commands: LifecycleCommand[]): Promise<unknown> =>
    commands.reduce<Promise<unknown>>(
      (before, name) => before.then(() => rooms.sessions.command(by(host), session.id, name)),
      Promise.resolve(),
    );
  const list = () => rooms.attendees.list(by(host), session, EVERYONE);

  /** What a reader of the stream knows of each attendee: whether they are in, or why they left. Fails when one comes or goes twice. */
  const replay = async (): Promise<Map<string, string>> => {
    const known = new Map<string, string>();
    const move = (id: string, from: readonly string[], to: string): void => {
      expect(from).toContain(known.get(id) ?? 'never came');
      known.set(id, to);
    };
    for (const event of await rooms.history(session.id)) {
      if (attendeeJoined.is(event)) move(attendeeJoined.read(event).attendee.id, ['never came', 'left', 'ended'], 'in');
      if (attendeeLeft.is(event)) move(attendeeLeft.read(event).attendee.id, ['in'], attendeeLeft.read(event).reason);
      const isOver = sessionChanged.is(event) && !OPEN_STATUSES.includes(sessionChanged.read(event).session.status);
      if (isOver) for (const [id, state] of known) if (state === 'in') move(id, ['in'], 'ended');
      expect(attendeeChanged.is(event)).toBe(false);
    }
    return known;
  };

  it.each<[string, LifecycleCommand[]]>([
    ['completed', ['start', 'end']],
    ['completed from a pause', ['start', 'pause', 'end']],
    ['cancelled', ['cancel']],
  ])('leave it once, with a reason, when it is %s: what the stream tells is what is stored', async (_, commands) => {
    const [left, removed, back] = [await join(), await join(), await join(), await join()];
    await rooms.attendees.leave(left, session.id);
    await rooms.moderation.remove(by(host), removed.attendeeId);
    await rooms.attendees.leave(back, session.id);
    await rooms.attendees.join(back, { code: session.code });
    await command(...commands);

    const stored = await list();
    const told = await replay();
    const hostPlace = stored.find(({ role }) => role === 'HOST');
    // The host is in from the beginning, without a word.
    told.set(hostPlace?.id ?? '', 'ended');
    expect(Object.fromEntries(stored.map(({ id, leaveReason }) => [id, leaveReason]))).toEqual(Object.fromEntries(told));
    expect(stored.map(({ status }) => status).sort()).toEqual(['LEFT', 'LEFT', 'LEFT', 'LEFT', 'REMOVED']);
    const { endedAt, attendeeCount } = await rooms.sessions.get(opened.database, session.id);
    expect(attendeeCount).toBe(0);
    for (const { leaveReason, leftAt } of stored) if (leaveReason === 'ended') expect(leftAt).toEqual(endedAt);
  });

  it('are told of by one event, however many they are', async () => {
    session = await rooms.conference(host, { capacity: 300 });
    await Promise.all(Array.from({ length: 300 }, join));
    await command('start');
    const before = (await rooms.history(session.id)).length;
    await command('end');
    expect(await rooms.history(session.id)).toHaveLength(before + 1);
    expect(new Set((await replay()).values())).toEqual(new Set(['ended']));
  });

  it('lower the hands of those who left', async () => {
    const guest = await join();
    await rooms.attendees.raiseHand(guest, session.id, true);
    await command('start', 'end');
    expect((await list()).map(({ handRaised }) => handRaised)).toEqual([false, false]);
  });

  it('go on following and reading what they were there for; who left before does not, and nobody comes again', async () => {
    const [stayed, left] = [await join(), await join()];
    const running = await rooms.attendance.follow(stayed, session.id, open());
    await rooms.attendees.leave(left, session.id);
    await command('start', 'end');
    expect(running.end.aborted).toBe(false);
    const newcomer = createRooms(opened.database);
    closeAfterTest(() => newcomer.close());
    closeAfterTest(() => newcomer.kernel.close());
    for (const viewer of [stayed, host]) {
      await rooms.attendance.require(opened.database, viewer, session.id);
      const { end } = await newcomer.attendance.follow(viewer, session.id, open());
      expect(end.aborted).toBe(false);
    }
    await expect(rooms.attendance.require(opened.database, left, session.id)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_ATTENDING'));
    for (const viewer of [stayed, left, host]) {
      const again = rooms.attendees.join(viewer, { code: session.code });
      await expect(again).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_ENDED'));
    }
    expect(await rooms.attendees.leave(stayed, session.id)).toMatchObject({ status: 'LEFT', leaveReason: 'ended' });
    await expect(rooms.attendees.raiseHand(stayed, session.id, true)).rejects.toMatchObject(
      refused('FAILED_PRECONDITION', 'SESSION_ENDED'),
    );
  });

  it('may be removed after it by who kept order, and read no more', async () => {
    const troll = await join();
    const running = await rooms.attendance.follow(troll, session.id, open());
    await command('start', 'end');
    expect(await rooms.moderation.remove(by(host), troll.attendeeId)).toMatchObject({ status: 'REMOVED', leaveReason: 'ended' });
    expect(running.end.aborted).toBe(true);
    await expect(rooms.attendance.require(opened.database, troll, session.id)).rejects.toMatchObject(
      refused('FORBIDDEN', 'ATTENDEE_REMOVED'),
    );
  });
});
