import {
  ApproveQuestionDocument,
  AskQuestionDocument,
  DeleteQuestionDocument,
  DismissReportsDocument,
  MarkAnsweredLiveDocument,
  MergeQuestionsDocument,
  OnQuestionTalliesDocument,
  OnSessionEventsDocument,
  RejectQuestionDocument,
  ReportQuestionDocument,
  ResetVotesDocument,
  SessionModerationDocument,
  UpdateSessionSettingsDocument,
  VoteQuestionDocument,
} from '../support/generated/graphql';
import { setStage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

describe('questions under moderation', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('wait, are approved, reported, merged and deleted before everybody', async () => {
    const stage = await setStage(app.url);
    const { host, session } = stage;
    const sessionId = session.id;
    const [ann, bob] = [await stage.join('Ann'), await stage.join('Bob')];
    const atBob = bob.api.follow(OnSessionEventsDocument, { sessionId });
    const tallies = bob.api.follow(OnQuestionTalliesDocument, { sessionId });
    await waitFor(() => atBob.received.length === 1, { what: 'the opening' });
    const settings = await host.api.run(UpdateSessionSettingsDocument, { input: { sessionId, questionApproval: true } });
    expect(settings.updateSessionSettings.session.settings).toEqual({ questionApproval: true, anonymousQuestions: true });

    const ids: string[] = [];
    for (const body of ['When?', 'At what time?', 'Buy now!']) {
      ids.push((await ann.api.run(AskQuestionDocument, { input: { sessionId, body } })).askQuestion.question.id);
    }
    const [when = '', time = '', spam = ''] = ids;
    const first = await moderationOf(1);
    expect(first?.counts).toMatchObject({ pending: 3, open: 0 });
    expect(first?.pending).toMatchObject({ totalCount: 3, edges: [{ node: { id: when, status: 'PENDING' } }] });
    const second = await moderationOf(2, first?.pending.pageInfo.endCursor);
    expect(second?.pending.edges.map(({ node }) => node.id)).toEqual([time, spam]);
    expect((await bob.api.run(SessionModerationDocument, { id: sessionId })).session?.moderation).toBeNull();

    const rejected = await host.api.run(RejectQuestionDocument, { input: { questionId: spam, reason: 'No advertising.' } });
    expect(rejected.rejectQuestion.question).toMatchObject({ status: 'REJECTED', rejectionReason: 'No advertising.' });
    for (const questionId of [when, time]) await host.api.run(ApproveQuestionDocument, { input: { questionId } });
    await ann.api.run(VoteQuestionDocument, { input: { questionId: time, value: 'UP' } });
    await bob.api.run(VoteQuestionDocument, { input: { questionId: when, value: 'UP' } });
    await bob.api.run(ReportQuestionDocument, { input: { questionId: time, reason: 'OFF_TOPIC' } });
    const dashboard = await moderationOf();
    expect(dashboard?.reported).toEqual([{ question: { id: time }, reports: 1, reasons: [{ reason: 'OFF_TOPIC', count: 1 }] }]);
    expect(dashboard?.recentActions.map(({ action, actorName }) => `${actorName}: ${action}`)).toEqual([
      ...['Host: question.approved', 'Host: question.approved'],
      'Host: question.rejected',
    ]);
    await host.api.run(DismissReportsDocument, { input: { questionId: time } });

    const { mergeQuestions } = await host.api.run(MergeQuestionsDocument, { input: { intoId: when, fromId: time } });
    expect(mergeQuestions.question).toMatchObject({ id: when, upvotes: 2 });
    await waitFor(() => tallies.received.at(-1)?.questionTallies.upvotes === 2, { what: 'the united votes' });
    const { markAnsweredLive } = await host.api.run(MarkAnsweredLiveDocument, { input: { questionId: when } });
    expect(markAnsweredLive.question).toMatchObject({ status: 'ANSWERED', answer: null });
    await host.api.run(ResetVotesDocument, { input: { questionId: when } });
    await waitFor(() => tallies.received.at(-1)?.questionTallies.upvotes === 0, { what: 'the votes taken back' });
    await host.api.run(DeleteQuestionDocument, { input: { questionId: when } });

    await waitFor(() => told().at(-1)?.status === 'DELETED', { what: 'the deletion' });
    expect(told().map(({ id, status, body }) => [id, status, body])).toEqual([
      [when, 'OPEN', 'When?'],
      [time, 'OPEN', 'At what time?'],
      [time, 'MERGED', ''],
      // With the votes of the other, then answered, then without votes.
      [when, 'OPEN', 'When?'],
      [when, 'ANSWERED', 'When?'],
      [when, 'ANSWERED', 'When?'],
      [when, 'DELETED', ''],
    ]);
    expect((await moderationOf())?.counts).toEqual({ pending: 0, open: 0, answered: 0, hidden: 0, rejected: 1, reported: 0 });

    function told(): { id: string; status: string; body: string }[] {
      return atBob.received.flatMap(({ sessionEvents: event }) => (event.__typename === 'QuestionChanged' ? [event.question] : []));
    }
    async function moderationOf(size?: number, after?: string | null) {
      return (await host.api.run(SessionModerationDocument, { id: sessionId, first: size, after })).session?.moderation;
    }
  });
});
