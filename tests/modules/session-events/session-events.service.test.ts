import type { Viewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import type { SessionEvent } from '../../../src/modules/session-events';
import { toSessionEvent } from '../../../src/modules/session-events/session-event.type';
import { testBackends } from '../../support/databases';
import { StreamReader } from '../../support/stream-reader';
import { waitFor } from '../../support/wait-for';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';
import { by } from '../by';

describe.each(testBackends())('session events on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
  });
  afterAll(() => opened.close());

  /** What a subscriber is shown, by the same steps as the resolver. */
  const seen = (viewer: Viewer, reader: StreamReader): Promise<(typeof SessionEvent)[]> =>
    Promise.all(reader.items.map(async (item) => toSessionEvent(await stage.sessionEvents.see(viewer, show.session.id, item))));
  const follow = async (viewer: Viewer, on = stage): Promise<StreamReader> =>
    new StreamReader(await on.sessionEvents.follow(by(viewer), show.session.id, null, open()));
  const names = (events: readonly object[]): string[] => events.map(({ constructor }) => constructor.name);

  it('tells all that happens, in order, on every instance, and by polling alike', async () => {
    const { host, session } = show;
    const reader = await follow(host, there);
    await waitFor(() => reader.cursor !== null, { what: 'the opening' });
    const start = reader.cursor;
    const guest = await stage.guest(session, 'Bob');
    await stage.attendees.raiseHand(guest, session.id, true);
    await stage.ask(guest, session);
    await stage.sessions.command(by(host), session.id, 'pause');
    await stage.attendees.leave(guest, session.id);
    await waitFor(() => reader.offsets.length === 5, { what: 'five events' });
    const live = await seen(host, reader);
    expect(names(live)).toEqual(['StreamOpened', 'AttendeeJoined', 'AttendeeChanged', 'QuestionChanged', 'SessionChanged', 'AttendeeLeft']);
    expect(live).toMatchObject([
      {},
      { attendee: { displayName: 'Bob' } },
      { attendee: { handRaised: true } },
      { question: { body: 'Why?', asker: { id: guest.attendeeId } } },
      { session: { status: 'PAUSED' } },
      { reason: 'left' },
    ]);
    const polled = await stage.sessionEvents.list(by(host), session.id, start, 100);
    expect(polled.map(toSessionEvent)).toEqual(live.slice(1));
    await reader.cut();
  });

  it('takes the text of a hidden question from those who may not see it, on subscription and poll', async () => {
    const { host, session } = show;
    const [asker, other] = [await stage.guest(session), await stage.guest(session)];
    const question = await stage.ask(asker, session, 'secret');
    const viewers = [host, asker, other];
    const readers = await Promise.all(viewers.map((viewer) => follow(viewer)));
    await waitFor(() => readers.every(({ cursor }) => cursor !== null), { what: 'the openings' });
    const start = readers[0]?.cursor ?? null;
    await stage.questions.hide(by(host), question.id);
    await waitFor(() => readers.every(({ offsets }) => offsets.length === 1), { what: 'the change' });
    const asked = jest.spyOn(stage.kernel.database, 'sql');
    const lasts = await Promise.all(viewers.map(async (viewer, n) => (await seen(viewer, readers[n] as StreamReader)).at(-1)));
    // Of users and of guests, however many look at once.
    expect(asked.mock.calls.filter(([text]) => text.includes('FROM attendees'))).toHaveLength(2);
    asked.mockRestore();
    const expected = [
      { body: 'secret', status: 'HIDDEN' },
      { body: 'secret' },
      { body: '', asker: null, status: 'HIDDEN', id: question.id },
    ];
    expect(lasts).toMatchObject(expected.map((shape) => ({ question: shape })));
    const polled = await Promise.all(viewers.map((viewer) => stage.sessionEvents.list(by(viewer), session.id, start, 10)));
    expect(polled.map(([item]) => item && toSessionEvent(item))).toMatchObject(expected.map((shape) => ({ question: shape })));
    for (const reader of readers) await reader.cut();
  });

  it('does not speak of a pending question to others', async () => {
    const { host, session } = show;
    const [asker, other] = [await stage.guest(session), await stage.guest(session)];
    await stage.sessions.update(by(host), session.id, { questionApproval: true });
    const [start] = await stage.sessionEvents.list(by(other), session.id, null, 1);
    const after = start?.item.kind === 'opened' ? start.item.position : null;
    const readers = await Promise.all([host, asker, other].map((viewer) => follow(viewer)));
    await waitFor(() => readers.every(({ cursor }) => cursor !== null), { what: 'the openings' });
    const rejected = await stage.ask(asker, session, 'rejected');
    await stage.questions.reject(by(host), rejected.id, 'Not here.');
    await stage.questions.withdraw(by(asker), (await stage.ask(asker, session, 'withdrawn')).id);
    await stage.questions.delete(by(host), (await stage.ask(asker, session, 'deleted')).id);
    const approved = await stage.ask(asker, session, 'approved');
    await stage.questions.approve(by(host), approved.id);
    await waitFor(() => readers.map(({ offsets }) => offsets.length).join() === '8,8,1', { what: 'what each is told' });

    const statuses = (items: (typeof SessionEvent)[]): unknown[] =>
      items.flatMap((item) => ('question' in item ? [item.question.status] : []));
    const all = ['PENDING', 'REJECTED', 'PENDING', 'WITHDRAWN', 'PENDING', 'DELETED', 'PENDING', 'OPEN'];
    for (const [n, viewer] of [host, asker, other].entries()) {
      const expected = viewer === other ? ['OPEN'] : all;
      const polled = (await stage.sessionEvents.list(by(viewer), session.id, after, 10)).map(toSessionEvent);
      expect(statuses(await seen(viewer, readers[n] as StreamReader))).toEqual(expected);
      expect(statuses(polled)).toEqual(expected);
      expect(JSON.stringify(polled)).not.toContain('"deleted"');
      await readers[n]?.cut();
    }
    const mine = await stage.sessionEvents.list(by(asker), session.id, after, 2);
    expect(mine.map(toSessionEvent)).toMatchObject([{}, { question: { body: 'rejected', rejectionReason: 'Not here.' } }]);
  });

  it("ends with the reader's presence, on every instance", async () => {
    const guest = await stage.guest(show.session);
    const readers = [await follow(guest), await follow(guest, there)];
    await stage.moderation.remove(by(show.host), guest.attendeeId);
    await Promise.all(readers.map(({ done }) => done));
    await stage.ask(show.host, show.session, 'unheard');
    const told = (await Promise.all(readers.map((reader) => seen(guest, reader)))).flatMap(names);
    expect(told).not.toContain('QuestionChanged');
  });

  it('requires presence', async () => {
    const guest = await stage.guest(show.session);
    await stage.attendees.leave(guest, show.session.id);
    const ask = (viewer: Viewer) => stage.sessionEvents.follow(by(viewer), show.session.id, null, open());
    await expect(ask(guest)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_ATTENDING'));
    await expect(ask(await stage.user())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ask(ANONYMOUS)).rejects.toMatchObject({ code: expect.stringMatching(/NOT_FOUND|UNAUTHENTICATED/) as string });
    await expect(stage.sessionEvents.list(by(guest), show.session.id, null, 1)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
