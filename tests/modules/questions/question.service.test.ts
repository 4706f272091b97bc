import type { GuestViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { questionChanged } from '../../../src/modules/questions';
import { parsePlace, QuestionOrder, WALKS } from '../../../src/modules/questions/question-order';
import { questionScore } from '../../../src/modules/questions/question-score';
import type { QuestionRecord } from '../../../src/modules/questions/question.repository';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { refused } from '../refused';
import type { Show, Stage } from '../stage';
import { setStage } from '../stage';
import { by } from '../by';

describe.each(testBackends())('questions on %s', (kind) => {
  let opened: TestDatabase;
  let stage: Stage;
  let show: Show;
  let guest: GuestViewer;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    stage = setStage(opened.database);
  });
  beforeEach(async () => {
    show = await stage.live();
    guest = await stage.guest(show.session, 'Bob');
  });
  afterAll(async () => {
    await stage.kernel.close();
    await opened.drop();
  });

  const changes = async (): Promise<QuestionRecord['status'][]> => {
    const events = await stage.history(show.session.id);
    return events.filter((event) => questionChanged.is(event)).map((event) => questionChanged.read(event).question.status);
  };
  const listed = async (viewer: Parameters<Stage['questions']['list']>[0], order: QuestionOrder = 'NEWEST'): Promise<string[]> => {
    const questions = await stage.questions.list(viewer, show.session.id, { order, beyond: null, limit: 100 });
    return questions.map(({ body }) => body);
  };

  describe('askQuestion', () => {
    it('opens the question for everyone and tells the session', async () => {
      const question = await stage.ask(guest, show.session, ' Why? ');
      expect(question).toMatchObject({
        body: ' Why? ',
        status: 'OPEN',
        senderId: guest.attendeeId,
        senderName: 'Bob',
        upvotes: 0,
        downvotes: 0,
        pinned: false,
      });
      expect(question.score).toBe(questionScore(0, 0, question.createdAt));
      const events = (await stage.history(show.session.id)).filter((event) => questionChanged.is(event));
      const { clientId: _, clientDigest: __, fingerprint: ___, ...snapshot } = question;
      expect(events.map((event) => questionChanged.read(event).question)).toEqual([snapshot]);
    });

    it('requires a present attendee and a live session', async () => {
      const { session } = show;
      await expect(stage.ask(await stage.user(), session)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stage.ask(guest, { ...session, id: 'nonsense' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stage.ask(ANONYMOUS, session)).rejects.toMatchObject({
        code: expect.stringMatching(/NOT_FOUND|UNAUTHENTICATED/) as string,
      });
      await stage.sessions.command(by(show.host), session.id, 'pause');
      await expect(stage.ask(guest, session)).resolves.toBeDefined();
      await stage.sessions.command(by(show.host), session.id, 'end');
      await expect(stage.ask(guest, session)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
      await stage.moderation.remove(by(show.host), guest.attendeeId);
      await expect(stage.ask(guest, session)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
      expect(await changes()).toEqual(['OPEN']);
    });

    it('is by name where the session says so', async () => {
      const draft = { sessionId: show.session.id, body: 'Who?', anonymous: true };
      await expect(stage.questions.ask(guest, draft)).resolves.toMatchObject({ anonymous: true });
      await stage.sessions.update(by(show.host), show.session.id, { anonymousQuestions: false });
      await expect(stage.questions.ask(guest, draft)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'ANONYMITY_NOT_ALLOWED'));
      await expect(stage.ask(guest, show.session)).resolves.toMatchObject({ anonymous: false });
    });

    it('is refused where the session has the question already, however dressed', async () => {
      const { session } = show;
      const other = await stage.guest(session);
      const twice = [await stage.ask(guest, session, 'When do we start?'), await stage.ask(other, session, 'When do we start?')];
      await stage.sessions.update(by(show.host), session.id, { refuseDuplicates: true });
      const duplicateOf = (questionId?: string): object => ({ ...refused('CONFLICT', 'DUPLICATE_QUESTION'), details: { questionId } });
      await expect(stage.ask(other, session, '  WHEN do we  st\u200Bart?!')).rejects.toMatchObject(duplicateOf(twice[0]?.id));
      const edited = await stage.ask(other, session, 'When do we start again?');
      await expect(stage.questions.edit(by(other), edited.id, 'When do we start')).rejects.toMatchObject(duplicateOf(twice[0]?.id));
      for (const { id } of twice) await stage.questions.hide(by(show.host), id);
      await expect(stage.ask(other, session, 'When do we start?')).resolves.toBeDefined();
      expect(await changes()).toHaveLength(6);
    });

    it('does not speak of a question that waits for approval, but to its own asker', async () => {
      const { session } = show;
      await stage.sessions.update(by(show.host), session.id, { refuseDuplicates: true, questionApproval: true });
      await stage.ask(guest, session, 'May I?');
      await expect(stage.ask(guest, session, 'May I?')).rejects.toMatchObject(refused('CONFLICT', 'DUPLICATE_QUESTION'));
      await expect(stage.ask(await stage.guest(session), session, 'May I?')).resolves.toMatchObject({ status: 'PENDING' });
    });

    it('leaves one of many that ask the same at once, and all their retries', async () => {
      const { session } = show;
      await stage.sessions.update(by(show.host), session.id, { refuseDuplicates: true });
      const draft = { sessionId: session.id, body: 'Now?', anonymous: false, clientId: 'mine' };
      const [mine] = await Promise.all([stage.questions.ask(guest, draft), stage.questions.ask(guest, draft)]);
      const askers = [];
      for (let n = 0; n < 5; n += 1) askers.push(await stage.guest(session));
      const outcomes = await Promise.allSettled(askers.map((asker) => stage.ask(asker, session, 'And now?')));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await stage.questions.ask(guest, draft)).toEqual(mine);
    });

    it('answers every retry of one client id with one question (R5)', async () => {
      const draft = { sessionId: show.session.id, body: 'once', anonymous: false, clientId: 'a' };
      const answers = await Promise.all(Array.from({ length: 20 }, () => stage.questions.ask(guest, draft)));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(await changes()).toHaveLength(1);
      for (const other of [
        { ...draft, body: 'twice' },
        { ...draft, anonymous: true },
      ]) {
        await expect(stage.questions.ask(guest, other)).rejects.toMatchObject(refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'));
      }
      await expect(stage.questions.ask(show.host, { ...draft, body: 'mine' })).resolves.toMatchObject({ body: 'mine' });
    });
  });

  describe('moderation', () => {
    it('hides a question from all but who asked and who moderates', async () => {
      const question = await stage.ask(guest, show.session);
      const other = await stage.guest(show.session);
      expect(await stage.questions.hide(by(show.host), question.id)).toMatchObject({ status: 'HIDDEN' });
      expect([await listed(by(guest)), await listed(by(show.host)), await listed(by(other))]).toEqual([['Why?'], ['Why?'], []]);
      expect(await stage.questions.findFor(by(other), question.id)).toBeNull();
      expect(await stage.questions.findFor(by(guest), question.id)).toMatchObject({ id: question.id });
      expect([
        await stage.questions.count(by(other), show.session.id, 'TOP'),
        await stage.questions.count(by(show.host), show.session.id, 'TOP'),
      ]).toEqual([0, 1]);
    });

    it('answers in writing or live, and again', async () => {
      const question = await stage.ask(guest, show.session);
      expect(await stage.questions.answer(by(show.host), question.id, null)).toMatchObject({ status: 'ANSWERED', answer: null });
      expect(await stage.questions.answer(by(show.host), question.id, 'Because.')).toMatchObject({
        status: 'ANSWERED',
        answer: 'Because.',
      });
      expect(await changes()).toEqual(['OPEN', 'ANSWERED', 'ANSWERED']);
    });

    it('records nothing when nothing changes', async () => {
      const question = await stage.ask(guest, show.session);
      for (let n = 0; n < 2; n += 1) {
        await stage.questions.hide(by(show.host), question.id);
        await stage.questions.unpin(by(show.host), question.id);
      }
      expect(await changes()).toEqual(['OPEN', 'HIDDEN']);
    });

    it('requires who moderates', async () => {
      const question = await stage.ask(guest, show.session);
      for (const command of ['hide', 'pin', 'unpin'] as const) {
        await expect(stage.questions[command](by(guest), question.id)).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
        await expect(stage.questions[command](by(await stage.user()), question.id)).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: 'Question not found.',
        });
        await expect(stage.questions[command](by(show.host), 'qst_00000000000000000000000000')).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: 'Question not found.',
        });
      }
      await expect(stage.questions.answer(by(guest), question.id, 'x')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(await changes()).toEqual(['OPEN']);
    });

    it("refuses what the question's state does not allow", async () => {
      const question = await stage.ask(guest, show.session);
      await stage.questions.hide(by(show.host), question.id);
      await expect(stage.questions.answer(by(show.host), question.id, 'x')).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'QUESTION_HIDDEN'),
      );
      await expect(stage.questions.edit(by(guest), question.id, 'x')).rejects.toMatchObject(
        refused('FAILED_PRECONDITION', 'QUESTION_HIDDEN'),
      );
    });

    it('leaves one outcome when commands race', async () => {
      const question = await stage.ask(guest, show.session);
      await Promise.allSettled([
        stage.questions.hide(by(show.host), question.id),
        stage.questions.answer(by(show.host), question.id, 'x'),
        stage.questions.withdraw(by(guest), question.id),
      ]);
      const told = await changes();
      expect(told.at(-1)).toBe((await stage.questions.findFor(by(show.host), question.id))?.status);
    });
  });

  it('lets who asked edit and withdraw, and who moderates edit', async () => {
    const question = await stage.ask(guest, show.session);
    const other = await stage.guest(show.session);
    expect(await stage.questions.edit(by(guest), question.id, 'How?')).toMatchObject({ body: 'How?' });
    await expect(stage.questions.edit(by(other), question.id, 'x')).rejects.toMatchObject(refused('FORBIDDEN', 'MODERATORS_ONLY'));
    expect(await stage.questions.edit(by(show.host), question.id, 'How then?')).toMatchObject({ body: 'How then?', status: 'OPEN' });
    await expect(stage.questions.withdraw(by(show.host), question.id)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_ASKER'));
    expect(await stage.questions.withdraw(by(guest), question.id)).toMatchObject({ status: 'WITHDRAWN' });
    expect(await changes()).toEqual(['OPEN', 'OPEN', 'OPEN', 'WITHDRAWN']);
    const search = { organizationId: null, action: 'question.edited', actorId: null, targetId: question.id };
    const entries = await stage.audit.list(opened.database, { ...search, from: null, to: null, olderThan: null, limit: 10 });
    expect(entries.map(({ actorId }) => actorId)).toEqual([show.host.userId]);
  });

  describe('Session.questions', () => {
    it('orders by priority, votes, age, and what is unanswered', async () => {
      const questions: QuestionRecord[] = [];
      for (const body of ['a', 'b', 'c', 'd', 'e']) questions.push(await stage.ask(guest, show.session, body));
      const [a, b, c, d] = questions.map(({ id }) => id) as [string, string, string, string];
      const voters = [show.host, await stage.guest(show.session), await stage.guest(show.session)];
      for (const voter of voters) await stage.votes.vote(voter, b, 1);
      await stage.votes.vote(voters[0] ?? guest, c, 1);
      await stage.votes.vote(voters[0] ?? guest, d, -1);
      await stage.questions.pin(by(show.host), a);
      await stage.questions.answer(by(show.host), b, null);
      expect(await listed(by(guest), 'NEWEST')).toEqual(['e', 'd', 'c', 'b', 'a']);
      expect(await listed(by(guest), 'TOP')).toEqual(['b', 'c', 'a', 'd', 'e']);
      expect(await listed(by(guest), 'PRIORITY')).toEqual(['a', 'b', 'c', 'e', 'd']);
      expect(await listed(by(guest), 'UNANSWERED')).toEqual(['a', 'c', 'e', 'd']);
      expect(await stage.questions.count(by(guest), show.session.id, 'UNANSWERED')).toBe(4);
    });

    it.each(Object.values(QuestionOrder))('in order %s visits each question once, page by page (P2)', async (order) => {
      const asked: string[] = [];
      for (let n = 0; n < 9; n += 1) asked.push((await stage.ask(guest, show.session, String(n))).id);
      // Equal keys on purpose: the ids alone must tell them apart.
      await stage.kernel.database.sql(
        'UPDATE questions SET upvotes = 3, score = 1.25, pinned = right(body, 1) < $2 WHERE session_id = $1',
        [show.session.id, '3'],
      );
      const seen: string[] = [];
      let beyond: ReturnType<typeof parsePlace> = null;
      for (;;) {
        const page = await stage.questions.list(by(guest), show.session.id, { order, beyond, limit: 2 });
        seen.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        if (last === undefined) break;
        beyond = parsePlace(order, WALKS[order].placeOf(last).map(String));
        expect(beyond).not.toBeNull();
      }
      expect([...seen].sort()).toEqual([...asked].sort());
    });

    it('requires presence', async () => {
      const page = { order: 'TOP', beyond: null, limit: 1 } as const;
      await expect(stage.questions.list(by(await stage.user()), show.session.id, page)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await stage.attendees.leave(guest, show.session.id);
      await expect(stage.questions.list(by(guest), show.session.id, page)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_ATTENDING'));
    });
  });
});
