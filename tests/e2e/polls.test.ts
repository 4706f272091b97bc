import {
  ClosePollDocument,
  CreatePollDocument,
  DeletePollDocument,
  OnPollResultsDocument,
  OnSessionEventsDocument,
  OnSessionReactionsDocument,
  OpenPollDocument,
  PollSessionEventsDocument,
  ResetPollDocument,
  SendReactionDocument,
  SessionPollsDocument,
  UpdateContentPolicyDocument,
  VotePollDocument,
} from '../support/generated/graphql';
import type { OnSessionEventsSubscription } from '../support/generated/graphql';
import type { Follower } from '../support/api-client';
import { setStage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

describe('polls and reactions', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('are run, voted on and followed before everybody', async () => {
    const { host, session, join } = await setStage(app.url);
    const sessionId = session.id;
    const [ann, bob] = [await join('Ann'), await join('Bob')];
    const [atHost, atBob] = [host, bob].map(({ api }) => api.follow(OnSessionEventsDocument, { sessionId }));
    const [hostResults, bobResults] = [host, bob].map(({ api }) => api.follow(OnPollResultsDocument, { sessionId }));
    await waitFor(() => [atHost, atBob].every((reader) => reader?.received.length === 1), { what: 'the openings' });

    const input = { sessionId, title: 'Where?', options: ['Here', 'There'], anonymous: false, resultsVisibility: 'AFTER_VOTE' as const };
    const { poll } = (await host.api.run(CreatePollDocument, { input: { ...input, open: false } })).createPoll;
    const [here = '', there = ''] = poll.options.map(({ id }) => id);
    const listed = async ({ api }: typeof host | typeof ann) => {
      const { session: found } = await api.run(SessionPollsDocument, { id: sessionId, first: 5 });
      return found?.polls.edges.map(({ node }) => node);
    };
    expect([(await listed(host))?.length, (await listed(bob))?.length]).toEqual([1, 0]);
    await host.api.run(OpenPollDocument, { input: { pollId: poll.id } });
    const { votePoll } = await ann.api.run(VotePollDocument, { input: { pollId: poll.id, optionIds: [here] } });
    expect(votePoll.poll).toMatchObject({ viewerOptionIds: [here], results: { voters: 1 } });
    expect(await listed(bob)).toMatchObject([{ viewerOptionIds: [], results: null, ballots: null }]);
    await waitFor(() => hostResults?.received.at(-1)?.pollResults.voters === 1, { what: "Ann's vote" });
    expect(bobResults?.received).toEqual([]);

    await bob.api.run(VotePollDocument, { input: { pollId: poll.id, optionIds: [there] } });
    await waitFor(() => bobResults?.received.at(-1)?.pollResults.voters === 2, { what: 'both votes' });
    const both = { pollId: poll.id, voters: 2, options: [here, there].map((optionId) => ({ optionId, votes: 1 })) };
    expect(bobResults?.received.at(-1)?.pollResults).toEqual(both);
    expect((await listed(bob))?.[0]?.ballots?.edges.map(({ node }) => [node.voter.displayName, node.optionIds])).toEqual([
      ['Ann', [here]],
      ['Bob', [there]],
    ]);
    expect((await host.api.run(ClosePollDocument, { input: { pollId: poll.id } })).closePoll.poll).toMatchObject({
      status: 'CLOSED',
      results: both,
    });
    await host.api.run(ResetPollDocument, { input: { pollId: poll.id } });
    await waitFor(() => bobResults?.received.at(-1)?.pollResults.voters === 0, { what: 'the emptied poll' });
    await host.api.run(DeletePollDocument, { input: { pollId: poll.id } });

    await waitFor(() => [atHost, atBob].every((reader) => told(reader).at(-1) === 'DELETED DELETED '), { what: 'the deletion' });
    const public_ = ['OPENED OPEN Where?', 'CLOSED CLOSED Where?', 'RESET CLOSED Where?', 'DELETED DELETED '];
    expect([told(atHost), told(atBob)]).toEqual([['CREATED DRAFT Where?', ...public_], public_]);
    const [opening] = atBob?.received ?? [];
    const after = (opening?.sessionEvents as { cursor?: string } | undefined)?.cursor;
    const polled = (await bob.api.run(PollSessionEventsDocument, { sessionId, after, first: 100 })).sessionEvents;
    // What was written is gone from the past, too.
    expect(polled.flatMap((event) => (event.__typename === 'PollChanged' ? [`${event.change} ${event.poll.title}`] : []))).toEqual([
      ...['OPENED ', 'CLOSED ', 'RESET ', 'DELETED '],
    ]);
  });

  it('count reactions that the settings allow', async () => {
    const { session, join } = await setStage(app.url);
    const sessionId = session.id;
    const [ann, bob] = [await join('Ann'), await join('Bob')];
    const reactions = bob.api.follow(OnSessionReactionsDocument, { sessionId });
    await waitFor(() => reactions.received.length === 1, { what: 'the totals' });
    expect(reactions.received[0]?.sessionReactions.counts).toEqual([]);
    await Promise.all(Array.from({ length: 5 }, () => ann.api.run(SendReactionDocument, { input: { sessionId, emoji: '🎉' } })));
    await waitFor(() => reactions.received.at(-1)?.sessionReactions.counts[0]?.total === 5, { what: 'all five' });
    await expect(ann.api.run(SendReactionDocument, { input: { sessionId, emoji: 'x' } })).rejects.toThrow('must be one emoji');
  });

  it('keep to what the organization lets be written', async () => {
    const { host, session, join } = await setStage(app.url);
    const ann = await join('Ann');
    const { json } = await host.api.post({ query: '{ viewer { organizations { id } } }' });
    const { organizations } = (json.data as { viewer: { organizations: { id: string }[] } }).viewer;
    const organizationId = organizations[0]?.id ?? '';
    const input = { organizationId, refusedWords: ['viagra'], links: 'REFUSE' as const, allowedHosts: ['Example.org'] };
    const { updateContentPolicy } = await host.api.run(UpdateContentPolicyDocument, { input });
    expect(updateContentPolicy.contentPolicy).toEqual({
      ...{ refusedWords: ['viagra'], heldWords: [], links: 'REFUSE', allowedHosts: ['example.org'] },
    });
    const ask = async (body: string) => {
      const query = 'mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { question { status heldFor } } }';
      const { json: answer } = await ann.api.post({ query, variables: { input: { sessionId: session.id, body } } });
      const { errors, data } = answer as { errors?: { extensions?: { reason?: string } }[]; data?: unknown };
      return errors?.[0]?.extensions?.reason ?? data;
    };
    expect(await ask('Cheap V1AGRA?')).toBe('CONTENT_REFUSED');
    expect(await ask('See evil.com?')).toBe('CONTENT_REFUSED');
    expect(await ask('See docs.example.org?')).toEqual({ askQuestion: { question: { status: 'OPEN', heldFor: null } } });
  });
});

function told(reader: Follower<OnSessionEventsSubscription> | undefined): string[] {
  return (reader?.received ?? []).flatMap(({ sessionEvents: event }) =>
    event.__typename === 'PollChanged' ? [`${event.change} ${event.poll.status} ${event.poll.title}`] : [],
  );
}
