import { registerAccount, setStage } from '../support/factories/stage';
import type { Account } from '../support/factories/stage';
import { VoteQuestionDocument } from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { ask, join, send } from './world';

/** Each of two people, over and over at the same time. */
const TIMES = process.env.PARLEY_TEST_LONG === '1' ? 10_000 : 300;
const OWN = `query ($session: ID!, $channel: ID!, $question: ID!) {
  viewer { email user { id } organizations { id } }
  session(id: $session) { viewerAttendee { id } questions { edges { node { viewerVote } } } }
  channel(id: $channel) { unreadCount }
  node(id: $question) { ... on Question { viewerVote } }
}`;

describe('two people who ask the same at the same time', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it(`each get their own, ${TIMES} times`, async () => {
    const stage = await setStage(app.url);
    const [ann, bob] = await Promise.all([registerAccount(app.url, 'Ann'), registerAccount(app.url, 'Bob')]);
    const ids = new Map([
      [ann, await join(ann, stage.session.code)],
      [bob, await join(bob, stage.session.code)],
    ]);
    const question = await ask(ann, stage.session.id);
    await ann.api.run(VoteQuestionDocument, { input: { questionId: question, value: 'UP' } });
    await bob.api.run(VoteQuestionDocument, { input: { questionId: question, value: 'DOWN' } });
    // One unread for Bob, none for Ann.
    await send(ann, stage.channelId);

    const variables = { session: stage.session.id, channel: stage.channelId, question };
    const first = new Map<Account, string>();
    for (const person of [ann, bob]) first.set(person, await own(person));
    const vote = (person: Account): unknown => (JSON.parse(first.get(person) ?? '{}') as { node?: unknown }).node;
    expect([vote(ann), vote(bob)]).toEqual([{ viewerVote: 'UP' }, { viewerVote: 'DOWN' }]);
    for (const person of [ann, bob]) {
      const others = [ann, bob].filter((other) => other !== person);
      expect(first.get(person)).toContain(person.email);
      expect(first.get(person)).toContain(ids.get(person));
      for (const other of others) expect(first.get(person)).not.toContain(other.email);
    }

    const strange: string[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      const answers = await Promise.all([ann, bob].map(async (person) => ({ person, answer: await own(person) })));
      for (const { person, answer } of answers) if (answer !== first.get(person)) strange.push(answer);
    }
    expect(strange).toEqual([]);

    async function own({ api }: Account): Promise<string> {
      return JSON.stringify((await api.post({ query: OWN, variables })).json.data);
    }
  }, 600_000);
});
