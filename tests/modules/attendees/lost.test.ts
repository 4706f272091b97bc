import fc from 'fast-check';
import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import { attendeeJoined, attendeeLeft } from '../../../src/modules/attendees';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import type { PresenceTier } from '../../support/presence-tier';
import { openPresenceTier } from '../../support/presence-tier';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { createTestKernel } from '../../support/test-kernel';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { Collected } from '../collected';
import { open } from '../open';
import type { Show, Stage } from '../stage';
import { setStage } from '../stage';

const GRACE_MS = 20_000;
const HEARTBEAT_MS = 100;
const PEOPLE = 4;

type Step =
  { readonly person: number; readonly at: 0 | 1; readonly act: 'connect' | 'disconnect' } | { readonly at: 0 | 1; readonly act: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ person: fc.nat(PEOPLE - 1), at: fc.constantFrom(0, 1), act: fc.constant('connect') }) },
  { weight: 3, arbitrary: fc.record({ person: fc.nat(PEOPLE - 1), at: fc.constantFrom(0, 1), act: fc.constant('disconnect') }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constantFrom(0, 1), act: fc.constant('crash') }) },
);

/** Two instances on one database, one bus and one presence store: memory beside PGlite, Redis beside PostgreSQL. */
describe.each(testBackends())('who is connected, and who was, on %s', (kind) => {
  let opened: TestDatabase;
  let tier: PresenceTier;
  let here: Stage;
  let there: Stage;
  let show: Show;
  let guest: GuestViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    tier = await openPresenceTier(kind);
    here = setStage(opened.database, { kernel: createTestKernel(opened.database, undefined, tier.stores[0]) });
    there = setStage(opened.database, { kernel: createTestKernel(opened.database, here.kernel.bus, tier.stores[1]) });
  });
  beforeEach(async () => {
    show = await here.live();
    guest = await here.guest(show.session);
  });
  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    await Promise.all([here.kernel.close(), there.kernel.close()]);
    await tier.close();
    await opened.drop();
  });

  /** Whoever is missed has been for so much longer. */
  const pass = (milliseconds: number) =>
    opened.database.sql(`UPDATE attendee_connections SET absent_since = absent_since - $1 * interval '1 millisecond'`, [milliseconds]);
  const sweep = () => Promise.all([here, there].map(({ lostSweeper }) => lostSweeper.sweep()));
  const statusOf = async ({ attendeeId }: GuestViewer) => {
    const place = await here.attendance.findById(opened.database, show.session.id, attendeeId);
    return [place?.status, place?.leaveReason];
  };
  const connect = async (stage: Stage, viewer: Viewer): Promise<() => Promise<void>> => {
    const socket = new AbortController();
    await stage.attendance.follow(viewer, show.session.id, socket.signal);
    await stage.presence.leases.flush();
    return () => {
      socket.abort();
      return stage.presence.leases.flush();
    };
  };
  const told = async (): Promise<string[]> =>
    (await here.history(show.session.id)).flatMap((event) => {
      if (attendeeJoined.is(event)) return ['in'];
      return attendeeLeft.is(event) ? [attendeeLeft.read(event).reason] : [];
    });

  it('leave after the grace, once, with the reason `lost`, and free their seat; the same token resumes the same attendee', async () => {
    const disconnect = await connect(here, guest);
    await disconnect();
    await sweep();
    await pass(GRACE_MS - 2_000);
    await sweep();
    expect(await statusOf(guest)).toEqual(['PRESENT', null]);
    await pass(2_000);
    await sweep();
    expect(await statusOf(guest)).toEqual(['LEFT', 'lost']);
    expect((await here.sessions.get(opened.database, show.session.id)).attendeeCount).toBe(0);
    const again = await there.attendees.join(guest, { code: show.session.code });
    expect(again.attendee).toMatchObject({ id: guest.attendeeId, status: 'PRESENT', leaveReason: null });
    expect(await told()).toEqual(['in', 'lost', 'in']);
  });

  it('come back by following, on whichever instance, as the same attendee; and are refused while there is no seat for them', async () => {
    const lose = async (): Promise<void> => {
      await (
        await connect(here, guest)
      )();
      await sweep();
      await pass(GRACE_MS);
      await sweep();
      expect(await statusOf(guest)).toEqual(['LEFT', 'lost']);
    };
    // An instance that has not heard of the loss yet lets them follow, and ends that when it does: clients try again.
    const tryThere = () =>
      connect(there, guest).then(
        async (disconnect) => (await disconnect(), null),
        ({ reason }: { reason: string }) => reason,
      );
    await lose();
    await waitFor(async () => (await tryThere()) === null && (await statusOf(guest))[0] === 'PRESENT', { what: 'the coming back' });
    expect((await here.sessions.get(opened.database, show.session.id)).attendeeCount).toBe(1);
    expect(await told()).toEqual(['in', 'lost', 'in']);
    await lose();
    await here.guest(show.session, 'Instead');
    await here.sessions.update(by(show.host), show.session.id, { capacity: 1 });
    await waitFor(async () => (await tryThere()) === 'SESSION_FULL', { what: 'the refusal' });
    expect(await statusOf(guest)).toEqual(['LEFT', 'lost']);
  });

  it('have not left when they come back within it, on whichever instance: that is no leaving, and no joining', async () => {
    await (
      await connect(here, guest)
    )();
    await sweep();
    await pass(GRACE_MS - 2_000);
    const disconnect = await connect(there, guest);
    await pass(GRACE_MS);
    await sweep();
    expect(await statusOf(guest)).toEqual(['PRESENT', null]);
    expect(await told()).toEqual(['in']);
    await disconnect();
  });

  it('are lost with their instance, and found by the other', async () => {
    const crashing = setStage(opened.database, {
      kernel: createTestKernel(opened.database, here.kernel.bus, tier.stores[1]),
      heartbeatMs: HEARTBEAT_MS,
    });
    await connect(crashing, guest);
    await crashing.kernel.close();
    await crashing.presence.close();
    await waitFor(async () => (await here.presence.list(show.session.id)).length === 0, { what: 'the leases to run out' });
    await here.lostSweeper.sweep();
    await pass(GRACE_MS);
    await here.lostSweeper.sweep();
    expect(await statusOf(guest)).toEqual(['LEFT', 'lost']);
  });

  it('keep their place as long as they like who were never connected, and while the presence store is away', async () => {
    const other = await here.guest(show.session);
    const disconnect = await connect(here, other);
    await disconnect();
    await sweep();
    const back = jest.spyOn(tier.stores[0], 'list').mockRejectedValue(new Error('away'));
    await pass(GRACE_MS);
    await here.lostSweeper.sweep();
    expect(await statusOf(other)).toEqual(['PRESENT', null]);
    back.mockRestore();
    await here.lostSweeper.sweep();
    expect([await statusOf(guest), await statusOf(other)]).toEqual([
      ['PRESENT', null],
      ['LEFT', 'lost'],
    ]);
  });

  it('are read with since when, and followed: a state that is exact in the end, and a number alone for large rooms', async () => {
    const told = new Collected(await there.presences.follow(by(show.host), show.session.id, open()));
    const counting = new AbortController();
    const counted = new Collected(await there.presences.followCount(by(guest), show.session.id, counting.signal));
    const disconnect = await connect(here, guest);
    const online = () =>
      told.items
        .at(-1)
        ?.online.map(({ attendee }) => attendee.role)
        .sort();
    await waitFor(() => told.items.at(-1)?.count === 2 && counted.items.at(-1) === 2);
    await waitFor(() => online()?.join() === 'ATTENDEE,HOST');
    const [first] = await here.presences.list(by(guest), show.session);
    expect(first?.since).toBeInstanceOf(Date);
    await disconnect();
    counting.abort();
    await counted.done;
    await there.presence.leases.flush();
    await waitFor(() => told.items.at(-1)?.count === 1);
    expect(await here.presences.count(by(show.host), show.session)).toBe(1);
    await told.cut();
  });

  it(
    'are in the store as they are in truth within two heartbeats after any crash, on two instances',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const stages = [0, 1].map((n) =>
            setStage(opened.database, {
              kernel: createTestKernel(opened.database, here.kernel.bus, tier.stores[n as 0 | 1]),
              heartbeatMs: HEARTBEAT_MS,
            }),
          ) as [Stage, Stage];
          show = await here.live();
          const guests = await Promise.all(Array.from({ length: PEOPLE }, () => here.guest(show.session)));
          const sockets = [new Map<number, AbortController>(), new Map<number, AbortController>()] as const;
          const crashed = [false, false];
          for (const { at, ...what } of steps) {
            if (crashed[at] === true) continue;
            if (what.act === 'crash') {
              crashed[at] = true;
              // Without a word: what it would tell from here on reaches nobody.
              const { leases } = stages[at].presence;
              jest.spyOn(leases, 'flush').mockResolvedValue();
              await leases.close();
              sockets[at].clear();
              continue;
            }
            const socket = sockets[at].get(what.person);
            if (what.act === 'connect' && socket === undefined) {
              const opening = new AbortController();
              sockets[at].set(what.person, opening);
              await stages[at].attendance.follow(guests[what.person]!, show.session.id, opening.signal);
            } else if (what.act === 'disconnect' && socket !== undefined) {
              socket.abort();
              sockets[at].delete(what.person);
            }
          }
          const truth = guests.filter((_, n) => sockets.some((those) => those.has(n))).map(({ attendeeId }) => attendeeId);
          await waitFor(async () => (await here.presence.list(show.session.id)).sort().join() === truth.sort().join(), {
            what: 'the presence store to tell the truth',
          });
          for (const those of sockets) for (const socket of those.values()) socket.abort();
          await Promise.all(stages.map((stage) => stage.close()));
          await Promise.all(stages.map((stage) => stage.kernel.close()));
        }),
        { numRuns: propertyRuns(8) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('take part as much as is counted: for who keeps order, and of themselves', async () => {
    const other = await here.guest(show.session);
    const question = await here.ask(guest, show.session);
    await here.questions.ask(guest, { sessionId: show.session.id, body: 'In secret?', anonymous: true });
    const message = await here.messages.send(guest, { channelId: show.channel.id, body: 'Hello' });
    await here.reactions.react(guest, { messageId: message.id, emoji: '👍', reacted: true });
    await here.votes.vote(other, question.id, 1);
    for (const raised of [true, false, true]) await here.attendees.raiseHand(guest, show.session.id, raised);
    await opened.database.sql(`UPDATE attendees SET joined_at = joined_at - interval '90 seconds' WHERE id = $1`, [guest.attendeeId]);
    await here.attendees.leave(guest, show.session.id);
    const placeOf = async ({ attendeeId }: GuestViewer) => (await here.attendance.findById(opened.database, show.session.id, attendeeId))!;
    const [mine, theirs] = [await placeOf(guest), await placeOf(other)];
    const counts = await here.engagements.listFor(by(show.host), [mine, theirs]);
    expect(counts).toMatchObject([
      { messages: 1, reactions: 1, questions: 1, votes: 0, handRaises: 2 },
      { messages: 0, reactions: 0, questions: 0, votes: 1, handRaises: 0 },
    ]);
    expect(Math.floor((counts[0]?.presentMs ?? 0) / 10_000)).toBe(9);
    expect(await here.engagements.listFor(by(guest), [theirs, mine])).toMatchObject([null, { messages: 1 }]);
  });
});
