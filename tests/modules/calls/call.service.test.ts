import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import { callStream } from '../../../src/modules/calls';
import type { CallRecord } from '../../../src/modules/calls/call.repository';
import { callChanged } from '../../../src/modules/calls/call.events';
import { toCallEvent } from '../../../src/modules/calls/call.type';
import type { RateLimiter } from '../../../src/realtime/rate-limiter';
import { testBackends } from '../../support/databases';
import { StreamReader } from '../../support/stream-reader';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages, setStage } from '../stage';

describe.each(testBackends())('calls on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let ada: GuestViewer;
  let bob: GuestViewer;
  let eve: GuestViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    [ada, bob, eve] = [
      await stage.guest(show.session, 'Ada'),
      await stage.guest(show.session, 'Bob'),
      await stage.guest(show.session, 'Eve'),
    ];
  });
  afterAll(() => opened.close());

  const ring = (caller: Viewer, callee: GuestViewer, { on = stage, peerId = 'laptop' } = {}): Promise<CallRecord> =>
    on.calls.start(caller, { sessionId: show.session.id, calleeId: callee.attendeeId, peerId, ringSeconds: 30 });
  const history = async ({ attendeeId }: GuestViewer): Promise<CallRecord[]> => {
    const events = await stage.kernel.log.read(callStream(attendeeId), 0, 1_000);
    return events.map((event) => callChanged.read(event).call);
  };
  const told = async (viewer: GuestViewer): Promise<string[]> =>
    (await history(viewer)).map(({ status, endReason }) => endReason ?? status);
  /** As if it had rung for as long as it may. */
  const runOut = ({ id }: CallRecord): Promise<unknown> =>
    opened.database.sql(`UPDATE calls SET rings_until = now() - interval '1 second' WHERE id = $1`, [id]);

  it('ring the callee, are answered, held by either, resumed and hung up, and both are told each time', async () => {
    const call = await ring(ada, bob);
    expect(call).toMatchObject({
      callerId: ada.attendeeId,
      callerName: 'Ada',
      calleeId: bob.attendeeId,
      calleeName: 'Bob',
      callerPeer: 'laptop',
      calleePeer: null,
      status: 'RINGING',
      endReason: null,
    });
    expect(call.ringsUntil.getTime() - call.createdAt.getTime()).toBe(30_000);
    expect(await stage.calls.answer(bob, call.id, 'phone')).toMatchObject({ status: 'ACTIVE', calleePeer: 'phone' });
    expect(await stage.calls.command(ada, call.id, 'hold')).toMatchObject({ status: 'HELD', callerHolds: true, calleeHolds: false });
    await stage.calls.command(bob, call.id, 'hold');
    expect(await stage.calls.command(ada, call.id, 'resume')).toMatchObject({ status: 'HELD', callerHolds: false, calleeHolds: true });
    await stage.calls.command(bob, call.id, 'resume');
    const over = await stage.calls.command(bob, call.id, 'hangUp');
    expect(over).toMatchObject({ status: 'ENDED', endReason: 'HUNG_UP', calleeHolds: false });
    expect(over.answeredAt?.getTime()).toBeLessThanOrEqual(over.endedAt?.getTime() ?? 0);
    const course = ['RINGING', 'ACTIVE', 'HELD', 'HELD', 'HELD', 'ACTIVE', 'HUNG_UP'];
    expect([await told(ada), await told(bob), await told(eve)]).toEqual([course, course, []]);
    expect((await history(bob)).at(-1)).toEqual(over);
  });

  it('tell the rejected from the cancelled, and both from the hung up', async () => {
    const rejected = await ring(ada, bob);
    await expect(stage.calls.command(bob, rejected.id, 'hangUp')).rejects.toMatchObject(
      refused('FAILED_PRECONDITION', 'ILLEGAL_CALL_COMMAND'),
    );
    await expect(stage.calls.command(bob, rejected.id, 'cancel')).rejects.toMatchObject(
      refused('FAILED_PRECONDITION', 'ILLEGAL_CALL_COMMAND'),
    );
    expect(await stage.calls.command(bob, rejected.id, 'reject')).toMatchObject({ endReason: 'REJECTED' });
    const cancelled = await ring(ada, bob);
    expect(await stage.calls.command(ada, cancelled.id, 'cancel')).toMatchObject({ endReason: 'CANCELLED' });
    await expect(stage.calls.command(bob, cancelled.id, 'reject')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'CALL_ENDED'));
    await expect(stage.calls.answer(bob, cancelled.id, 'phone')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'CALL_ENDED'));
    expect(await told(bob)).toEqual(['RINGING', 'REJECTED', 'RINGING', 'CANCELLED']);
  });

  it('are commanded twice as if once', async () => {
    const call = await ring(ada, bob);
    expect(await ring(ada, bob)).toEqual(call);
    for (const repeat of [1, 2]) {
      expect([repeat, await stage.calls.answer(bob, call.id, 'phone')]).toMatchObject([repeat, { status: 'ACTIVE' }]);
    }
    for (const command of ['hold', 'hold', 'resume', 'resume', 'hangUp', 'hangUp'] as const)
      await stage.calls.command(ada, call.id, command);
    expect(await told(ada)).toEqual(['RINGING', 'ACTIVE', 'HELD', 'ACTIVE', 'HUNG_UP']);
  });

  it('reach every device of the callee, and all but the one that answers stop ringing', async () => {
    const follow = async (on: Stage): Promise<StreamReader> => new StreamReader(await on.calls.follow(bob, show.session.id, null, open()));
    const [phone, laptop] = [await follow(stage), await follow(there)];
    const call = await ring(ada, bob);
    await there.calls.answer(bob, call.id, 'phone');
    await waitFor(() => phone.offsets.length === 2 && laptop.offsets.length === 2, { what: 'both devices to know' });
    const seen = (reader: StreamReader, peerId: string) => reader.items.map((item) => toCallEvent(item, peerId)).slice(1);
    expect(seen(phone, 'phone')).toMatchObject([
      { call: { status: 'RINGING' }, answeredElsewhere: false },
      { call: { status: 'ACTIVE', callee: { peerId: 'phone' } }, answeredElsewhere: false },
    ]);
    expect(seen(laptop, 'laptop')).toMatchObject([{ answeredElsewhere: false }, { call: { status: 'ACTIVE' }, answeredElsewhere: true }]);
    await expect(stage.calls.answer(bob, call.id, 'laptop')).rejects.toMatchObject(refused('CONFLICT', 'ANSWERED_ELSEWHERE'));
    await Promise.all([phone.cut(), laptop.cut()]);
  });

  it('are answered by one of many devices that try at once, on both instances', async () => {
    const call = await ring(ada, bob);
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? stage : there).calls.answer(bob, call.id, `device-${n}`)),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject(refused('CONFLICT', 'ANSWERED_ELSEWHERE'));
    expect(await told(bob)).toEqual(['RINGING', 'ACTIVE']);
  });

  it('end in one way when they are answered, cancelled and run out at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const call = await ring(ada, bob);
      await runOut(call);
      await Promise.allSettled([
        stage.calls.answer(bob, call.id, 'phone'),
        there.calls.command(ada, call.id, 'cancel'),
        stage.calls.sweep(),
        there.calls.sweep(),
      ]);
      const course = (await history(ada)).filter(({ id }) => id === call.id).map(({ status, endReason }) => endReason ?? status);
      expect(course).toHaveLength(2);
      if (course[1] === 'ACTIVE') await stage.calls.command(ada, call.id, 'hangUp');
      else expect(['CANCELLED', 'TIMEOUT']).toContain(course[1]);
    }
  });

  it('find whoever is in another busy, and tell both of it', async () => {
    const first = await ring(ada, bob);
    for (const callee of [ada, bob]) {
      expect(await ring(eve, callee)).toMatchObject({ status: 'ENDED', endReason: 'BUSY', answeredAt: null });
    }
    expect([await told(eve), await told(bob)]).toEqual([
      ['BUSY', 'BUSY'],
      ['RINGING', 'BUSY'],
    ]);
    await stage.calls.command(ada, first.id, 'cancel');
    expect(await ring(eve, bob)).toMatchObject({ status: 'RINGING' });
  });

  it('are not made by who is in one', async () => {
    const first = await ring(ada, bob);
    for (const caller of [ada, bob])
      await expect(ring(caller, eve)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'ALREADY_IN_CALL'));
    await expect(ring(ada, bob, { peerId: 'another' })).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'ALREADY_IN_CALL'));
    await stage.calls.answer(bob, first.id, 'phone');
    await expect(ring(bob, ada)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'ALREADY_IN_CALL'));
    expect([await told(eve), (await stage.calls.list(ada, show.session.id, { olderThan: null, limit: 10 })).length]).toEqual([[], 1]);
    expect(await ring(eve, await stage.guest(show.session))).toMatchObject({ status: 'RINGING' });
  });

  it('know a user for one person in all their sessions', async () => {
    const { session, client, advisor } = await stage.call();
    const callee = await stage.attendance.find(stage.kernel.database, advisor, session.id);
    await stage.calls.start(client, { sessionId: session.id, calleeId: callee?.id ?? '', peerId: 'desk', ringSeconds: 30 });
    await stage.attendees.join(client, { code: show.session.code });
    const elsewhere = await stage.attendance.find(stage.kernel.database, client, show.session.id);
    const asGuest = { attendeeId: elsewhere?.id } as GuestViewer;
    expect(await ring(ada, asGuest)).toMatchObject({ endReason: 'BUSY' });
    await expect(ring(client, ada)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'ALREADY_IN_CALL'));
  });

  it('become one when both ring each other at once, on two instances: the first caller stays the caller', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, other] = await Promise.all([ring(ada, bob, { peerId: 'ada-desk' }), ring(bob, ada, { on: there, peerId: 'bob-desk' })]);
      expect(one.id).toBe(other.id);
      const final = one.status === 'ACTIVE' ? one : other;
      const [callerPeer, calleePeer] = final.callerId === ada.attendeeId ? ['ada-desk', 'bob-desk'] : ['bob-desk', 'ada-desk'];
      expect(final).toMatchObject({ status: 'ACTIVE', callerPeer, calleePeer });
      await stage.calls.command(ada, final.id, 'hangUp');
    }
    expect(await told(ada)).toEqual(Array.from({ length: 5 }, () => ['RINGING', 'ACTIVE', 'HUNG_UP']).flat());
  });

  it('ring one at a time when many ring the same person at once', async () => {
    const callers = await Promise.all(Array.from({ length: 6 }, () => stage.guest(show.session)));
    const made = await Promise.all(callers.map((caller, n) => ring(caller, bob, { on: n % 2 === 0 ? stage : there })));
    expect(made.map(({ status, endReason }) => endReason ?? status).sort()).toEqual(['BUSY', 'BUSY', 'BUSY', 'BUSY', 'BUSY', 'RINGING']);
  });

  it('run out once, whoever sweeps', async () => {
    const call = await ring(ada, bob);
    await stage.calls.sweep();
    expect(await told(bob)).toEqual(['RINGING']);
    await runOut(call);
    await Promise.all([stage.calls.sweep(), there.calls.sweep(), stage.calls.sweep(), there.calls.sweep()]);
    expect([await told(ada), await told(bob)]).toEqual([
      ['RINGING', 'TIMEOUT'],
      ['RINGING', 'TIMEOUT'],
    ]);
    await expect(stage.calls.answer(bob, call.id, 'phone')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'CALL_ENDED'));
  });

  it('end with the session, and when one of the two is not in it any more', async () => {
    await ring(ada, bob);
    await stage.attendees.leave(bob, show.session.id);
    await stage.calls.sweep();
    const answered = await ring(ada, eve);
    await stage.calls.answer(eve, answered.id, 'phone');
    await stage.moderation.remove(by(show.host), eve.attendeeId);
    await there.calls.sweep();
    const other = await stage.guest(show.session);
    await ring(ada, other);
    await stage.sessions.command(by(show.host), show.session.id, 'end');
    expect(await told(ada)).toEqual(['RINGING', 'REJECTED', 'RINGING', 'ACTIVE', 'HUNG_UP', 'RINGING', 'CANCELLED']);
    await expect(ring(ada, other)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
  });

  it('are nobody else’s business', async () => {
    const call = await ring(ada, bob);
    const stranger = await stage.guest((await stage.live()).session);
    for (const viewer of [eve, stranger, show.host, await stage.user()]) {
      await expect(stage.calls.answer(viewer, call.id, 'phone')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Call not found.' });
      await expect(stage.calls.command(viewer, call.id, 'hangUp')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(stage.calls.answer(ada, call.id, 'phone')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'ILLEGAL_CALL_COMMAND'));
    await expect(ring(eve, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Attendee not found.' });
    await expect(ring(ada, ada)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await stage.attendees.leave(bob, show.session.id);
    await expect(stage.calls.answer(bob, call.id, 'phone')).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_ATTENDING'));
  });

  it('are listed for each side, newest first', async () => {
    const first = await ring(ada, bob);
    await stage.calls.command(bob, first.id, 'reject');
    const second = await ring(bob, ada);
    const list = async (viewer: Viewer, olderThan: CallRecord | null): Promise<string[]> =>
      (await stage.calls.list(viewer, show.session.id, { olderThan, limit: 10 })).map(({ id }) => id);
    expect([await list(ada, null), await list(bob, null), await list(eve, null)]).toEqual([
      [second.id, first.id],
      [second.id, first.id],
      [],
    ]);
    expect(await list(ada, second)).toEqual([first.id]);
  });

  it('are limited for each caller', async () => {
    const limiter: RateLimiter = {
      kind: 'memory',
      consume: () => Promise.resolve({ allowed: false, limit: 30, remaining: 0, resetMs: 9, retryAfterMs: 9 }),
      close: () => Promise.resolve(),
    };
    const limited = setStage(opened.database, { kernel: stage.kernel, rateLimiter: limiter });
    await expect(ring(ada, bob, { on: limited })).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterMs: 9 } });
  });
});
