import fc from 'fast-check';
import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SessionRecord } from '../../../src/modules/sessions';
import { attendeeJoined, attendeeLeft } from '../../../src/modules/attendees';
import { DomainError } from '../../../src/errors/domain-error';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { createTestKernel } from '../../support/test-kernel';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { by } from '../by';
import { createRooms, guestOf } from '../rooms';

interface Step {
  readonly person: number;
  readonly action: 'join' | 'leave' | 'remove';
}

const PEOPLE = 4;
const step: fc.Arbitrary<Step> = fc.record({
  person: fc.nat(PEOPLE - 1),
  action: fc.oneof(
    { weight: 4, arbitrary: fc.constant('join' as const) },
    { weight: 3, arbitrary: fc.constant('leave' as const) },
    fc.constant('remove' as const),
  ),
});

/** R3. Two instances on one database: what is exact here is exact because of the database. */
describe.each(testBackends())('seats on %s', (kind) => {
  let opened: TestDatabase;
  let instances: Rooms[];
  let host: UserViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    const first = createTestKernel(opened.database);
    instances = [first, createTestKernel(opened.database, first.bus)].map((kernel) => createRooms(opened.database, { kernel }));
    host = await instance(0).user('Host');
  });
  afterAll(async () => {
    await Promise.all(instances.map(({ kernel }) => kernel.close()));
    await opened.drop();
  });

  function instance(n: number): Rooms {
    const rooms = instances[n % instances.length];
    if (rooms === undefined) throw new Error('No instance');
    return rooms;
  }

  async function seats(session: SessionRecord): Promise<{ present: number; counted: number }> {
    const [row] = await opened.database.sql<{ present: number; counted: number }>(
      `SELECT attendee_count AS counted, (SELECT count(*)::int FROM attendees
         WHERE session_id = sessions.id AND status = 'PRESENT' AND role <> 'HOST') AS present
       FROM sessions WHERE id = $1`,
      [session.id],
    );
    return row ?? { present: -1, counted: -1 };
  }

  /** Replays the stream: how many were in at once at most, and that nobody came or went twice in a row. */
  async function highestAttendance(sessionId: string): Promise<number> {
    const present = new Set<string>();
    let highest = 0;
    for (const event of await instance(0).history(sessionId)) {
      if (attendeeJoined.is(event)) {
        const { attendee } = attendeeJoined.read(event);
        expect(present).not.toContain(attendee.id);
        present.add(attendee.id);
      }
      if (attendeeLeft.is(event)) expect(present.delete(attendeeLeft.read(event).attendee.id)).toBe(true);
      highest = Math.max(highest, present.size);
    }
    return highest;
  }

  it('R3: of 50 guests who race for 10 seats exactly 10 get in', async () => {
    const session = await instance(0).conference(host, { capacity: 10 });
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => instance(n).attendees.join(ANONYMOUS, { code: session.code, displayName: `Guest ${n}` })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_FULL'));
    }
    expect(await seats(session)).toEqual({ present: 10, counted: 10 });
    expect(await highestAttendance(session.id)).toBe(10);
  });

  it(
    'R3: present never exceeds capacity, and is what is counted, in any interleaving of joins, leaves and removals',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 3 }),
          fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
          async (capacity, waves) => {
            const session = await instance(0).conference(host, { capacity });
            const guests: (GuestViewer | undefined)[] = [];

            const perform = async ({ person, action }: Step, n: number): Promise<void> => {
              const { attendees, moderation } = instance(n);
              const guest = guests[person];
              if (action === 'join')
                guests[person] = guestOf(await attendees.join(guest ?? ANONYMOUS, { code: session.code, displayName: `Guest ${person}` }));
              else if (guest !== undefined && action === 'leave') await attendees.leave(guest, session.id);
              else if (guest !== undefined) await moderation.remove(by(host), guest.attendeeId);
            };

            for (const wave of waves) {
              const results = await Promise.allSettled(wave.map(perform));
              for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DomainError);
              const { present, counted } = await seats(session);
              expect(counted).toBe(present);
              expect(present).toBeLessThanOrEqual(capacity);
            }
            expect(await highestAttendance(session.id)).toBeLessThanOrEqual(capacity);
          },
        ),
        { numRuns: propertyRuns(500) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
