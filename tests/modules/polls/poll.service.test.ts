import type { GuestViewer } from '../../../src/lib/viewer';
import { pollNewsIn } from '../../../src/modules/polls';
import { testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';
import { options, poll } from './polls';

describe.each(testBackends())('polls on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let show: Show;
  let guest: GuestViewer;
  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage } = opened);
    show = await stage.live();
    guest = await stage.guest(show.session);
  });
  afterAll(() => opened.close());

  const news = async (sessionId: string, pollId: string): Promise<string[]> => {
    const found = (await stage.history(sessionId)).map((event) => pollNewsIn(event));
    return found.flatMap((told) => (told?.poll.id === pollId ? [`${told.change} ${told.poll.status} ${told.poll.title}`] : []));
  };

  it('are made, opened, voted on, closed, opened again, emptied; each step is told once', async () => {
    const draft = await poll(stage, show.host, show.session, { open: false });
    expect(draft).toMatchObject({ status: 'DRAFT', openedAt: null, counts: [0, 0, 0], voters: 0, creatorName: 'Host' });
    expect(await stage.polls.open(by(show.host), draft.id)).toMatchObject({ status: 'OPEN', openedAt: expect.any(Date) as Date });
    await stage.polls.open(by(show.host), draft.id);
    expect(await stage.pollVoting.vote(guest, draft.id, options(draft, 2))).toMatchObject({ counts: [0, 1, 0], voters: 1 });
    expect(await stage.polls.close(by(show.host), draft.id)).toMatchObject({ status: 'CLOSED', closedAt: expect.any(Date) as Date });
    await stage.polls.close(by(show.host), draft.id);
    await expect(stage.pollVoting.vote(guest, draft.id, options(draft, 1))).rejects.toMatchObject(
      refused('FAILED_PRECONDITION', 'POLL_CLOSED'),
    );
    expect(await stage.polls.open(by(show.host), draft.id)).toMatchObject({ status: 'OPEN', closedAt: null, counts: [0, 1, 0] });
    expect(await stage.polls.reset(by(show.host), draft.id)).toMatchObject({ status: 'OPEN', counts: [0, 0, 0], voters: 0 });
    await stage.polls.reset(by(show.host), draft.id);
    expect(await stage.pollResults.chosenBy(guest, draft)).toBe(0);
    expect(await news(show.session.id, draft.id)).toEqual([
      'CREATED DRAFT Which?',
      'OPENED OPEN Which?',
      'CLOSED CLOSED Which?',
      'OPENED OPEN Which?',
      'RESET OPEN Which?',
    ]);
    const acts = (await stage.desk.listActs(show.session.id, 10)).map(({ entry }) => entry.action);
    expect(acts).toEqual(['poll.reset', 'poll.opened', 'poll.closed', 'poll.opened', 'poll.created']);
  });

  it('are erased with their votes when they are deleted, from the log too', async () => {
    const gone = await poll(stage, show.host, show.session, { title: 'A secret?' });
    await stage.pollVoting.vote(guest, gone.id, options(gone, 1));
    expect(await stage.polls.delete(by(show.host), gone.id)).toMatchObject({ status: 'DELETED', title: '', options: [], counts: [] });
    expect(await news(show.session.id, gone.id)).toEqual(['CREATED DRAFT ', 'OPENED OPEN ', 'DELETED DELETED ']);
    expect(await stage.polls.findFor(by(show.host), gone.id)).toBeNull();
    await expect(stage.polls.open(by(show.host), gone.id)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'POLL_DELETED'));
    await expect(stage.pollVoting.vote(guest, gone.id, [])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are made once for one client id, whoever retries at once', async () => {
    const again = { clientId: 'one', title: 'Once?' };
    const made = await Promise.all([stage, opened.there, stage].map((instance) => poll(instance, show.host, show.session, again)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await news(show.session.id, made[0]?.id ?? '')).toEqual(['CREATED DRAFT Once?', 'OPENED OPEN Once?']);
    await expect(poll(stage, show.host, show.session, { ...again, title: 'Twice?' })).rejects.toMatchObject(
      refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'),
    );
  });

  it('are run by those who keep order, and by who looks after the session; drafts are theirs', async () => {
    const draft = await poll(stage, show.host, show.session, { open: false });
    const running = await poll(stage, show.host, show.session);
    const stranger = await stage.user();
    const admin = await stage.user('Admin');
    await stage.kernel.database
      .as('system')
      .sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, 'ADMIN')`, [
        show.session.organizationId,
        admin.userId,
      ]);
    await expect(poll(stage, guest, show.session)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
    await expect(poll(stage, stranger, show.session)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stage.polls.close(by(guest), running.id)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
    await expect(stage.polls.close(by(stranger), running.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stage.polls.open(by(guest), draft.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await poll(stage, admin, show.session)).toMatchObject({ creatorId: admin.userId, creatorName: 'Admin' });
    const shown = async (viewer: typeof guest | typeof admin): Promise<string[]> => {
      const listed = await stage.polls.list(by(viewer), { sessionId: show.session.id, beyond: null, limit: 10 });
      return listed.map(({ id }) => id);
    };
    expect(await shown(guest)).not.toContain(draft.id);
    expect(await shown(show.host)).toContain(draft.id);
    expect(await shown(admin)).toContain(draft.id);
    expect(await stage.polls.findFor(by(guest), draft.id)).toBeNull();
    expect(await stage.polls.findFor(by(guest), running.id)).toMatchObject({ id: running.id });
  });

  it('are prepared before the session begins, opened while it is live, closed when it is over', async () => {
    const host = await stage.user('Host');
    const session = await stage.conference(host);
    await expect(poll(stage, host, session)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
    const prepared = await poll(stage, host, session, { open: false });
    await expect(stage.polls.open(by(host), prepared.id)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
    await stage.sessions.command(by(host), session.id, 'start');
    const voter = await stage.guest(session);
    await stage.polls.open(by(host), prepared.id);
    await stage.pollVoting.vote(voter, prepared.id, options(prepared, 3));
    await stage.sessions.command(by(host), session.id, 'end');
    expect(await stage.polls.findFor(by(voter), prepared.id)).toMatchObject({ status: 'CLOSED', counts: [0, 0, 1] });
    expect((await news(session.id, prepared.id)).at(-1)).toBe('CLOSED CLOSED Which?');
    await expect(poll(stage, host, session, { open: false })).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_ENDED'));
  });

  it('are listed newest first, page by page', async () => {
    const { host, session } = await stage.live();
    const made = [];
    for (const title of ['1?', '2?', '3?']) made.push(await poll(stage, host, session, { title }));
    const first = await stage.polls.list(by(host), { sessionId: session.id, beyond: null, limit: 2 });
    expect(first.map(({ title }) => title)).toEqual(['3?', '2?']);
    const rest = await stage.polls.list(by(host), { sessionId: session.id, beyond: first[1] ?? null, limit: 2 });
    expect(rest.map(({ title }) => title)).toEqual(['1?']);
  });
});
