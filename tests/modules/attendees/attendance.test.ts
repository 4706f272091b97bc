import type { UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SessionRecord } from '../../../src/modules/sessions';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { createTestKernel } from '../../support/test-kernel';
import { waitFor } from '../../support/wait-for';
import type { Rooms } from '../rooms';
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
  const open = () => new AbortController().signal;

  it('ends what an attendee follows when they are removed, on every instance', async () => {
    const { attendee } = await join();
    const signals = [await here.attendance.endSignal(attendee, open()), await there.attendance.endSignal(attendee, open())];
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    await there.attendees.remove(host, attendee.id);
    await waitFor(() => signals.every(({ aborted }) => aborted));
  });

  it('ends when they leave, and not when others do', async () => {
    const [one, other] = [await join(), await join()];
    const ends = await here.attendance.endSignal(one.attendee, open());
    const goesOn = await here.attendance.endSignal(other.attendee, open());
    await here.attendees.raiseHand(guestOf(one), session.id, true);
    await here.attendees.leave(guestOf(one), session.id);
    await waitFor(() => ends.aborted);
    expect(goesOn.aborted).toBe(false);
  });

  it('has ended already when they went before it was attached', async () => {
    const { attendee } = await join();
    await here.attendees.remove(host, attendee.id);
    expect((await here.attendance.endSignal(attendee, open())).aborted).toBe(true);
  });

  it('ends with its parent, before or after', async () => {
    const { attendee } = await join();
    const parent = new AbortController();
    const signal = await here.attendance.endSignal(attendee, parent.signal);
    parent.abort();
    expect(signal.aborted).toBe(true);
    expect((await here.attendance.endSignal(attendee, parent.signal)).aborted).toBe(true);
  });

  it('is read from the row: a token of one session is nobody in another', async () => {
    const guest = guestOf(await join());
    const other = await here.conference(host);
    expect(await here.attendance.find(opened.database, guest, session.id)).toMatchObject({ id: guest.attendeeId });
    expect(await here.attendance.find(opened.database, guest, other.id)).toBeNull();
    expect(await here.attendance.find(opened.database, { ...guest, sessionId: other.id }, other.id)).toBeNull();
    expect(await here.attendance.listPlaces(guest, [session.id, other.id])).toHaveLength(1);
    expect(await here.attendance.listPlaces(host, [session.id, other.id])).toHaveLength(2);
    expect(await here.attendance.listPlaces(ANONYMOUS, [session.id])).toEqual([]);
  });
});
