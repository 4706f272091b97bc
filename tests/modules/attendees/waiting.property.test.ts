import fc from 'fast-check';
import { DomainError } from '../../../src/errors/domain-error';
import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { attendeeJoined, attendeeLeft, attendeeStoppedWaiting, attendeeWaiting } from '../../../src/modules/attendees';
import { sessionChanged } from '../../../src/modules/sessions';
import type { SessionRecord } from '../../../src/modules/sessions';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { createTestKernel } from '../../support/test-kernel';
import { by } from '../by';
import type { Rooms } from '../rooms';
import { createRooms, guestOf } from '../rooms';

type Action = 'join' | 'leave' | 'remove' | 'admit' | 'deny' | 'grow' | 'shrink' | 'open' | 'close';

interface Step {
  readonly person: number;
  readonly action: Action;
}

const PEOPLE = 6;
const WEIGHTS: readonly (readonly [number, Action])[] = [
  [8, 'join'],
  [4, 'leave'],
  [1, 'remove'],
  [2, 'admit'],
  [1, 'deny'],
  [1, 'grow'],
  [1, 'shrink'],
  [1, 'open'],
  [1, 'close'],
];
const step: fc.Arbitrary<Step> = fc.record({
  person: fc.nat(PEOPLE - 1),
  action: fc.oneof(...WEIGHTS.map(([weight, action]) => ({ weight, arbitrary: fc.constant(action) }))),
});

/** Issue 5: plan limits, seats, waiting list: 0 violations in 10,000 random concurrent runs over two instances, with PARLEY_TEST_LONG=1. */
describe.each(testBackends())('the line for a seat on %s', (kind) => {
  let opened: TestDatabase;
  let instances: readonly [Rooms, Rooms];
  let host: UserViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    const first = createTestKernel(opened.database);
    const second = createTestKernel(opened.database, first.bus, first.presence);
    instances = [createRooms(opened.database, { kernel: first }), createRooms(opened.database, { kernel: second })];
    host = await instances[0].user('Host');
  });
  afterAll(async () => {
    await Promise.all(instances.map((rooms) => rooms.close()));
    await Promise.all(instances.map(({ kernel }) => kernel.close()));
    await opened.drop();
  });

  const instance = (n: number): Rooms => instances[n % 2 === 0 ? 0 : 1];

  interface Counts {
    readonly capacity: number;
    readonly counted: number;
    readonly present: number;
    readonly waiting: number;
  }

  async function counts(session: SessionRecord): Promise<Counts | undefined> {
    const [row] = await opened.database.sql<Counts>(
      `SELECT capacity, attendee_count AS counted,
         (SELECT count(*)::int FROM attendees WHERE session_id = sessions.id AND status = 'PRESENT' AND role <> 'HOST') AS present,
         (SELECT count(*)::int FROM attendees WHERE session_id = sessions.id AND waiting_for = 'SEAT') AS waiting
       FROM sessions WHERE id = $1`,
      [session.id],
    );
    return row;
  }

  /** Replays the stream, event by event: never more in than seats; who sits down out of the line was its first; each stay and wait ends once. */
  async function replay(sessionId: string): Promise<{ present: number; line: readonly string[] }> {
    const present = new Set<string>();
    const lobby = new Set<string>();
    let line: string[] = [];
    let capacity = 0;
    const drop = (id: string): boolean => {
      const waited = lobby.delete(id) || line.includes(id);
      line = line.filter((other) => other !== id);
      return waited;
    };
    for (const event of await instance(0).history(sessionId)) {
      if (sessionChanged.is(event)) ({ capacity } = sessionChanged.read(event).session);
      if (attendeeWaiting.is(event)) {
        const { id, waitingFor } = attendeeWaiting.read(event).attendee;
        expect(present.has(id) || line.includes(id)).toBe(false);
        lobby.delete(id);
        if (waitingFor === 'SEAT') line.push(id);
        else lobby.add(id);
      }
      if (attendeeStoppedWaiting.is(event)) expect(drop(attendeeStoppedWaiting.read(event).attendee.id)).toBe(true);
      if (attendeeJoined.is(event)) {
        const { id } = attendeeJoined.read(event).attendee;
        expect(present.has(id)).toBe(false);
        if (line.length > 0) expect(line[0]).toBe(id);
        drop(id);
        present.add(id);
        expect(present.size).toBeLessThanOrEqual(capacity);
      }
      if (attendeeLeft.is(event)) expect(present.delete(attendeeLeft.read(event).attendee.id)).toBe(true);
    }
    return { present: present.size, line };
  }

  it(
    'is first in, first out: never a seat too many, never one free while somebody waits, whatever happens at once on two instances',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 3 }),
          fc.boolean(),
          fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 4 }),
          async (capacity, lobby, waves) => {
            const session = await instance(0).conference(host, { capacity });
            await instance(0).sessions.update(by(host), session.id, { waitingList: true, lobby });
            const guests: (GuestViewer | undefined)[] = [];

            const perform = async ({ person, action }: Step, n: number): Promise<void> => {
              const { attendees, moderation, admissions, sessions } = instance(n);
              const guest = guests[person];
              if (action === 'grow') return void (await sessions.update(by(host), session.id, { capacity: 1 + person }));
              if (action === 'shrink') return void (await sessions.update(by(host), session.id, { capacity: 1 }));
              if (action === 'open' || action === 'close')
                return void (await sessions.update(by(host), session.id, { lobby: action === 'close' }));
              if (action === 'join') {
                const joined = await attendees.join(guest ?? ANONYMOUS, { code: session.code, displayName: `Guest ${person}` });
                guests[person] = guestOf(joined);
              } else if (guest !== undefined) {
                if (action === 'leave') await attendees.leave(guest, session.id);
                else if (action === 'remove') await moderation.remove(by(host), guest.attendeeId);
                else await admissions[action](by(host), guest.attendeeId);
              }
            };

            for (const wave of waves) {
              const results = await Promise.allSettled(wave.map(perform));
              for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DomainError);
              const now = await counts(session);
              expect(now?.counted).toBe(now?.present);
              expect(now?.present).toBeLessThanOrEqual(now?.capacity ?? 0);
              if ((now?.waiting ?? 0) > 0) expect(now?.present).toBe(now?.capacity);
            }
            const { present, line } = await replay(session.id);
            expect({ present, waiting: line.length }).toEqual({
              present: (await counts(session))?.present,
              waiting: (await counts(session))?.waiting,
            });
          },
        ),
        { numRuns: 10 * propertyRuns(3) },
      );
    },
    3 * PROPERTY_TIMEOUT_MS,
  );

  it('moves up once for each who goes, also when many go at once on both instances', async () => {
    const session = await instance(0).conference(host, { capacity: 5 });
    await instance(0).sessions.update(by(host), session.id, { waitingList: true });
    const join = async (n: number): Promise<GuestViewer> =>
      guestOf(await instance(n).attendees.join(ANONYMOUS, { code: session.code, displayName: `Guest ${n}` }));
    const seated = await Promise.all([0, 1, 2, 3, 4].map(join));
    await Promise.all(Array.from({ length: 12 }, (_, n) => join(n)));
    const queue = await instance(1).admissions.list(by(host), session, { waitFor: 'SEAT', after: 0, limit: 100 });
    expect(queue).toHaveLength(12);
    await Promise.all(seated.map((guest, n) => instance(n).attendees.leave(guest, session.id)));
    const present = await instance(0).attendees.list(by(host), session, { status: ['PRESENT'], after: null, limit: 100 });
    const expected = queue.slice(0, 5).map(({ id }) => id);
    expect(
      present
        .filter(({ role }) => role !== 'HOST')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(expected.sort());
    const left = await instance(1).admissions.list(by(host), session, { waitFor: 'SEAT', after: 0, limit: 100 });
    expect(left.map(({ id }) => id)).toEqual(queue.slice(5).map(({ id }) => id));
    await instance(1).sessions.update(by(host), session.id, { capacity: 8 });
    expect(await counts(session)).toMatchObject({ counted: 8, present: 8, waiting: 4 });
    expect((await replay(session.id)).line).toEqual(queue.slice(8).map(({ id }) => id));
  });
});
