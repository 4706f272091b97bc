import fc from 'fast-check';
import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import { sessionChanged } from '../../../src/modules/sessions';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import type { PresenceTier } from '../../support/presence-tier';
import { openPresenceTier } from '../../support/presence-tier';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { createTestKernel } from '../../support/test-kernel';
import { waitFor } from '../../support/wait-for';
import { ORPHAN_AFTER_MS } from '../rooms';
import { setStage } from '../stage';
import type { Show, Stage } from '../stage';
import { by } from '../by';

/** Two instances on one database, one bus and one presence store: memory beside PGlite, Redis beside PostgreSQL. */
describe.each(testBackends())('orphaned sessions on %s', (kind) => {
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
    there = another();
  });
  beforeEach(async () => {
    show = await here.live();
    guest = await here.guest(show.session);
  });
  afterEach(() => opened.database.sql(`UPDATE sessions SET status = 'COMPLETED' WHERE id = $1`, [show.session.id]));
  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    await Promise.all([here.kernel.close(), there.kernel.close()]);
    await tier.close();
    await opened.drop();
  });

  const another = (heartbeatMs?: number): Stage =>
    setStage(opened.database, { kernel: createTestKernel(opened.database, here.kernel.bus, tier.stores[1]), heartbeatMs });

  const sweep = (): Promise<unknown> => Promise.all([here, there].map(({ orphanSweeper }) => orphanSweeper.sweep()));
  const current = () => here.sessions.get(opened.database, show.session.id);
  const statusNow = async () => (await current()).status;

  /** Whatever has happened so far happened that much earlier. */
  const pass = async (milliseconds: number): Promise<void> => {
    const { id } = show.session;
    const earlier = `- $2 * interval '1 millisecond'`;
    await opened.database.sql(`UPDATE sessions SET deserted_since = deserted_since ${earlier} WHERE id = $1`, [id, milliseconds]);
    const streams = [`session:${id}`, `votes:${id}`, `channel:${show.channel.id}`];
    await opened.database.sql(`UPDATE events SET at = at ${earlier} WHERE stream_id = ANY($1)`, [streams, milliseconds]);
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

  const endings = async (): Promise<string[]> => {
    const history = await here.history(show.session.id);
    return history
      .flatMap((event) => (sessionChanged.is(event) ? [sessionChanged.read(event).session] : []))
      .flatMap(({ status, endReason }) => (status === 'COMPLETED' ? [String(endReason)] : []));
  };

  it('end when nobody has been connected, and nothing has happened, for the whole time; and not before', async () => {
    await sweep();
    await pass(ORPHAN_AFTER_MS - 5_000);
    await sweep();
    expect(await statusNow()).toBe('LIVE');
    await pass(5_000);
    await sweep();
    expect(await current()).toMatchObject({
      status: 'COMPLETED',
      endReason: 'ORPHANED',
      attendeeCount: 0,
      endedAt: expect.any(Date) as Date,
    });
    expect(await endings()).toEqual(['ORPHANED']);
  });

  it('end when they are paused, and never before they have begun', async () => {
    const scheduled = await here.conference(show.host);
    await here.sessions.command(by(show.host), show.session.id, 'pause');
    await sweep();
    await opened.database.sql('UPDATE sessions SET deserted_since = $2 WHERE id = $1', [scheduled.id, new Date(0)]);
    await pass(ORPHAN_AFTER_MS);
    await sweep();
    expect(await statusNow()).toBe('COMPLETED');
    expect((await here.sessions.get(opened.database, scheduled.id)).status).toBe('SCHEDULED');
  });

  it('go on while somebody is connected to the other instance, however silent; and end the whole time after they have gone', async () => {
    const disconnect = await connect(there, guest);
    for (let hours = 0; hours < 3; hours += 1) {
      await here.orphanSweeper.sweep();
      await pass(ORPHAN_AFTER_MS);
    }
    expect(await statusNow()).toBe('LIVE');
    await disconnect();
    await sweep();
    await pass(ORPHAN_AFTER_MS - 5_000);
    await sweep();
    expect(await statusNow()).toBe('LIVE');
    await pass(5_000);
    await sweep();
    expect(await statusNow()).toBe('COMPLETED');
  });

  it('count the time anew after somebody was there between two sweeps', async () => {
    await sweep();
    await pass(ORPHAN_AFTER_MS);
    const disconnect = await connect(there, guest);
    await disconnect();
    await sweep();
    expect(await statusNow()).toBe('LIVE');
    await pass(ORPHAN_AFTER_MS);
    await sweep();
    expect(await statusNow()).toBe('COMPLETED');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['writes', () => here.messages.send(guest, { channelId: show.channel.id, body: 'Anybody?' })],
    ['asks', () => here.ask(guest, show.session)],
    ['raises a hand', () => here.attendees.raiseHand(guest, show.session.id, true)],
  ])('go on while somebody %s, connected or not', async (_, act) => {
    await sweep();
    await pass(ORPHAN_AFTER_MS - 5_000);
    await act();
    await pass(5_000);
    await sweep();
    expect(await statusNow()).toBe('LIVE');
    await pass(ORPHAN_AFTER_MS - 5_000);
    await sweep();
    expect(await statusNow()).toBe('COMPLETED');
  });

  it('go on while somebody votes', async () => {
    const question = await here.ask(guest, show.session);
    await sweep();
    await pass(ORPHAN_AFTER_MS);
    await here.votes.vote(guest, question.id, 1);
    await sweep();
    expect(await statusNow()).toBe('LIVE');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['session', () => here.sessionEvents.list(by(guest), show.session.id, null, 10)],
    ['channel', () => here.messages.listEvents(guest, show.channel.id, null, 10)],
    ['inbox', () => here.signaling.list(guest, show.session.id, null, 10)],
  ])('go on while somebody polls the %s', async (_, poll) => {
    await sweep();
    await pass(ORPHAN_AFTER_MS);
    await poll();
    await here.presence.leases.flush();
    expect(await there.presence.list(show.session.id)).toEqual([guest.attendeeId]);
    await sweep();
    expect(await statusNow()).toBe('LIVE');
    await pass(ORPHAN_AFTER_MS);
    await sweep();
    expect(await statusNow()).toBe('LIVE');
  });

  it('go on when every lease was lost, for whoever is connected is there again with the next heartbeat', async () => {
    const disconnect = await connect(there, guest);
    await tier.lose();
    await here.orphanSweeper.sweep();
    await there.presence.leases.beat();
    expect(await here.presence.list(show.session.id)).toEqual([guest.attendeeId]);
    await pass(ORPHAN_AFTER_MS);
    await here.orphanSweeper.sweep();
    expect(await statusNow()).toBe('LIVE');
    await disconnect();
  });

  it('end once when sweepers race, and everybody who watches is told once', async () => {
    for (let round = 0; round < 25; round += 1) {
      show = await here.live();
      await sweep();
      await pass(ORPHAN_AFTER_MS);
      const sweepers = [here, there, here, there].map(({ orphans }) => orphans.end(show.session.id, ORPHAN_AFTER_MS));
      expect((await Promise.all(sweepers)).filter(Boolean)).toHaveLength(1);
      expect(await endings()).toEqual(['ORPHANED']);
    }
  });

  it('have one end when the host ends them at the same moment', async () => {
    for (let round = 0; round < 25; round += 1) {
      show = await here.live();
      await sweep();
      await pass(ORPHAN_AFTER_MS);
      const outcomes = await Promise.allSettled([sweep(), there.sessions.command(by(show.host), show.session.id, 'end')]);
      const requested = outcomes[1].status === 'fulfilled';
      expect(await endings()).toEqual([requested ? 'REQUESTED' : 'ORPHANED']);
    }
  });

  it('are left alone while the presence store is away', async () => {
    await sweep();
    await pass(ORPHAN_AFTER_MS);
    const bringBack = await tier.takeAway();
    await sweep();
    await bringBack();
    expect(await statusNow()).toBe('LIVE');
    await sweep();
    expect(await statusNow()).toBe('COMPLETED');
  });

  it('are found among many', async () => {
    await opened.database.sql(
      `INSERT INTO sessions (id, organization_id, host_id, code, title, kind, medium, status, capacity)
       SELECT 'ses_crowd' || n, $1, host_id, 'crowd' || n, 'Crowd', 'CONFERENCE', 'CHAT', 'LIVE', 10
       FROM generate_series(1, 1100) AS n, sessions WHERE id = $2`,
      [show.session.organizationId, show.session.id],
    );
    await here.orphanSweeper.sweep();
    const left = await opened.database.sql(`SELECT id FROM sessions WHERE status = 'LIVE' AND deserted_since IS NULL`);
    await opened.database.sql(`DELETE FROM sessions WHERE id LIKE 'ses_crowd%'`);
    expect(left).toEqual([]);
  });

  it('end after a crash of the instance that all were connected to, once its leases have run out', async () => {
    const doomed = another(500);
    await connect(doomed, guest);
    await sweep();
    // Stops without taking leave of who is connected.
    await doomed.close();
    await doomed.kernel.close();
    await waitFor(async () => (await here.presence.list(show.session.id)).length === 0, { what: 'the leases to run out' });
    await sweep();
    await pass(ORPHAN_AFTER_MS);
    await sweep();
    expect(await statusNow()).toBe('COMPLETED');
  });

  it(
    'end never before the whole time has passed without anybody, and always then, whatever happened before',
    async () => {
      const steps = fc.array(fc.constantFrom('connect here', 'connect there', 'disconnect', 'write', 'sweep', 'pass', 'pass'), {
        maxLength: 15,
      });
      await fc.assert(
        fc.asyncProperty(steps, async (script) => {
          show = await here.live();
          guest = await here.guest(show.session);
          const sockets: (() => Promise<void>)[] = [];
          let emptyFor = 0;
          for (const action of script) {
            if (action === 'connect here') sockets.push(await connect(here, guest));
            if (action === 'connect there') sockets.push(await connect(there, guest));
            if (action === 'disconnect') await sockets.pop()?.();
            if (action === 'write') await here.messages.send(guest, { channelId: show.channel.id, body: 'Hello' });
            if (action === 'sweep') await sweep();
            if (action === 'pass') await pass(ORPHAN_AFTER_MS / 3);
            emptyFor = action === 'pass' ? emptyFor + 1 : emptyFor;
            if (sockets.length > 0 || /connect|write/.test(action)) emptyFor = 0;
            if ((await statusNow()) === 'LIVE') continue;
            expect(emptyFor).toBeGreaterThanOrEqual(3);
            break;
          }
          for (const disconnect of sockets) await disconnect();
          for (const time of ['first', 'last']) {
            await sweep();
            if (time === 'first') await pass(ORPHAN_AFTER_MS);
          }
          expect(await endings()).toEqual(['ORPHANED']);
        }),
        { numRuns: propertyRuns(20) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('leave no lease when everybody has gone', async () => {
    const guests = await Promise.all(Array.from({ length: 20 }, () => here.guest(show.session)));
    const leavings = await Promise.all(guests.flatMap((viewer) => [connect(here, viewer), connect(there, viewer)]));
    await waitFor(async () => (await here.presence.list(show.session.id)).length === 20);
    await Promise.all(leavings.map((disconnect) => disconnect()));
    expect(await here.presence.list(show.session.id)).toEqual([]);
  });
});
