import type { GuestViewer } from '../../../src/lib/viewer';
import type { Database } from '../../../src/persistence/database';
import { questionIn, questionVoted } from '../../../src/modules/questions';
import type { QuestionRecord } from '../../../src/modules/questions/question.repository';
import { testBackends } from '../../support/databases';
import { refused } from '../refused';
import type { Show, Stage } from '../stage';
import { openTwoStages } from '../stage';
import { by } from '../by';

describe.each(testBackends())('moderation of questions on %s', (kind) => {
  let database: Database;
  let stage: Stage;
  let there: Stage;
  let close: () => Promise<void>;
  let show: Show;
  let guests: GuestViewer[];

  beforeAll(async () => {
    ({ database, stage, there, close } = await openTwoStages(kind));
  });
  beforeEach(async () => {
    show = await stage.live();
    guests = [];
    for (let n = 0; n < 6; n += 1) guests.push(await stage.guest(show.session));
  });
  afterAll(() => close());

  const guest = (n: number): GuestViewer => guests[n] as GuestViewer;
  const stored = async (id: string): Promise<QuestionRecord | null> => stage.questions.findFor(by(show.host), id);
  const listed = async (viewer: GuestViewer): Promise<string[]> => {
    const questions = await stage.questions.list(by(viewer), show.session.id, { order: 'NEWEST', beyond: null, limit: 100 });
    return questions.map(({ body }) => body);
  };
  const audited = async (targetId: string): Promise<[string, unknown][]> => {
    const search = { organizationId: null, action: null, actorId: show.host.userId, targetId, from: null, to: null, olderThan: null };
    const entries = await stage.audit.list(database, { ...search, limit: 100 });
    return entries.map(({ action, details }) => [action, details]);
  };
  /** Counts, rows and events of a question agree: answers what its votes come to. */
  const tallyOf = async (id: string): Promise<[number, number]> => {
    const rows = await database.sql<{ value: number }>('SELECT value FROM votes WHERE question_id = $1', [id]);
    const counted: [number, number] = [rows.filter(({ value }) => value === 1).length, rows.filter(({ value }) => value === -1).length];
    const question = await stored(id);
    expect([question?.upvotes, question?.downvotes]).toEqual(counted);
    const events = await stage.kernel.log.read(`votes:${show.session.id}`, 0, 100_000);
    const votes = events.map((event) => questionVoted.read(event)).filter(({ questionId }) => questionId === id);
    expect(votes.reduce((sum, { value, previous }) => sum + value - previous, 0)).toBe(counted[0] - counted[1]);
    return counted;
  };

  describe('approval', () => {
    beforeEach(() => stage.sessions.update(by(show.host), show.session.id, { questionApproval: true }));

    it('keeps a question from all but who asked and who moderates until it is approved', async () => {
      const question = await stage.ask(guest(0), show.session);
      expect(question).toMatchObject({ status: 'PENDING', publishedAt: null });
      expect([await listed(guest(0)), await listed(guest(1))]).toEqual([['Why?'], []]);
      await expect(stage.votes.vote(guest(1), question.id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stage.votes.vote(guest(0), question.id, 1)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'QUESTION_PENDING'));
      const approved = await stage.questions.approve(by(show.host), question.id);
      expect(approved).toMatchObject({ status: 'OPEN', publishedAt: expect.any(Date) as Date });
      expect(await stage.questions.approve(by(show.host), question.id)).toEqual(approved);
      await stage.votes.vote(guest(1), question.id, 1);
      expect(await listed(guest(1))).toEqual(['Why?']);
      expect(await audited(question.id)).toEqual([['question.approved', { sessionId: show.session.id }]]);
    });

    it('does not hold up those who moderate', async () => {
      expect(await stage.questions.ask(show.host, { sessionId: show.session.id, body: 'Mine?', anonymous: false })).toMatchObject({
        status: 'OPEN',
      });
    });

    it('tells who asked why it was rejected, and may be changed to a yes', async () => {
      const { id } = await stage.ask(guest(0), show.session);
      await stage.questions.reject(by(show.host), id, 'Off topic.');
      expect(await stage.questions.findFor(by(guest(0)), id)).toMatchObject({ status: 'REJECTED', rejectionReason: 'Off topic.' });
      expect(await stage.questions.findFor(by(guest(1)), id)).toBeNull();
      expect(await stage.questions.approve(by(show.host), id)).toMatchObject({ status: 'OPEN', rejectionReason: null });
      await expect(stage.questions.reject(by(show.host), id, 'No.')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'QUESTION_OPEN'));
    });

    it('is asked for again when who asked changes the text, not when a moderator does', async () => {
      const { id } = await stage.ask(guest(0), show.session);
      await stage.questions.approve(by(show.host), id);
      expect(await stage.questions.edit(by(show.host), id, 'Why so?')).toMatchObject({ status: 'OPEN' });
      expect(await stage.questions.edit(by(guest(0)), id, 'Buy this!')).toMatchObject({ status: 'PENDING' });
      expect(await listed(guest(1))).toEqual([]);
    });

    it('requires who moderates, and to others there is no such question', async () => {
      const { id } = await stage.ask(guest(0), show.session);
      for (const command of ['approve', 'delete'] as const) {
        await expect(stage.questions[command](by(guest(0)), id)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
        await expect(stage.questions[command](by(guest(1)), id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
      await expect(stage.questions.reject(by(guest(1)), id, 'No.')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  it('marks as answered live, and leaves an answer in writing beside it', async () => {
    const { id } = await stage.ask(guest(0), show.session);
    expect(await stage.questions.answerLive(by(show.host), id)).toMatchObject({ status: 'ANSWERED', answer: null });
    await stage.questions.answer(by(show.host), id, 'Because.');
    expect(await stage.questions.answerLive(by(show.host), id)).toMatchObject({ status: 'ANSWERED', answer: 'Because.' });
  });

  it('erases what was written, from the log too, when a question is deleted', async () => {
    const draft = { sessionId: show.session.id, body: 'a slur', anonymous: false, clientId: 'c' };
    const { id } = await stage.questions.ask(guest(0), draft);
    await stage.questions.edit(by(guest(0)), id, 'another slur');
    await stage.questions.answer(by(show.host), id, 'about the slur');
    const deleted = await stage.questions.delete(by(show.host), id);
    expect(deleted).toMatchObject({ status: 'DELETED', body: '', answer: null, clientDigest: null });
    expect(await stage.questions.delete(by(show.host), id)).toEqual(deleted);
    const told = await stage.history(show.session.id);
    expect(told.filter(({ type }) => type.startsWith('question.')).map(({ type }) => type)).toEqual([
      ...['question.changed', 'question.changed', 'question.changed'],
      'question.deleted',
    ]);
    expect(JSON.stringify(told)).not.toContain('slur');
    expect([await listed(guest(0)), await listed(guest(1))]).toEqual([[], []]);
    await expect(stage.questions.ask(guest(0), draft)).rejects.toMatchObject(refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'));
    expect((await audited(id)).map(([action]) => action)).toEqual(['question.deleted', 'question.answered']);
  });

  it('takes all votes back, exactly, while people vote', async () => {
    const { id } = await stage.ask(guest(0), show.session);
    for (const voter of guests) await stage.votes.vote(voter, id, 1);
    await Promise.all([
      stage.curation.resetVotes(by(show.host), id),
      ...guests.map((voter, n) => (n % 2 === 0 ? there : stage).votes.vote(voter, id, -1)),
    ]);
    await tallyOf(id);
    await stage.curation.resetVotes(by(show.host), id);
    expect(await stage.curation.resetVotes(by(show.host), id)).toMatchObject({ upvotes: 0, downvotes: 0 });
    expect(await tallyOf(id)).toEqual([0, 0]);
    await expect(stage.curation.resetVotes(by(guest(0)), id)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
  });

  it('tells of the question whose votes were taken back or united, so that everybody learns what became of their own', async () => {
    const [into, from] = [await stage.ask(guest(0), show.session), await stage.ask(guest(1), show.session)];
    await stage.votes.vote(guest(2), from.id, 1);
    await stage.curation.merge(by(show.host), into.id, from.id);
    await stage.curation.resetVotes(by(show.host), into.id);
    await stage.curation.resetVotes(by(show.host), into.id);
    const events = await stage.kernel.log.read(`session:${show.session.id}`, 0, 1_000);
    const told = events.flatMap((event) => questionIn(event) ?? []).slice(-3);
    expect(told.map(({ id, status, upvotes }) => [id, status, upvotes])).toEqual([
      [from.id, 'MERGED', 1],
      [into.id, 'OPEN', 1],
      [into.id, 'OPEN', 0],
    ]);
  });

  describe('mergeQuestions', () => {
    it('gives each voter one vote on the question that stays', async () => {
      const [into, from] = [await stage.ask(guest(0), show.session, 'When?'), await stage.ask(guest(1), show.session, 'At what time?')];
      await stage.votes.vote(guest(0), into.id, 1);
      await stage.votes.vote(guest(1), into.id, -1);
      for (const n of [1, 2, 3]) await stage.votes.vote(guest(n), from.id, 1);
      await stage.questions.pin(by(show.host), from.id);
      const merged = await stage.curation.merge(by(show.host), into.id, from.id);
      expect(merged).toMatchObject({ id: into.id, upvotes: 3, downvotes: 1 });
      expect(await stage.curation.merge(by(show.host), into.id, from.id)).toEqual(merged);
      expect([await tallyOf(into.id), await tallyOf(from.id)]).toEqual([
        [3, 1],
        [3, 0],
      ]);
      expect(await stored(from.id)).toMatchObject({ status: 'MERGED', mergedIntoId: into.id, pinned: false });
      expect(await listed(guest(4))).toEqual(['When?']);
      await expect(stage.votes.vote(guest(1), from.id, -1)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'QUESTION_MERGED'));
      expect((await audited(from.id))[0]).toEqual(['question.merged', { sessionId: show.session.id, into: into.id, votes: 2 }]);
    });

    it('loses and doubles no vote that is cast meanwhile, on whichever instance', async () => {
      const [into, from] = [await stage.ask(guest(0), show.session), await stage.ask(guest(1), show.session)];
      const votes = guests.flatMap((voter, n) => [
        (n % 2 === 0 ? stage : there).votes.vote(voter, from.id, 1),
        (n % 2 === 0 ? there : stage).votes.vote(voter, into.id, n % 3 === 0 ? -1 : 1),
      ]);
      const merging = there.curation.merge(by(show.host), into.id, from.id);
      const outcomes = await Promise.allSettled(votes);
      await merging;
      expect(outcomes.filter((outcome, n) => n % 2 === 1 && outcome.status === 'rejected')).toEqual([]);
      // Whoever voted has a vote on the question that stays, and it is the one they cast on it last.
      expect(await tallyOf(into.id)).toEqual([4, 2]);
      await tallyOf(from.id);
    });

    it('refuses a question of another session, itself, and what is not to be seen', async () => {
      const [one, two] = [await stage.ask(guest(0), show.session), await stage.ask(guest(1), show.session)];
      const other = await stage.live();
      const elsewhere = await stage.ask(other.host, other.session);
      await expect(stage.curation.merge(by(show.host), one.id, one.id)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await expect(stage.curation.merge(by(show.host), one.id, elsewhere.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stage.curation.merge(by(guest(0)), one.id, two.id)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
      await stage.questions.hide(by(show.host), two.id);
      await expect(stage.curation.merge(by(show.host), two.id, one.id)).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'QUESTION_HIDDEN'),
      );
      expect(await stored(one.id)).toMatchObject({ status: 'OPEN', mergedIntoId: null });
    });
  });
});
