import fc from 'fast-check';
import type { GuestViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { questionVoted } from '../../../src/modules/questions';
import type { QuestionVoted } from '../../../src/modules/questions';
import { questionScore } from '../../../src/modules/questions/question-score';
import { TELL_EVERY_MS } from '../../../src/realtime/state-boards';
import { testBackends } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { waitFor } from '../../support/wait-for';
import { open } from '../open';
import { Collected } from '../collected';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';
import { by } from '../by';

describe.each(testBackends())('votes on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guests: GuestViewer[];

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
    show = await stage.live({ capacity: 200 });
    guests = [];
    for (let n = 0; n < 100; n += 1) guests.push(await stage.guest(show.session));
  });
  afterAll(() => opened.close());

  const voted = async (questionId: string): Promise<QuestionVoted[]> => {
    const events = await stage.kernel.log.read(`votes:${show.session.id}`, 0, 100_000);
    return events.map((event) => questionVoted.read(event)).filter((vote) => vote.questionId === questionId);
  };
  const voter = (n: number): GuestViewer => guests[n % guests.length] as GuestViewer;

  it('toggled without end, are told ten times a second at most, and end as they are (D30)', async () => {
    const { id } = await stage.ask(voter(0), show.session);
    const reader = new Collected(await there.tallies.follow(by(show.host), show.session.id, open()));
    const startedAt = performance.now();
    await stage.votes.vote(voter(2), id, 1);
    for (let n = 1; n <= 101; n += 1) await stage.votes.vote(voter(1), id, n % 2 === 1 ? 1 : 0);
    // What is told in turn of another question, so that everything before has come.
    const last = await stage.ask(voter(0), show.session);
    await stage.votes.vote(voter(1), last.id, 1);
    await waitFor(() => reader.items.some(({ questionId }) => questionId === last.id), { what: 'the last tally' });
    const told = reader.items.filter(({ questionId }) => questionId === id);
    expect(told.at(-1)).toMatchObject({ upvotes: 2, downvotes: 0 });
    expect(told.length).toBeLessThanOrEqual(Math.ceil((performance.now() - startedAt) / TELL_EVERY_MS) + 1);
    expect(await voted(id)).toHaveLength(102);
    await reader.cut();
  });

  it('counts one vote per person, changed and taken back', async () => {
    const { id, createdAt } = await stage.ask(voter(0), show.session);
    expect(await stage.votes.vote(voter(1), id, 1)).toMatchObject({ upvotes: 1, downvotes: 0, score: questionScore(1, 0, createdAt) });
    expect(await stage.votes.vote(voter(1), id, 1)).toMatchObject({ upvotes: 1, downvotes: 0 });
    expect(await stage.votes.vote(voter(2), id, 1)).toMatchObject({ upvotes: 2, downvotes: 0 });
    expect(await stage.votes.vote(voter(1), id, -1)).toMatchObject({ upvotes: 1, downvotes: 1, score: questionScore(1, 1, createdAt) });
    expect(await stage.votes.vote(voter(1), id, 0)).toMatchObject({ upvotes: 1, downvotes: 0 });
    expect(await stage.votes.vote(voter(1), id, 0)).toMatchObject({ upvotes: 1, downvotes: 0 });
    expect((await voted(id)).map(({ previous, value, upvotes, downvotes }) => [previous, value, upvotes, downvotes])).toEqual([
      [0, 1, 1, 0],
      [0, 1, 2, 0],
      [1, -1, 1, 1],
      [-1, 0, 1, 0],
    ]);
    const question = { id, sessionId: show.session.id };
    await stage.votes.vote(show.host, id, -1);
    const asked = [voter(2), voter(1), show.host, ANONYMOUS, await stage.user()].map((viewer) => ({ viewer, question }));
    expect(await stage.votes.listOwn(asked)).toEqual([1, 0, -1, 0, 0]);
    expect(await stage.votes.listOwn(asked.reverse())).toEqual([0, 0, -1, 0, 1]);
  });

  it('requires a present attendee, a live session and an open question', async () => {
    const other = await stage.live();
    const { id } = await stage.ask(other.host, other.session);
    const guest = await stage.guest(other.session);
    await expect(stage.votes.vote(ANONYMOUS, id, 1)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(stage.votes.vote(await stage.user(), id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Question not found.' });
    await expect(stage.votes.vote(voter(0), id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stage.votes.vote(guest, 'qst_00000000000000000000000000', 1)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Question not found.',
    });
    await stage.questions.hide(by(other.host), id);
    await expect(stage.votes.vote(guest, id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stage.votes.vote(other.host, id, 1)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'QUESTION_HIDDEN'));
    const second = await stage.ask(other.host, other.session);
    await stage.sessions.command(by(other.host), other.session.id, 'end');
    await expect(stage.votes.vote(guest, second.id, 1)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
    await stage.moderation.remove(by(other.host), guest.attendeeId);
    await expect(stage.votes.vote(guest, second.id, 1)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
    expect(await stage.kernel.database.sql('SELECT 1 FROM votes WHERE question_id = ANY($1)', [[id, second.id]])).toEqual([]);
  });

  it('counts 1,000 concurrent votes from two instances, with repeats and changes of mind, exactly (R2)', async () => {
    const { id } = await stage.ask(voter(0), show.session);
    const latencies: number[] = [];
    await Promise.all(
      Array.from({ length: 1_000 }, async (_, n) => {
        const started = performance.now();
        await (n % 2 ? stage : there).votes.vote(voter(n), id, n < 700 ? (n % 3 === 0 ? -1 : 1) : 1);
        latencies.push(performance.now() - started);
      }),
    );
    const question = await stage.questions.findFor(by(voter(0)), id);
    const votes = await stage.kernel.database.sql<{ value: number }>('SELECT value::int AS value FROM votes WHERE question_id = $1', [id]);
    expect(votes).toHaveLength(100);
    expect(question).toMatchObject({
      upvotes: votes.filter(({ value }) => value === 1).length,
      downvotes: votes.filter(({ value }) => value === -1).length,
    });
    const last = (await voted(id)).at(-1);
    expect(last).toMatchObject({ upvotes: question?.upvotes, downvotes: question?.downvotes, score: question?.score });
    expect(latencies).toHaveLength(1_000);
  });

  it(
    'equals distinct voters, and the sum of its events, after any interleaving of votes and repeats (R1)',
    async () => {
      const toggles = fc.array(
        fc.record({
          who: fc.nat(4),
          question: fc.nat(1),
          value: fc.constantFrom<1 | 0 | -1>(1, 0, -1),
          retries: fc.nat(2),
          wait: fc.boolean(),
          here: fc.boolean(),
        }),
        { minLength: 1, maxLength: 25 },
      );
      await fc.assert(
        fc.asyncProperty(toggles, async (steps) => {
          const questions = [await stage.ask(voter(0), show.session), await stage.ask(voter(0), show.session)];
          const running: Promise<unknown>[] = [];
          for (const { who, question, value, retries, wait, here } of steps) {
            const { id } = questions[question] ?? { id: '' };
            for (let retry = 0; retry <= retries; retry += 1) running.push((here ? stage : there).votes.vote(voter(who), id, value));
            if (wait) await Promise.all(running);
          }
          await Promise.all(running);
          for (const { id } of questions) {
            const question = await stage.questions.findFor(by(voter(0)), id);
            const rows = await stage.kernel.database.sql<{ value: number }>(
              'SELECT value::int AS value FROM votes WHERE question_id = $1',
              [id],
            );
            const events = await voted(id);
            const ups = (value: number): number => (value === 1 ? 1 : 0);
            const downs = (value: number): number => (value === -1 ? 1 : 0);
            const sum = (count: (value: number) => number): number =>
              events.reduce((total, { value, previous }) => total + count(value) - count(previous), 0);
            expect([question?.upvotes, question?.downvotes]).toEqual([
              rows.filter(({ value }) => value === 1).length,
              rows.filter(({ value }) => value === -1).length,
            ]);
            expect([sum(ups), sum(downs)]).toEqual([question?.upvotes, question?.downvotes]);
            expect(events.every(({ value, previous, upvotes, downvotes }) => value !== previous && upvotes >= 0 && downvotes >= 0)).toBe(
              true,
            );
          }
        }),
        { numRuns: propertyRuns(25) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  describe('questionTallies', () => {
    it('begins with what was voted on lately, goes on live on every instance, and ends exact', async () => {
      const { id } = await stage.ask(voter(0), show.session);
      const quiet = await stage.ask(voter(0), show.session);
      await stage.votes.vote(voter(0), id, 1);
      const readers = [
        new Collected(await stage.tallies.follow(by(voter(1)), show.session.id, open())),
        new Collected(await there.tallies.follow(by(show.host), show.session.id, open())),
      ];
      await waitFor(() => readers.every(({ items }) => items.some((tally) => tally.questionId === id && tally.upvotes === 1)), {
        what: 'the first tallies',
      });
      await Promise.all(guests.map((viewer) => stage.votes.vote(viewer, id, 1)));
      const question = await stage.questions.findFor(by(voter(0)), id);
      const isLast = (tally: { questionId: string; upvotes: number } | undefined): boolean =>
        tally?.questionId === id && tally.upvotes === 100;
      await waitFor(() => readers.every(({ items }) => isLast(items.findLast(({ questionId }) => questionId === id))), {
        what: 'the last tally',
      });
      for (const reader of readers) {
        expect(reader.items.findLast(({ questionId }) => questionId === id)).toEqual({
          questionId: id,
          upvotes: 100,
          downvotes: 0,
          score: question?.score,
        });
        expect(reader.items.some(({ questionId }) => questionId === quiet.id)).toBe(false);
        expect(reader.items.filter(({ questionId }) => questionId === id).length).toBeLessThan(20);
        await reader.cut();
      }
    });

    it('requires presence, and ends with it', async () => {
      const { host, session } = await stage.live();
      const guest = await stage.guest(session);
      const reader = new Collected(await stage.tallies.follow(by(guest), session.id, open()));
      await stage.moderation.remove(by(host), guest.attendeeId);
      await reader.done;
      await expect(stage.tallies.follow(by(guest), session.id, open())).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(stage.tallies.follow(by(await stage.user()), session.id, open())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
});
