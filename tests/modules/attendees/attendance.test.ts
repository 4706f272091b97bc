import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SessionRecord } from '../../../src/modules/sessions';
import { MemoryPresenceStore } from '../../../src/realtime/presence-store.memory';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { closeAfterTest } from '../../support/jest-leaks';
import { createTestKernel } from '../../support/test-kernel';
import { waitFor } from '../../support/wait-for';
import type { Rooms } from '../rooms';
import { by } from '../by';
import { open } from '../open';
import { createRooms, guestOf } from '../rooms';

describe.each(testBackends())('attendance on %s', (kind) => {
  let opened: TestDatabase;
  let here: Rooms;
  let there: Rooms;
  let host: UserViewer;
  let session: SessionRecord;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    const kernel = createTestKernel(opened.database);
    here = createRooms(opened.database, { kernel });
    there = createRooms(opened.database, { kernel: createTestKernel(opened.database, kernel.bus) });
    host = await here.user('Host');
  });
  beforeEach(async () => {
    session = await here.conference(host);
  });
  afterAll(async () => {
    await Promise.all([here.kernel.close(), there.kernel.close()]);
    await opened.drop();
  });

  const join = () => here.attendees.join(ANONYMOUS, { code: session.code, displayName: 'Guest' });

  const follow = async (rooms: Rooms, viewer: Viewer, parent = open()) => (await rooms.attendance.follow(viewer, session.id, parent)).end;

  it('ends what an attendee follows when they are removed, on every instance', async () => {
    const guest = guestOf(await join());
    const signals = [await follow(here, guest), await follow(there, guest)];
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    await there.moderation.remove(by(host), guest.attendeeId);
    await waitFor(() => signals.every(({ aborted }) => aborted));
  });

  it('ends when they leave, and not when others do', async () => {
    const [one, other] = [guestOf(await join()), guestOf(await join())];
    const ends = await follow(here, one);
    const goesOn = [await follow(here, other), await follow(here, host)];
    await here.attendees.raiseHand(one, session.id, true);
    await here.attendees.leave(one, session.id);
    await waitFor(() => ends.aborted);
    expect(goesOn.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  it('lets nobody follow who is not there: strangers find nothing, the removed and those who left are told', async () => {
    const [removed, gone] = [guestOf(await join()), guestOf(await join())];
    const stranger = await here.user('Stranger');
    const refused = async (): Promise<void> => {
      for (const viewer of [stranger, ANONYMOUS]) await expect(follow(here, viewer)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(follow(here, removed)).rejects.toMatchObject({ code: 'FORBIDDEN', reason: 'ATTENDEE_REMOVED' });
      await expect(follow(here, gone)).rejects.toMatchObject({ code: 'FORBIDDEN', reason: 'NOT_ATTENDING' });
    };
    await here.moderation.remove(by(host), removed.attendeeId);
    await here.attendees.leave(gone, session.id);
    await refused();
    await follow(here, host);
    await refused();
  });

  it('lets those follow again who have come back', async () => {
    const guest = guestOf(await join());
    await follow(here, guest);
    await here.attendees.leave(guest, session.id);
    await expect(follow(here, guest)).rejects.toMatchObject({ reason: 'NOT_ATTENDING' });
    await here.attendees.join(guest, { code: session.code });
    expect((await follow(here, guest)).aborted).toBe(false);
  });

  it('ends with its parent, before or after', async () => {
    const guest = guestOf(await join());
    const parent = new AbortController();
    const signal = await follow(here, guest, parent.signal);
    parent.abort();
    expect(signal.aborted).toBe(true);
    expect((await follow(here, guest, parent.signal)).aborted).toBe(true);
  });

  it('asks the store for all who are there when the first one follows, and not again when they come back', async () => {
    const guests = await Promise.all(Array.from({ length: 30 }, async () => guestOf(await join())));
    const asked = jest.spyOn(opened.database, 'sql');
    await follow(there, host);
    for (let time = 0; time < 3; time += 1) {
      const parents = guests.map(() => new AbortController());
      await Promise.all(guests.map((guest, n) => follow(there, guest, parents[n]?.signal)));
      for (const parent of parents) parent.abort();
    }
    const reads = asked.mock.calls.filter(([text]) => text.includes('FROM attendees'));
    asked.mockRestore();
    expect(reads).toHaveLength(2);
  });

  it('tells the presence store of all who come in one go, and is waited for by none of them though it hangs', async () => {
    const store = new MemoryPresenceStore();
    const told = jest.spyOn(store, 'joinAll').mockReturnValue(new Promise(() => undefined));
    const rooms = createRooms(opened.database, { kernel: createTestKernel(opened.database, here.kernel.bus, store) });
    closeAfterTest(() => rooms.kernel.close());
    const guests = await Promise.all(Array.from({ length: 30 }, async () => guestOf(await join())));
    await follow(rooms, host);
    const tabs = [...guests, ...guests].map((guest) => follow(rooms, guest));
    expect((await Promise.all(tabs)).filter(({ aborted }) => aborted)).toEqual([]);
    await waitFor(() => told.mock.calls.length > 0);
    expect(told.mock.calls.flatMap(([members]) => members).length).toBeLessThanOrEqual(31);
  });

  it('is read in one statement for the guests who ask at once, whatever their session, and anew for whoever asks later', async () => {
    const guest = guestOf(await join());
    const other = await here.conference(host);
    const elsewhere = guestOf(await here.attendees.join(ANONYMOUS, { code: other.code, displayName: 'Guest' }));
    const ask = (viewer: Viewer, { id }: SessionRecord) => here.attendance.findEach(opened.database, [viewer], id);
    const asked = jest.spyOn(opened.database, 'sql');
    const places = await Promise.all([ask(guest, session), ask(elsewhere, other), ask(guest, other)]);
    const reads = asked.mock.calls.filter(([text]) => text.includes('FROM attendees'));
    asked.mockRestore();
    expect(places.map(([place]) => place && place.id)).toEqual([guest.attendeeId, elsewhere.attendeeId, null]);
    expect(reads).toHaveLength(1);
    await here.moderation.remove(by(host), guest.attendeeId);
    expect(await ask(guest, session)).toMatchObject([{ status: 'REMOVED' }]);
  });

  it('is read from the row: a token of one session is nobody in another', async () => {
    const guest = guestOf(await join());
    const other = await here.conference(host);
    expect(await here.attendance.find(opened.database, guest, session.id)).toMatchObject({ id: guest.attendeeId });
    expect(await here.attendance.find(opened.database, guest, other.id)).toBeNull();
    expect(await here.attendance.find(opened.database, { ...guest, sessionId: other.id }, other.id)).toBeNull();
    const asked = [guest, host, ANONYMOUS].flatMap((viewer) => [session, other].map(({ id }) => ({ viewer, sessionId: id })));
    const places = await here.attendance.listPlaces(asked);
    expect(places.map((place) => place && [place.sessionId, place.role])).toEqual([
      [session.id, 'ATTENDEE'],
      null,
      [session.id, 'HOST'],
      [other.id, 'HOST'],
      null,
      null,
    ]);
  });
});
