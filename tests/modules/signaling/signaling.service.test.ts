import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { inboxStream, signalSent } from '../../../src/modules/signaling';
import type { SignalSent } from '../../../src/modules/signaling';
import { toSignalEvent } from '../../../src/modules/signaling/signal.type';
import type { PresenceStore } from '../../../src/realtime/presence-store';
import type { Database, Tx } from '../../../src/persistence/database';
import type { StreamItem } from '../../../src/realtime/event';
import type { RateLimiter } from '../../../src/realtime/rate-limiter';
import { testBackends } from '../../support/databases';
import { StreamReader } from '../../support/stream-reader';
import { waitFor } from '../../support/wait-for';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages, setStage } from '../stage';
import { candidate, SDP } from './payloads';
import { by } from '../by';

describe.each(testBackends())('signaling on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let ada: GuestViewer;
  let bob: GuestViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    [ada, bob] = [await stage.guest(show.session, 'Ada'), await stage.guest(show.session, 'Bob')];
  });
  afterAll(() => opened.close());

  const offer = (viewer: Viewer, to: string | null, on = stage): Promise<boolean> =>
    on.signaling.send(viewer, { sessionId: show.session.id, to, type: 'OFFER', payload: { sdp: SDP } });
  const inbox = async (attendeeId: string): Promise<SignalSent[]> => {
    const events = await stage.kernel.log.read(inboxStream(attendeeId), 0, 1_000);
    return events.map((event) => signalSent.read(event));
  };
  const hostId = async (): Promise<string> => (await stage.attendance.find(stage.kernel.database, show.host, show.session.id))?.id ?? '';

  it("puts a signal into the receiver's inbox and nobody else's, with the sender set by the server", async () => {
    await offer(ada, bob.attendeeId);
    expect(await inbox(bob.attendeeId)).toEqual([
      { from: ada.attendeeId, to: bob.attendeeId, fromPeer: null, toPeer: null, type: 'OFFER', payload: { sdp: SDP } },
    ]);
    expect([await inbox(ada.attendeeId), await inbox(await hostId())]).toEqual([[], []]);
  });

  it('keeps the order of a negotiation and delivers it live, on every instance', async () => {
    const reader = new StreamReader(await there.signaling.follow(bob, show.session.id, null, open()));
    const { id: sessionId } = show.session;
    await stage.signaling.send(ada, { sessionId, to: bob.attendeeId, type: 'OFFER', payload: { sdp: SDP } });
    await stage.signaling.send(ada, { sessionId, to: bob.attendeeId, type: 'ICE_CANDIDATE', payload: [candidate(), candidate('')] });
    await stage.signaling.send(ada, { sessionId, to: bob.attendeeId, type: 'END', payload: {} });
    await waitFor(() => reader.offsets.length === 3, { what: 'three signals' });
    expect(reader.items.map(toSignalEvent)).toMatchObject([
      { recovered: true },
      { signal: { from: ada.attendeeId, to: bob.attendeeId, type: 'OFFER', payload: { sdp: SDP }, sentAt: expect.any(Date) as Date } },
      { signal: { type: 'ICE_CANDIDATE' } },
      { signal: { type: 'END', payload: {} } },
    ]);
    await reader.cut();
  });

  it('waits in the inbox for a receiver whose socket dropped', async () => {
    const first = new StreamReader(await stage.signaling.follow(bob, show.session.id, null, open()));
    await waitFor(() => first.cursor !== null, { what: 'the opening' });
    await first.cut();
    await offer(ada, bob.attendeeId);
    const second = new StreamReader(await there.signaling.follow(bob, show.session.id, first.cursor, open()));
    await waitFor(() => second.offsets.length === 1, { what: 'the signal' });
    expect(await stage.signaling.list(bob, show.session.id, first.cursor, 10)).toHaveLength(1);
    await second.cut();
  });

  it('says delivered while the receiver listens, on whichever instance', async () => {
    const away = new AbortController();
    expect(await offer(ada, bob.attendeeId)).toBe(false);
    const reader = new StreamReader(await there.signaling.follow(bob, show.session.id, null, away.signal));
    expect(await offer(ada, bob.attendeeId)).toBe(true);
    expect(await offer(show.host, null)).toBe(false);
    away.abort();
    await reader.done;
    await waitFor(async () => !(await offer(ada, bob.attendeeId)), { what: 'the lease to end' });
  });

  it('does not wait for a presence store that hangs', async () => {
    const hung = (): Promise<never> => new Promise(() => undefined);
    const presence: PresenceStore = {
      kind: 'memory',
      join: hung,
      leave: hung,
      joinAll: hung,
      leaveAll: hung,
      has: hung,
      list: hung,
      count: hung,
      listOccupied: hung,
      close: () => Promise.resolve(),
    };
    const kernel = { ...stage.kernel, presence };
    const slow = setStage(opened.database, { kernel });
    const reader = new StreamReader(await slow.signaling.follow(bob, show.session.id, null, open()));
    expect(await offer(ada, bob.attendeeId, slow)).toBe(false);
    await waitFor(() => reader.offsets.length === 1, { what: 'the signal all the same' });
    await reader.cut();
  });

  it('goes to everybody else who is present, from who presents only', async () => {
    const gone = await stage.guest(show.session);
    await stage.attendees.leave(gone, show.session.id);
    await offer(show.host, null);
    expect([await inbox(ada.attendeeId), await inbox(bob.attendeeId)]).toMatchObject([
      [{ to: null, from: await hostId() }],
      [{ to: null }],
    ]);
    expect([await inbox(gone.attendeeId), await inbox(await hostId())]).toEqual([[], []]);
    await expect(offer(ada, null)).rejects.toMatchObject(refused('FORBIDDEN', 'PRESENTERS_ONLY'));
  });

  it('goes to every device of the receiver, or to the one that is named', async () => {
    const follow = async (peerId: string): Promise<StreamReader> =>
      new StreamReader(await there.signaling.follow(bob, show.session.id, null, open(), peerId));
    const [phone, laptop] = [await follow('phone'), await follow('laptop')];
    const before = (await stage.signaling.list(bob, show.session.id, null, 10))[0];
    const say = (reason: string, toPeer?: string): Promise<boolean> =>
      stage.signaling.send(ada, {
        sessionId: show.session.id,
        to: bob.attendeeId,
        fromPeer: 'desk',
        toPeer,
        type: 'END',
        payload: { reason },
      });
    await say('all');
    await say('phone alone', 'phone');
    await say('all again');
    const heard = (items: readonly StreamItem[]) =>
      items.flatMap((item) => (item.kind === 'event' ? [(signalSent.read(item.event).payload as { reason: string }).reason] : []));
    await waitFor(() => heard(phone.items).length === 3 && heard(laptop.items).length === 2, { what: 'both devices' });
    expect([heard(phone.items), heard(laptop.items)]).toEqual([
      ['all', 'phone alone', 'all again'],
      ['all', 'all again'],
    ]);
    expect(phone.items.map(toSignalEvent)[2]).toMatchObject({ signal: { fromPeer: 'desk', toPeer: 'phone' } });
    const after = before?.kind === 'opened' ? before.position : null;
    expect(heard(await stage.signaling.list(bob, show.session.id, after, 10, 'laptop'))).toEqual(['all', 'all again']);
    await Promise.all([phone.cut(), laptop.cut()]);
  });

  describe('many at once', () => {
    const sendMany = (receivers: readonly string[], on = stage, viewer: Viewer = ada): Promise<string[]> =>
      on.signaling.sendMany(viewer, {
        sessionId: show.session.id,
        fromPeer: 'desk',
        signals: receivers.map((to, n) => ({ to, type: 'END' as const, payload: { reason: String(n) } })),
      });

    it('reach each receiver, in order, and tell who does not listen', async () => {
      const host = await hostId();
      const reader = new StreamReader(await there.signaling.follow(bob, show.session.id, null, open()));
      expect(await sendMany([bob.attendeeId, host, bob.attendeeId])).toEqual([host]);
      expect(await inbox(bob.attendeeId)).toMatchObject([
        { from: ada.attendeeId, to: bob.attendeeId, fromPeer: 'desk', payload: { reason: '0' } },
        { payload: { reason: '2' } },
      ]);
      await reader.cut();
    });

    it('are refused together', async () => {
      const outsider = await stage.guest((await stage.live()).session);
      for (const wrong of [outsider.attendeeId, 'att_00000000000000000000000000', 'x']) {
        await expect(sendMany([bob.attendeeId, wrong])).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Attendee not found.' });
      }
      await expect(sendMany([bob.attendeeId, ada.attendeeId])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await expect(sendMany([bob.attendeeId], stage, outsider)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await inbox(bob.attendeeId)).toEqual([]);
    });

    it('take as many statements as few, in one transaction', async () => {
      const guests: string[] = [];
      for (let n = 0; n < 95; n += 1) guests.push((await stage.guest(show.session)).attendeeId);
      const { database, counted } = countStatements(opened.database);
      const counting = setStage(database);
      const statements = async (work: () => Promise<unknown>): Promise<number> => {
        counted.statements = 0;
        await work();
        return counted.statements;
      };
      const host = show.host;
      const few = await statements(() => sendMany(guests.slice(0, 2), counting, host));
      expect(await statements(() => sendMany(guests, counting, host))).toBe(few);
      const broadcast = (): Promise<unknown> =>
        counting.signaling.send(host, { sessionId: show.session.id, type: 'SCREEN_SHARE_STARTED', payload: {} });
      expect(await statements(broadcast)).toBeLessThanOrEqual(few);
      expect(few).toBeLessThanOrEqual(6);
      await counting.close();
      await counting.kernel.close();
    });
  });

  it('goes to the other party of a call', async () => {
    const { session, client, advisor } = await stage.call();
    await stage.signaling.send(advisor, { sessionId: session.id, type: 'OFFER', payload: { sdp: SDP } });
    const place = await stage.attendance.find(stage.kernel.database, client, session.id);
    expect(await inbox(place?.id ?? '')).toMatchObject([{ type: 'OFFER', to: null }]);
  });

  it('reaches 100 attendees at once', async () => {
    const many = await stage.live({ capacity: 100 });
    const guests: GuestViewer[] = [];
    for (let n = 0; n < 100; n += 1) guests.push(await stage.guest(many.session));
    await Promise.all(
      guests.map(({ attendeeId }) =>
        stage.signaling.send(many.host, { sessionId: many.session.id, to: attendeeId, type: 'OFFER', payload: { sdp: SDP } }),
      ),
    );
    await stage.signaling.send(many.host, { sessionId: many.session.id, type: 'SCREEN_SHARE_STARTED', payload: {} });
    for (const { attendeeId } of guests)
      expect((await inbox(attendeeId)).map(({ type }) => type)).toEqual(['OFFER', 'SCREEN_SHARE_STARTED']);
  });

  describe('is refused, and nobody gets anything,', () => {
    afterEach(async () => {
      expect([await inbox(bob.attendeeId), await inbox(ada.attendeeId)]).toEqual([[], []]);
    });

    it('to somebody outside the session, gone, unknown, or oneself (S1)', async () => {
      const other = await stage.live();
      const outsider = await stage.guest(other.session);
      const gone = await stage.guest(show.session);
      await stage.attendees.leave(gone, show.session.id);
      for (const to of [outsider.attendeeId, gone.attendeeId, 'att_00000000000000000000000000', show.session.id, 'x']) {
        await expect(offer(ada, to)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Attendee not found.' });
      }
      await expect(offer(ada, ada.attendeeId)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      expect(await inbox(outsider.attendeeId)).toEqual([]);
    });

    it('from strangers, from the removed, and with a token of another session', async () => {
      const other = await stage.live();
      await expect(offer(await stage.user(), bob.attendeeId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(offer(await stage.guest(other.session), bob.attendeeId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(offer(ANONYMOUS, bob.attendeeId)).rejects.toMatchObject({
        code: expect.stringMatching(/NOT_FOUND|UNAUTHENTICATED/) as string,
      });
      await stage.moderation.remove(by(show.host), ada.attendeeId);
      await expect(offer(ada, bob.attendeeId)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
      await expect(stage.signaling.follow(ada, show.session.id, null, open())).rejects.toMatchObject(
        refused('FORBIDDEN', 'ATTENDEE_REMOVED'),
      );
      await expect(stage.signaling.listIceServers(ada, show.session.id)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
    });

    it('when the session is over', async () => {
      await stage.sessions.command(by(show.host), show.session.id, 'end');
      await expect(offer(ada, bob.attendeeId)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
      await expect(stage.signaling.listIceServers(ada, show.session.id)).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'SESSION_ENDED'),
      );
    });

    it('when WebRTC could not read it', async () => {
      const draft = { sessionId: show.session.id, to: bob.attendeeId, type: 'OFFER' as const, payload: { sdp: 'nonsense' } };
      await expect(stage.signaling.send(ada, draft)).rejects.toMatchObject(refused('BAD_USER_INPUT', 'INVALID_SDP'));
    });

    it('when there are too many to one peer', async () => {
      const asked: string[] = [];
      const limiter: RateLimiter = {
        kind: 'memory',
        consume: (rule, key) => {
          asked.push(`${rule.name} ${rule.points}/${rule.windowMs} ${key}`);
          return Promise.resolve({ allowed: false, limit: 50, remaining: 0, resetMs: 9, retryAfterMs: 9 });
        },
        close: () => Promise.resolve(),
      };
      await expect(
        offer(ada, bob.attendeeId, setStage(opened.database, { kernel: stage.kernel, rateLimiter: limiter })),
      ).rejects.toMatchObject({
        code: 'RATE_LIMITED',
        details: { retryAfterMs: 9 },
      });
      expect(asked).toEqual([`signal 50/1000 ${ada.attendeeId}:${bob.attendeeId}`]);
    });
  });

  it('gives ice servers to who is present', async () => {
    const [stun, turn] = await stage.signaling.listIceServers(ada, show.session.id);
    expect(stun).toMatchObject({ urls: ['stun:stun.example.org:3478'], credential: null });
    expect(turn).toMatchObject({ username: expect.stringContaining(ada.attendeeId) as string, credential: expect.any(String) as string });
    await expect(stage.signaling.listIceServers(await stage.user(), show.session.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

/** The same database, and how many statements its transactions run, each with BEGIN and COMMIT as one. */
function countStatements(database: Database): { database: Database; counted: { statements: number } } {
  const counted = { statements: 0 };
  const count = <T extends unknown[], R>(run: (...args: T) => R): ((...args: T) => R) => {
    return (...args) => {
      counted.statements += 1;
      return run(...args);
    };
  };
  const proxy = new Proxy(database, {
    get: (target, name, receiver) => {
      if (name !== 'transaction') return Reflect.get(target, name, receiver) as unknown;
      return count((work: (tx: Tx) => Promise<unknown>) =>
        target.transaction((tx) =>
          work({
            inTransaction: true,
            sql: count((text: string, values: never[] = []) => tx.sql(text, values)),
            atCommit: count((...args: Parameters<Tx['atCommit']>) => tx.atCommit(...args)),
          }),
        ),
      );
    },
  });
  return { database: proxy, counted };
}
