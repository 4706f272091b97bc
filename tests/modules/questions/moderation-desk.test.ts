import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import { questionIn, reportsChanged } from '../../../src/modules/questions';
import type { StreamItem } from '../../../src/realtime/event';
import { asOwner, openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { Collected } from '../collected';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage } from '../stage';
import { setStage } from '../stage';
import { by } from '../by';

describe.each(testBackends())('the moderation desk on %s', (kind) => {
  let opened: TestDatabase;
  let stage: Stage;
  let show: Show;
  let ann: GuestViewer;
  let bob: GuestViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    stage = setStage(opened.database);
  });
  beforeEach(async () => {
    show = await stage.live();
    [ann, bob] = [await stage.guest(show.session, 'Ann'), await stage.guest(show.session, 'Bob')];
  });
  afterAll(async () => {
    await stage.kernel.close();
    await opened.drop();
  });

  const reported = async (): Promise<[string, number, object][]> => {
    const found = await stage.desk.listReported(show.session.id, 10);
    return found.map(({ question, reports, byReason }) => [question.body, reports, byReason]);
  };

  it('lists what was reported, once by each, most often first, until it is dismissed or hidden', async () => {
    const [one, two, three] = [
      await stage.ask(show.host, show.session, 'one'),
      await stage.ask(show.host, show.session, 'two'),
      await stage.ask(show.host, show.session, 'three'),
    ];
    await stage.desk.report(ann, one.id, 'SPAM');
    await stage.desk.report(ann, one.id, 'ABUSE');
    await stage.desk.report(ann, two.id, 'SPAM');
    await stage.desk.report(bob, two.id, 'ABUSE');
    await Promise.all(Array.from({ length: 5 }, () => stage.desk.report(bob, three.id, 'OTHER')));
    expect(await reported()).toEqual([
      ['two', 2, { SPAM: 1, ABUSE: 1 }],
      ['one', 1, { SPAM: 1 }],
      ['three', 1, { OTHER: 1 }],
    ]);
    await stage.desk.dismissReports(by(show.host), two.id);
    await stage.desk.report(bob, two.id, 'ABUSE');
    await stage.questions.hide(by(show.host), three.id);
    expect(await reported()).toEqual([['one', 1, { SPAM: 1 }]]);
    expect(await stage.desk.count(show.session.id)).toMatchObject({ OPEN: 2, HIDDEN: 1, PENDING: 0, reported: 1 });
  });

  it('tells who keeps order, and nobody else, of each report and of what becomes of it', async () => {
    const { id: sessionId } = show.session;
    const following = async (viewer: Viewer): Promise<Collected<StreamItem>> =>
      new Collected(await stage.sessionEvents.follow(by(viewer), sessionId, null, open()));
    const [host, guest] = [await following(show.host), await following(bob)];
    const { id } = await stage.ask(ann, show.session);
    await Promise.all([ann, bob].map((viewer) => stage.desk.report(viewer, id, 'SPAM')));
    await stage.desk.report(bob, id, 'ABUSE');
    await stage.questions.hide(by(show.host), id);
    await stage.questions.approve(by(show.host), id);
    for (let time = 0; time < 2; time += 1) await stage.desk.dismissReports(by(show.host), id);
    await stage.ask(ann, show.session, 'The last?');
    await waitFor(() => [host, guest].every(({ items }) => items.some(isOf('The last?'))));
    const told = (reader: Collected<StreamItem>): [number, object][] =>
      reader.items.flatMap((item) => {
        if (item.kind !== 'event' || !reportsChanged.is(item.event)) return [];
        const { reports, byReason } = reportsChanged.read(item.event).reported;
        return [[reports, byReason] as [number, object]];
      });
    expect(told(host)).toEqual([
      [1, { SPAM: 1 }],
      [2, { SPAM: 2 }],
      [2, { SPAM: 2 }],
      [0, {}],
    ]);
    expect(told(guest)).toEqual([]);
    await Promise.all([host, guest].map((reader) => reader.cut()));
  });

  it('takes reports from those who are there, on what everybody sees', async () => {
    const question = await stage.ask(ann, show.session);
    await expect(stage.desk.report(await stage.user(), question.id, 'SPAM')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stage.desk.dismissReports(by(bob), question.id)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
    await stage.questions.hide(by(show.host), question.id);
    await expect(stage.desk.report(bob, question.id, 'SPAM')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stage.desk.report(ann, question.id, 'SPAM')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'QUESTION_HIDDEN'));
    await stage.moderation.remove(by(show.host), bob.attendeeId);
    await expect(stage.desk.report(bob, question.id, 'SPAM')).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
  });

  it('is open to those who keep order while they are there', async () => {
    const { id } = show.session;
    const stranger = await stage.user();
    const open = await Promise.all([show.host, ann, stranger].map((viewer) => stage.desk.isOpenTo(by(viewer), id)));
    expect(open).toEqual([true, false, false]);
    await stage.moderation.setRole(by(show.host), ann.attendeeId, 'MODERATOR');
    expect(await stage.desk.isOpenTo(by(ann), id)).toBe(true);
    await stage.attendees.leave(ann, id);
    expect(await stage.desk.isOpenTo(by(ann), id)).toBe(false);
  });

  it('hands out what waits for approval, longest first', async () => {
    await stage.sessions.update(by(show.host), show.session.id, { questionApproval: true });
    for (const body of ['a', 'b', 'c']) await stage.ask(ann, show.session, body);
    const page = await stage.questions.list(by(show.host), show.session.id, { order: 'QUEUE', beyond: null, limit: 2 });
    expect(page.map(({ body }) => body)).toEqual(['a', 'b']);
    expect(await stage.questions.count(by(show.host), show.session.id, 'QUEUE')).toBe(3);
  });

  it('tells who did what, newest first, by the names they have', async () => {
    await stage.moderation.setRole(by(show.host), ann.attendeeId, 'MODERATOR');
    const question = await stage.ask(bob, show.session);
    await stage.questions.hide(by(ann), question.id);
    await stage.moderation.remove(by(show.host), bob.attendeeId);
    const other = await stage.live();
    await stage.questions.hide(by(other.host), (await stage.ask(other.host, other.session)).id);
    const acts = await stage.desk.listActs(show.session.id, 10);
    expect(acts.map(({ entry, actorName }) => [entry.action, actorName, entry.targetId])).toEqual([
      ['attendee.removed', 'Host', bob.attendeeId],
      ['question.hidden', 'Ann', question.id],
      ['attendee.role_changed', 'Host', ann.attendeeId],
    ]);
    expect(await stage.desk.listActs(show.session.id, 1)).toHaveLength(1);
  });

  it("finds a session's acts by their index among many", async () => {
    await opened.database.sql(
      `INSERT INTO audit_entries (id, at, action, organization_id, actor_kind, details)
       SELECT gen_random_uuid()::text, now() - n * interval '1 second', 'question.hidden', 'org_1', 'user', jsonb_build_object('sessionId', 'ses_' || n % 5)
       FROM generate_series(1, 20000) AS n`,
    );
    await asOwner(opened.database, 'ANALYZE audit_entries');
    const plan = await opened.database.sql<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT id FROM audit_entries WHERE details->>'sessionId' = $1 ORDER BY at DESC, id DESC LIMIT 25`,
      ['ses_3'],
    );
    const shown = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(shown).toContain('audit_entries_session_idx');
    expect(shown).not.toContain('Sort');
  });
});

function isOf(body: string): (item: StreamItem) => boolean {
  return (item) => item.kind === 'event' && questionIn(item.event)?.body === body;
}
