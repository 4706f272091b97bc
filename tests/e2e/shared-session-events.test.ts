import fc from 'fast-check';
import { parse } from 'graphql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { DeliveryGroup } from '../../src/realtime/delivery-group';
import type { ApiClient, Follower } from '../support/api-client';
import type { Guest, Stage } from '../support/factories/stage';
import { setStage } from '../support/factories/stage';
import {
  AnswerQuestionDocument,
  AskQuestionDocument,
  HideQuestionDocument,
  SetAttendeeRoleDocument,
  UpdateSessionDocument,
} from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

interface SessionEvents {
  readonly sessionEvents: { readonly __typename: string; readonly cursor: string; readonly question?: { readonly body: string } };
}

/** Everything of each event but what depends on the very viewer. */
const EVENT = `__typename ... on StreamEvent { cursor at } ... on StreamOpened { recovered }
  ... on SessionChanged { session { id title status attendeeCount capacity } }
  ... on AttendeeJoined { attendee { id displayName role status } } ... on AttendeeLeft { reason attendee { id status } }
  ... on AttendeeChanged { attendee { id role handRaised status } }
  ... on QuestionChanged { question { id body status answer pinned upvotes asker { id displayName } } }`;
const LIVE = parse(`subscription ($sessionId: ID!) { sessionEvents(sessionId: $sessionId) { ${EVENT} } }`) as TypedDocumentNode<
  SessionEvents,
  { sessionId: string }
>;
const POLLED = parse(
  `query ($sessionId: ID!, $after: StreamCursor) { sessionEvents(sessionId: $sessionId, after: $after, first: 100) { ${EVENT} } }`,
) as TypedDocumentNode<{ sessionEvents: SessionEvents['sessionEvents'][] }, { sessionId: string; after: string }>;
const WITHDRAW = parse('mutation ($input: QuestionInput!) { withdrawQuestion(input: $input) { question { id } } }');
const RAISE = parse(
  'mutation ($sessionId: ID!, $raised: Boolean!) { raiseHand(sessionId: $sessionId, raised: $raised) { attendee { id } } }',
);

const action = fc.record({
  who: fc.nat(3),
  what: fc.constantFrom('ask', 'ask', 'hide', 'withdraw', 'answer', 'raise', 'rename', 'come', 'promote', 'promote'),
  which: fc.nat(20),
  flag: fc.boolean(),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

describe('session events that are shared', () => {
  let app: TestApp;
  let stage: Stage;
  let guests: Guest[];
  let people: ApiClient[];
  const joined = jest.spyOn(DeliveryGroup.prototype, 'join');

  beforeAll(async () => {
    app = await startTestApp();
    stage = await setStage(app.url);
    guests = [await stage.join('Ann'), await stage.join('Ben'), await stage.join('Cid')];
    const [ann, ben, cid] = guests.map(({ api }) => api) as [ApiClient, ApiClient, ApiClient];
    people = [stage.host.api, ann.over('sse'), ben, cid.over('sse-single')];
  });
  afterAll(async () => {
    await Promise.all(people.map((api) => api.close()));
    await waitFor(() => app.app.fanOutStats().subscribers === 0, { what: 'every subscription ended' });
    await app.close();
    joined.mockRestore();
  });

  const openAll = async (): Promise<Follower<SessionEvents>[]> => {
    const followers = people.map((api) => api.follow(LIVE, { sessionId: stage.session.id }));
    await waitFor(() => followers.every(({ received }) => received.length > 0), { what: 'everyone attached' });
    return followers;
  };
  const polled = async (api: ApiClient, after: string): Promise<SessionEvents['sessionEvents'][]> =>
    (await api.run(POLLED, { sessionId: stage.session.id, after })).sessionEvents;

  it('tell each viewer what polling tells it, whatever is hidden from whom', async () => {
    const property = fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
      const followers = await openAll();
      const asked: { questionId: string; by: ApiClient }[] = [];
      const expected = followers.map(({ received }) => received.slice(0, 1).map(({ sessionEvents }) => sessionEvents));
      /** What polling tells each of them at this moment, by the role they have now. */
      const compare = async (): Promise<void> => {
        for (const [index, api] of people.entries()) {
          const { received, errors } = followers[index]!;
          const told = expected[index]!;
          const page = await polled(api, told.at(-1)!.cursor);
          // A poll that finds nothing for this viewer answers with the place alone.
          told.push(...page.filter(({ __typename }) => __typename !== 'StreamOpened'));
          await waitFor(() => received.length >= told.length, { what: 'all events' });
          expect(errors).toEqual([]);
          expect(received.map(({ sessionEvents }) => sessionEvents)).toEqual(told);
        }
      };
      for (const each of actions) {
        if (each.what === 'promote') await compare();
        await act(each, asked);
      }
      await compare();
      for (const follower of followers) follower.stop();
      await waitFor(() => app.app.fanOutStats().subscribers === 0, { what: 'everyone gone' });
    });
    joined.mockClear();
    await fc.assert(property, { numRuns: 25 });
    expect(joined.mock.calls.length).toBeGreaterThan(100);
  }, 120_000);

  it('are rendered for each alone when a question is not for everybody, and together again after it', async () => {
    for (const { attendee } of guests)
      await stage.host.api.run(SetAttendeeRoleDocument, { input: { attendeeId: attendee.id, role: 'ATTENDEE' } });
    const followers = await openAll();
    await waitFor(() => joined.mock.results.length >= people.length, { what: 'everyone in a group' });
    const [host, asker, other] = people as [ApiClient, ApiClient, ApiClient];
    const { askQuestion } = await asker.run(AskQuestionDocument, {
      input: { sessionId: stage.session.id, body: 'A secret?', anonymous: true },
    });
    joined.mockClear();
    await host.run(HideQuestionDocument, { input: { questionId: askQuestion.question.id } });
    await waitFor(() => followers.every(({ received }) => received.length === 3), { what: 'the hiding' });
    expect(followers.map(({ received }) => received[2]?.sessionEvents.question?.body)).toEqual(['A secret?', 'A secret?', '', '']);
    await waitFor(() => joined.mock.calls.length === people.length, { what: 'everyone in a group again' });
    expect(new Set(joined.mock.contexts).size).toBe(1);
    expect(await polled(other, followers[2]!.received[1]!.sessionEvents.cursor)).toEqual([followers[2]!.received[2]?.sessionEvents]);
    for (const follower of followers) follower.stop();
  });

  it('are as the role of the moment allows: who becomes a moderator reads what is hidden from then on, and no longer than that', async () => {
    const followers = await openAll();
    const [host, asker, ben] = people as [ApiClient, ApiClient, ApiClient];
    const { id } = guests[1]!.attendee;
    const hidden: unknown[] = [];
    for (const role of ['MODERATOR', 'ATTENDEE', 'PRESENTER'] as const) {
      await host.run(SetAttendeeRoleDocument, { input: { attendeeId: id, role } });
      const { askQuestion } = await asker.run(AskQuestionDocument, { input: { sessionId: stage.session.id, body: role } });
      await host.run(HideQuestionDocument, { input: { questionId: askQuestion.question.id } });
      const { received } = followers[people.indexOf(ben)]!;
      await waitFor(() => received.length === 1 + 3 * (hidden.length + 1), { what: 'the hiding' });
      hidden.push(received.at(-1)?.sessionEvents.question?.body);
    }
    expect(hidden).toEqual(['MODERATOR', '', 'PRESENTER']);
    for (const follower of followers) follower.stop();
  });

  async function act({ who, what, which, flag }: Action, asked: { questionId: string; by: ApiClient }[]): Promise<void> {
    const host = people[0]!;
    const person = people[who]!;
    const sessionId = stage.session.id;
    const target = asked[which % Math.max(1, asked.length)];
    const input = { questionId: target?.questionId ?? '' };
    if (what === 'raise') await person.run(RAISE, { sessionId, raised: flag });
    else if (what === 'rename') await host.run(UpdateSessionDocument, { input: { sessionId, title: `Title ${which}` } });
    else if (what === 'promote') {
      const { id } = guests[which % guests.length]!.attendee;
      await host.run(SetAttendeeRoleDocument, { input: { attendeeId: id, role: flag ? 'MODERATOR' : 'ATTENDEE' } });
    } else if (what === 'come') await (await stage.join(`Guest ${which}`)).api.close();
    else if (what === 'ask' || target === undefined) {
      const { askQuestion } = await person.run(AskQuestionDocument, { input: { sessionId, body: `Question ${which}?`, anonymous: flag } });
      asked.push({ questionId: askQuestion.question.id, by: person });
    } else if (what === 'hide') await host.ask(HideQuestionDocument, { input });
    else if (what === 'answer') await host.ask(AnswerQuestionDocument, { input: { ...input, answer: 'Yes.' } });
    else await target.by.ask(WITHDRAW, { input });
  }
});
