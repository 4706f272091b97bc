import { ApiClient, ApiFailure } from '../support/api-client';
import {
  AskQuestionDocument,
  JoinSessionDocument,
  OnChannelEventsDocument,
  OnQuestionTalliesDocument,
  OnSessionEventsDocument,
  OnSignalsDocument,
  QuestionsDocument,
  RemoveAttendeeDocument,
  SendMessageDocument,
  SendSignalDocument,
  SessionDocument,
  VoteQuestionDocument,
} from '../support/generated/graphql';
import type { VoteValue } from '../support/generated/graphql';
import { setStage } from '../support/factories/stage';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

const VOTERS = 100;
const VOTES = 1_000;

describe('what must stay exact', () => {
  let apps: [TestApp, TestApp];
  beforeAll(async () => {
    const first = await startTestApp();
    // PGlite serves one process, so there "both" instances are the same one.
    apps = [first, APP_BACKENDS === 'embedded' ? first : await first.another()];
  });
  afterAll(() => apps[0].close());

  it(`the tally of ${VOTES} votes from ${VOTERS} people at once, with repeats and changes of mind`, async () => {
    const stage = await setStage(apps[0].url, { capacity: VOTERS });
    const voters = await Promise.all(Array.from({ length: VOTERS }, (_, n) => stage.join(`Voter ${n}`, apps[n % 2]!.url)));
    const { askQuestion } = await stage.host.api.run(AskQuestionDocument, { input: { sessionId: stage.session.id, body: 'Which?' } });
    const questionId = askQuestion.question.id;
    const watcher = voters[1]!.api.follow(OnQuestionTalliesDocument, { sessionId: stage.session.id });

    const minds: VoteValue[] = ['UP', 'DOWN', 'NONE', 'UP', 'UP'];
    const last = new Map<number, VoteValue>();
    const lanes = voters.map(async ({ api }, voter) => {
      for (let n = 0; n < VOTES / VOTERS; n += 1) {
        const value = minds[(voter + n) % minds.length]!;
        await api.run(VoteQuestionDocument, { input: { questionId, value } });
        last.set(voter, value);
      }
    });
    await Promise.all(lanes);

    const expected = { upvotes: count(last, 'UP'), downvotes: count(last, 'DOWN') };
    const { session } = await stage.host.api.run(QuestionsDocument, { id: stage.session.id, first: 1 });
    expect(session?.questions.edges[0]?.node).toMatchObject(expected);
    await waitFor(
      () => {
        const tally = watcher.received.at(-1)?.questionTallies;
        return tally?.upvotes === expected.upvotes && tally.downvotes === expected.downvotes;
      },
      { what: 'the last tally' },
    );
    watcher.stop();
    await voters[1]!.api.close();
  }, 120_000);

  it('ten seats, for fifty guests who race for them on both instances', async () => {
    const stage = await setStage(apps[0].url, { capacity: 10 });
    const input = { code: stage.session.code, displayName: 'Racer' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => new ApiClient(apps[n % 2]!.url).ask(JoinSessionDocument, { input })),
    );
    const admitted = answers.filter((answer) => answer.errors.length === 0);
    const refusals = answers.flatMap((answer) => answer.errors.map(({ extensions }) => `${extensions.code} ${extensions.reason}`));
    expect(admitted).toHaveLength(10);
    expect(new Set(refusals)).toEqual(new Set(['FAILED_PRECONDITION SESSION_FULL']));
    const { session } = await stage.host.api.run(SessionDocument, { id: stage.session.id });
    expect(session).toMatchObject({ attendeeCount: 10 });
    expect(session?.attendees.edges.filter(({ node }) => node.role === 'ATTENDEE' && node.status === 'PRESENT')).toHaveLength(10);
  });

  it('a removal: nothing arrives later, and the old token opens no door', async () => {
    const stage = await setStage(apps[0].url);
    const sessionId = stage.session.id;
    const troll = await stage.join('Troll', apps[1].url);
    const witness = await stage.join('Witness', apps[0].url);
    const { askQuestion } = await stage.host.api.run(AskQuestionDocument, { input: { sessionId, body: 'Why?' } });
    const followers = [
      troll.api.follow(OnChannelEventsDocument, { channelId: stage.channelId }),
      troll.api.follow(OnSessionEventsDocument, { sessionId }),
      troll.api.follow(OnSignalsDocument, { sessionId }),
    ] as const;
    await waitFor(() => followers.every((follower) => follower.received.length > 0), { what: 'the openings' });
    const heard = witness.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    await waitFor(() => heard.received.length > 0, { what: 'the witness' });

    await stage.host.api.run(RemoveAttendeeDocument, { input: { attendeeId: troll.attendee.id } });
    await within(1_000, Promise.all(followers.map((follower) => follower.ended)));
    const before = followers.map((follower) => follower.received.length);
    await stage.host.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: 'He is gone' } });
    await waitFor(() => heard.received.length > 1, { what: 'the news' });
    expect(followers.map((follower) => follower.received.length)).toEqual(before);

    const { code } = stage.session;
    const { api } = troll;
    const doors: [string, () => Promise<unknown>][] = [
      ['rejoin', () => api.run(JoinSessionDocument, { input: { code, displayName: 'Troll' } })],
      ['vote', () => api.run(VoteQuestionDocument, { input: { questionId: askQuestion.question.id, value: 'UP' } })],
      ['ask', () => api.run(AskQuestionDocument, { input: { sessionId, body: 'Me?' } })],
      ['post', () => api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: 'Me!' } })],
      ['signal', () => api.run(SendSignalDocument, { input: { sessionId, to: witness.attendee.id, type: 'END', payload: {} } })],
    ];
    for (const [door, knock] of doors) expect([door, await reasonOf(knock)]).toEqual([door, 'FORBIDDEN ATTENDEE_REMOVED']);
    expect((await refusedSubscription(api, stage.channelId)).code).toBe('FORBIDDEN');
    await Promise.all([troll.api.close(), witness.api.close()]);
  });
});

function count(votes: Map<number, VoteValue>, value: VoteValue): number {
  return [...votes.values()].filter((vote) => vote === value).length;
}

async function reasonOf(knock: () => Promise<unknown>): Promise<string> {
  try {
    await knock();
    return 'it opened';
  } catch (error) {
    return error instanceof ApiFailure ? `${error.code} ${error.reason}` : String(error);
  }
}

async function refusedSubscription(api: ApiClient, channelId: string): Promise<{ code: string }> {
  const follower = api.follow(OnChannelEventsDocument, { channelId });
  await follower.ended;
  return { code: follower.errors[0]?.extensions.code ?? 'it opened' };
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
