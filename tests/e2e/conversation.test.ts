import {
  AddReactionDocument,
  DeleteMessageDocument,
  EditMessageDocument,
  MessageInContextDocument,
  OnChannelEventsDocument,
  PinMessageDocument,
  PinnedMessagesDocument,
  PollChannelEventsDocument,
  RemoveReactionDocument,
  SearchMessagesDocument,
  SendMessageDocument,
  UnpinMessageDocument,
} from '../support/generated/graphql';
import type { MessageInContextQuery } from '../support/generated/graphql';
import type { ApiClient } from '../support/api-client';
import { setStage } from '../support/factories/stage';
import type { Guest, Stage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

type InContext = Extract<MessageInContextQuery['node'], { replyCount: number }>;

describe('a conversation', () => {
  let app: TestApp;
  let stage: Stage;
  let ann: Guest;
  let bob: Guest;

  beforeAll(async () => {
    app = await startTestApp();
  });
  beforeEach(async () => {
    stage = await setStage(app.url);
    [ann, bob] = [await stage.join('Ann'), await stage.join('Bob')];
  });
  afterAll(() => app.close());

  const send = async ({ api }: { api: ApiClient }, body: string, replyToId?: string): Promise<string> =>
    (await api.run(SendMessageDocument, { input: { channelId: stage.channelId, body, replyToId } })).sendMessage.message.id;
  const look = async ({ api }: { api: ApiClient }, id: string, page: { first?: number; after?: string | null } = {}) =>
    (await api.run(MessageInContextDocument, { id, ...page })).node as InContext;

  it('goes from a message to its replies, page by page, and back', async () => {
    const parent = await send(ann, 'Who is there?');
    const replies = [await send(bob, 'Me.', parent), await send(stage.host, 'Me too.', parent), await send(bob, 'Still me.', parent)];
    const first = await look(ann, parent, { first: 2 });
    const rest = await look(ann, parent, { first: 2, after: first.replies.pageInfo.endCursor });
    expect([...first.replies.edges, ...rest.replies.edges].map(({ node }) => node.id)).toEqual(replies);
    expect([first.replyCount, first.replyTo, first.replies.pageInfo.hasNextPage, rest.replies.pageInfo.hasNextPage]).toEqual([
      3,
      null,
      true,
      false,
    ]);
    await ann.api.run(DeleteMessageDocument, { input: { messageId: parent } });
    expect(await look(bob, replies[0] ?? '')).toMatchObject({ replyTo: { id: parent, body: '' }, replyCount: 0 });
  });

  it('tells reactions to everybody with their counts, and each their own', async () => {
    const messageId = await send(ann, 'Look!');
    const chat = bob.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    await waitFor(() => chat.received.length === 1, { what: 'the opening' });
    const input = { messageId, emoji: '👍🏽' };
    const { addReaction } = await ann.api.run(AddReactionDocument, { input });
    expect(addReaction.message.reactions).toEqual([{ emoji: '👍🏽', count: 1, viewerReacted: true }]);
    await stage.host.api.run(AddReactionDocument, { input });
    expect((await look(bob, messageId)).reactions).toEqual([{ emoji: '👍🏽', count: 2, viewerReacted: false }]);
    for (const { api } of [ann, stage.host]) await api.run(RemoveReactionDocument, { input });
    await waitFor(() => chat.received.length === 5, { what: 'all changes' });
    const changes = [1, 2, 1].map((count) => [{ emoji: '👍🏽', count }]).concat([[]]);
    expect(chat.received.slice(1).map(({ channelEvents }) => channelEvents)).toMatchObject(
      changes.map((reactions) => ({ messageId, reactions })),
    );
    const polled = await bob.api.run(PollChannelEventsDocument, {
      channelId: stage.channelId,
      after: chat.received[0]?.channelEvents.cursor,
    });
    expect(polled.channelEvents).toEqual(chat.received.slice(1).map(({ channelEvents }) => channelEvents));
    chat.stop();
  });

  it('keeps what a moderator pins in sight, and what was said before an edit', async () => {
    const [one, two] = [await send(ann, 'one'), await send(bob, 'two')];
    const chat = bob.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    await waitFor(() => chat.received.length === 1, { what: 'the opening' });
    for (const messageId of [one, two]) await stage.host.api.run(PinMessageDocument, { input: { messageId } });
    expect(await ann.api.refused(UnpinMessageDocument, { input: { messageId: one } })).toEqual({
      code: 'FORBIDDEN',
      reason: 'NOT_CHANNEL_MODERATOR',
    });
    const first = await bob.api.run(PinnedMessagesDocument, { channelId: stage.channelId, first: 1 });
    const { edges = [], pageInfo } = first.channel?.pinnedMessages ?? {};
    const rest = await bob.api.run(PinnedMessagesDocument, { channelId: stage.channelId, first: 1, after: pageInfo?.endCursor });
    expect([...edges, ...(rest.channel?.pinnedMessages.edges ?? [])].map(({ node }) => node.id)).toEqual([two, one]);
    await stage.host.api.run(UnpinMessageDocument, { input: { messageId: two } });
    await ann.api.run(EditMessageDocument, { input: { messageId: one, body: 'One.' } });
    expect((await look(bob, one)).edits.edges).toMatchObject([{ node: { body: 'one' } }]);
    await waitFor(() => chat.received.length === 5, { what: 'all changes' });
    const pinnedAt = edges[0]?.node.pinnedAt;
    expect(chat.received.slice(1).map(({ channelEvents }) => channelEvents)).toMatchObject([
      { messageId: one, pinnedAt: expect.any(String) as string },
      { messageId: two, pinnedAt },
      { messageId: two, pinnedAt: null },
      { message: { id: one, body: 'One.', pinnedAt: expect.any(String) as string } },
    ]);
    chat.stop();
  });

  it('is searched page by page, by words and sender', async () => {
    for (const body of ['tea', 'tea and tea', 'coffee', 'tea, tea, tea']) await send(ann, body);
    await send(bob, 'tea');
    const search = async (variables: object) => {
      const { channel } = await bob.api.run(SearchMessagesDocument, { channelId: stage.channelId, query: 'tea', first: 3, ...variables });
      return { bodies: channel?.search.edges.map(({ node }) => node.body), ...channel?.search.pageInfo };
    };
    const first = await search({});
    expect(first).toMatchObject({ bodies: ['tea, tea, tea', 'tea and tea', 'tea'], hasNextPage: true });
    expect(await search({ after: first.endCursor })).toMatchObject({ bodies: ['tea'], hasNextPage: false });
    expect(await search({ senderId: bob.attendee.id })).toMatchObject({ bodies: ['tea'] });
    expect(await search({ until: '2020-01-01T00:00:00Z' })).toMatchObject({ bodies: [] });
  });

  it('refuses searches that are no question, and pages of another list', async () => {
    const searches = [
      { query: '' },
      { query: 'x'.repeat(201) },
      { query: 'tea', first: 0 },
      { query: 'tea', after: 'nonsense' },
      { query: 'tea', after: Buffer.from('search|1|NaN|1').toString('base64url') },
    ];
    for (const variables of searches) {
      const refusal = await ann.api.refused(SearchMessagesDocument, { channelId: stage.channelId, ...variables });
      expect([variables, refusal.code]).toEqual([variables, 'BAD_USER_INPUT']);
    }
  });

  it('takes nothing but an emoji for an emoji', async () => {
    const messageId = await send(ann, 'Look!');
    for (const emoji of ['', 'x', '👍👍', '👍x', '1', ' 👍', '\u0000', '<b>']) {
      const refusal = await ann.api.refused(AddReactionDocument, { input: { messageId, emoji } });
      expect([emoji, refusal.code]).toEqual([emoji, 'BAD_USER_INPUT']);
    }
  });
});
