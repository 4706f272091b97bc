import type { GuestViewer, UserViewer } from '../../../src/lib/viewer';
import { questionIn, questionVoted } from '../../../src/modules/questions';
import { testBackends } from '../../support/databases';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { Collected } from '../collected';
import { open } from '../open';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';

const CONTENT_REFUSED = refused('BAD_USER_INPUT', 'CONTENT_REFUSED');

describe.each(testBackends())('a content policy on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let asker: GuestViewer;
  let other: GuestViewer;
  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
    show = await stage.live();
    [asker, other] = [await stage.guest(show.session, 'Ann'), await stage.guest(show.session, 'Bob')];
    await stage.contentPolicies.update(by(show.host), show.session.organizationId, {
      ...{ refusedWords: ['viagra'], heldWords: ['casino'], links: 'HOLD', allowedHosts: ['example.org'] },
    });
  });
  afterAll(() => opened.close());

  const ask = (viewer: UserViewer | GuestViewer, body: string, clientId?: string) =>
    stage.questions.ask(viewer, { sessionId: show.session.id, body, anonymous: false, clientId });
  const newest = async (viewer: UserViewer | GuestViewer, order: 'NEWEST' | 'UNANSWERED' = 'NEWEST') =>
    stage.questions.list(by(viewer), show.session.id, { order, beyond: null, limit: 50 });
  const statusFor = async (viewer: UserViewer | GuestViewer, id: string): Promise<string | undefined> =>
    (await newest(viewer)).find((question) => question.id === id)?.status;

  it('is read and set by who runs the organization, which is audited without the words', async () => {
    const { organizationId } = show.session;
    expect(await stage.contentPolicies.get(show.host, organizationId)).toMatchObject({ refusedWords: ['viagra'], links: 'HOLD' });
    const [member, stranger] = [await stage.user(), await stage.user()];
    const system = stage.kernel.database.as('system');
    await system.sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, 'MEMBER')`, [organizationId, member.userId]);
    await expect(stage.contentPolicies.get(member, organizationId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(stage.contentPolicies.update(by(stranger), organizationId, { links: 'ALLOW' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const rows = (viewer: UserViewer) => stage.kernel.database.as([viewer.userId]).sql('SELECT 1 AS one FROM content_policies');
    expect([(await rows(show.host)).length, (await rows(member)).length, (await rows(stranger)).length]).toEqual([1, 0, 0]);
    const [entry] = await system.sql<{ details: unknown }>(`SELECT details FROM audit_entries WHERE action = 'content_policy.updated'`);
    expect(entry?.details).toEqual({ fields: ['refusedWords', 'heldWords', 'links', 'allowedHosts'] });
  });

  it('refuses questions and messages, new and edited, whoever writes; a retry finds what was taken before', async () => {
    await expect(ask(asker, 'Cheap v1agra?')).rejects.toMatchObject(CONTENT_REFUSED);
    await expect(ask(show.host, 'Cheap viagra?')).rejects.toMatchObject(CONTENT_REFUSED);
    const question = await ask(asker, 'What is it?');
    await expect(stage.questions.edit(by(asker), question.id, 'V I A G R A')).rejects.toMatchObject(CONTENT_REFUSED);
    const send = (body: string, clientId?: string) => stage.messages.send(asker, { channelId: show.channel.id, body, clientId });
    await expect(send('v.i.a.g.r.a')).rejects.toMatchObject(CONTENT_REFUSED);
    const message = await send('Hello');
    await expect(stage.messages.edit(asker, message.id, 'vіаgrа')).rejects.toMatchObject(CONTENT_REFUSED);
    expect(await send('casino at evil.com')).toMatchObject({ body: 'casino at evil.com' });

    const [asked, sent] = [await ask(asker, 'Once: lottery?', 'again'), await send('Once: lottery', 'again')];
    await stage.contentPolicies.update(by(show.host), show.session.organizationId, { refusedWords: ['viagra', 'lottery'] });
    expect(await ask(asker, 'Once: lottery?', 'again')).toMatchObject({ id: asked.id });
    expect(await send('Once: lottery', 'again')).toMatchObject({ id: sent.id });
    await expect(ask(asker, 'lottery')).rejects.toMatchObject(CONTENT_REFUSED);
  });

  it('holds a question: open to who asked it, for nobody else but who keeps order, until it is approved', async () => {
    const admin = await stage.user('Admin');
    await stage.kernel.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [admin.userId]);
    const follow = async (instance: Stage, viewer: UserViewer | GuestViewer) =>
      new Collected(await instance.sessionEvents.follow(by(viewer), show.session.id, null, open()));
    const [atAsker, atOther, atHost, atAdmin] = [
      await follow(stage, asker),
      await follow(there, other),
      await follow(there, show.host),
      await follow(there, admin),
    ];
    const told = async (
      collected: Collected<Awaited<ReturnType<typeof stage.sessionEvents.see>>['item']>,
      viewer: UserViewer | GuestViewer,
    ) => {
      const statuses: string[] = [];
      for (const item of collected.items) {
        const question = item.kind === 'event' ? questionIn(item.event) : null;
        if (question?.id === id)
          statuses.push((await stage.sessionEvents.see(viewer, show.session.id, item)).standpoint === null ? 'OPEN' : question.status);
      }
      return statuses;
    };
    const { id, status, heldFor } = await ask(asker, 'Try the c@s1no?');
    expect([status, heldFor]).toEqual(['OPEN', null]);
    expect([await statusFor(asker, id), await statusFor(other, id), await statusFor(show.host, id)]).toEqual([
      'OPEN',
      undefined,
      'PENDING',
    ]);
    expect((await newest(asker, 'UNANSWERED')).some((question) => question.id === id)).toBe(true);
    expect(await stage.questions.findFor(by(asker), id)).toMatchObject({ status: 'OPEN', heldFor: null });
    expect(await stage.questions.findFor(by(show.host), id)).toMatchObject({ status: 'PENDING', heldFor: 'WORDS' });
    expect(await stage.questions.findFor(by(other), id)).toBeNull();
    expect(await stage.desk.count(show.session.id)).toMatchObject({ PENDING: 1, held: 1 });

    // Their vote counts, and is told to nobody else.
    const tallies = async (viewer: GuestViewer) => new Collected(await stage.tallies.follow(by(viewer), show.session.id, open()));
    const [own, others] = [await tallies(asker), await tallies(other)];
    expect(await stage.votes.vote(asker, id, 1)).toMatchObject({ status: 'OPEN', upvotes: 1 });
    await expect(stage.votes.vote(other, id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await waitFor(() => own.items.some(({ questionId }) => questionId === id), { what: 'the own vote' });
    expect(others.items.some(({ questionId }) => questionId === id)).toBe(false);
    await Promise.all([own.cut(), others.cut()]);
    const votes = await stage.kernel.log.read(`votes:${show.session.id}`, 0, 1_000);
    expect(questionVoted.read(votes.at(-1)!)).toMatchObject({ questionId: id, upvotes: 1 });

    expect(await stage.questions.edit(by(asker), id, 'What about a walk?')).toMatchObject({ status: 'OPEN' });
    expect(await statusFor(show.host, id)).toBe('PENDING');
    expect(await stage.questions.approve(by(show.host), id)).toMatchObject({ status: 'OPEN', heldFor: null, upvotes: 1 });
    await waitFor(() => atOther.items.some((item) => item.kind === 'event' && questionIn(item.event)?.id === id), { what: 'the approval' });
    expect(await statusFor(other, id)).toBe('OPEN');
    expect(await told(atOther, other)).toEqual(['OPEN']);
    for (const [collected, viewer] of [
      [atAsker, asker],
      [atHost, show.host],
      [atAdmin, admin],
    ] as const) {
      await waitFor(async () => (await told(collected, viewer)).length === 3, { what: 'all three' });
    }
    await Promise.all([atAsker, atOther, atHost, atAdmin].map((collected) => collected.cut()));
  });

  it('holds what links elsewhere, and nothing of those who keep order', async () => {
    expect(await ask(asker, 'See evil.com')).toMatchObject({ status: 'OPEN' });
    const [question] = await newest(show.host);
    expect(question).toMatchObject({ body: 'See evil.com', status: 'PENDING', heldFor: 'LINKS' });
    const { id } = await ask(asker, 'See docs.example.org');
    expect(await statusFor(other, id)).toBe('OPEN');
    expect(await ask(show.host, 'See evil.com')).toMatchObject({ status: 'OPEN', heldFor: null });
  });

  it('hides nothing where all questions wait', async () => {
    await stage.sessions.update(by(show.host), show.session.id, { questionApproval: true });
    const { id, status } = await ask(asker, 'casino again?');
    expect([status, await statusFor(asker, id)]).toEqual(['PENDING', 'PENDING']);
    expect(await stage.questions.findFor(by(show.host), id)).toMatchObject({ status: 'PENDING', heldFor: 'WORDS' });
    await stage.sessions.update(by(show.host), show.session.id, { questionApproval: false });
  });
});
