import { registerAccount } from '../support/factories/stage';
import type { Account } from '../support/factories/stage';
import {
  AcknowledgeDocument,
  ArchiveChannelDocument,
  BroadcastMessageDocument,
  ChannelActivityDocument,
  ChannelInvitationsDocument,
  ChannelMembersDocument,
  ChannelReadersDocument,
  ChannelsDocument,
  CreateChannelDocument,
  EditMessageDocument,
  InviteToChannelDocument,
  JoinChannelDocument,
  OnChannelChangesDocument,
  OnReceiptsDocument,
  PollChannelEventsDocument,
  SendMessageDocument,
  UnarchiveChannelDocument,
  UpdateChannelSettingsDocument,
  ViewerDocument,
} from '../support/generated/graphql';
import type { ChannelType } from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

describe('channels of a supplier with customers', () => {
  let app: TestApp;
  let supplier: Account;
  let customer: Account;

  beforeAll(async () => {
    app = await startTestApp();
  });
  beforeEach(async () => {
    [supplier, customer] = [await registerAccount(app.url, 'Supplier'), await registerAccount(app.url, 'Customer')];
  });
  afterAll(() => app.close());

  const make = async (name: string, type: ChannelType = 'SHARED'): Promise<string> => {
    const input = { name, type, memberIds: [customer.user.id] };
    return (await supplier.api.run(CreateChannelDocument, { input })).createChannel.channel.id;
  };

  it('tell who writes in them how far the others have read, live and afterwards', async () => {
    const channelId = await make('orders:customer:1');
    const followed = supplier.api.follow(OnReceiptsDocument, { channelId });
    const mentionIds = [customer.user.id];
    const { sendMessage } = await supplier.api.run(SendMessageDocument, { input: { channelId, body: 'Yours, @Customer.', mentionIds } });
    // Until the subscription is open nobody is told: something more is written, and read.
    const tell = async (): Promise<boolean> => {
      await supplier.api.run(SendMessageDocument, { input: { channelId, body: 'More.' } });
      const { channelEvents } = await customer.api.run(PollChannelEventsDocument, { channelId });
      const input = { channelId, cursor: channelEvents[0]?.cursor ?? '' };
      await customer.api.run(AcknowledgeDocument, { input: { ...input, state: 'DELIVERED' } });
      expect((await customer.api.run(AcknowledgeDocument, { input })).acknowledge).toEqual({ cursor: input.cursor, unreadCount: 0 });
      return followed.received.length > 0;
    };
    await waitFor(tell, { what: 'a receipt' });
    expect(followed.received[0]?.receipts).toMatchObject({ channelId, readers: [{ reader: { displayName: 'Customer' } }] });
    followed.stop();
    const ask = { id: channelId, mentioning: customer.user.id };
    const { channel } = await supplier.api.run(ChannelReadersDocument, ask);
    expect(channel?.readers?.edges).toHaveLength(1);
    expect(channel?.messages.edges).toMatchObject([
      {
        node: {
          id: sendMessage.message.id,
          mentions: [{ id: customer.user.id, displayName: 'Customer' }],
          receipts: { deliveredCount: 1, readCount: 1, edges: [{ node: { read: true, recipient: { displayName: 'Customer' } } }] },
        },
      },
    ]);
    expect((await customer.api.run(ChannelReadersDocument, ask)).channel?.messages.edges[0]?.node.receipts).toBeNull();
    await supplier.api.run(EditMessageDocument, { input: { messageId: sendMessage.message.id, body: 'Nobody\u2019s.', mentionIds: [] } });
    expect((await supplier.api.run(ChannelReadersDocument, ask)).channel?.messages.edges).toEqual([]);
  });

  it('are joined by those who were invited', async () => {
    const channelId = await make('orders:customer:1', 'PRIVATE');
    const friend = await registerAccount(app.url, 'Friend');
    await supplier.api.run(InviteToChannelDocument, { input: { channelId, userId: friend.user.id } });
    const { channelInvitations } = await friend.api.run(ChannelInvitationsDocument, {});
    expect(channelInvitations.edges).toMatchObject([{ node: { channelId, type: 'PRIVATE', inviter: { displayName: 'Supplier' } } }]);
    await friend.api.run(JoinChannelDocument, { channelId });
    await friend.api.run(SendMessageDocument, { input: { channelId, body: 'Here I am.' } });
    expect((await friend.api.run(ChannelInvitationsDocument, {})).channelInvitations.edges).toEqual([]);
  });

  it('are archived and brought back, slowed down, listed, and told of to whoever follows them', async () => {
    const [first, second] = [await make('orders:customer:1'), await make('orders:customer:2')];
    const followed = customer.api.follow(OnChannelChangesDocument, { channelId: first });
    await waitFor(() => followed.received.length === 1, { what: 'the opening' });
    await supplier.api.run(UpdateChannelSettingsDocument, { input: { channelId: first, slowModeSeconds: 30 } });
    await supplier.api.run(ArchiveChannelDocument, { channelId: first });
    const listed = async (archived: boolean | null) =>
      (await customer.api.run(ChannelsDocument, { first: 5, filter: { archived, namePrefix: 'orders:' } })).channels.edges.map(
        ({ node }) => node,
      );
    expect(await listed(true)).toMatchObject([{ id: first, slowModeSeconds: 30, archivedAt: expect.any(String) as string }]);
    expect(await listed(false)).toMatchObject([{ id: second, archivedAt: null }]);
    expect(await listed(null)).toHaveLength(2);
    expect(await customer.api.refused(SendMessageDocument, { input: { channelId: first, body: 'Hello?' } })).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'CHANNEL_ARCHIVED',
    });
    await supplier.api.run(UnarchiveChannelDocument, { channelId: first });
    await customer.api.run(SendMessageDocument, { input: { channelId: first, body: 'Hello.' } });
    expect(await customer.api.refused(SendMessageDocument, { input: { channelId: first, body: 'Hello?' } })).toMatchObject({
      code: 'RATE_LIMITED',
      reason: 'SLOW_MODE',
    });
    await waitFor(() => followed.received.length === 5, { what: 'every change' });
    expect(followed.received.slice(1).map(({ channelEvents }) => channelEvents)).toMatchObject([
      { archivedAt: null, slowModeSeconds: 30 },
      { archivedAt: expect.any(String) as string },
      { archivedAt: null },
      { __typename: 'MessageAdded' },
    ]);
    const members = await supplier.api.run(ChannelMembersDocument, { id: first, first: 1 });
    expect(members.channel?.members).toMatchObject({
      totalCount: 2,
      edges: [{ node: { role: 'OWNER', member: { displayName: 'Supplier' } } }],
    });
    followed.stop();
  });

  it('take one text for all of them, and show their numbers to who runs the organization', async () => {
    const [mine, news] = [await make('orders:customer:1'), await make('news:all:1', 'BROADCAST')];
    const input = { channelIds: [mine, news], body: 'Closed on Monday.', clientId: 'once' };
    const broadcast = async ({ api }: Account) => (await api.run(BroadcastMessageDocument, { input })).broadcastMessage.results;
    const sent = await broadcast(supplier);
    expect(await broadcast(supplier)).toEqual(sent);
    expect(await broadcast(customer)).toMatchObject([
      { channelId: mine, message: { body: 'Closed on Monday.' }, refusal: null },
      { channelId: news, message: null, refusal: { code: 'FORBIDDEN', reason: 'NOT_CHANNEL_OWNER' } },
    ]);
    const { viewer } = await supplier.api.run(ViewerDocument, {});
    const id = viewer?.organizations[0]?.id ?? '';
    const { organization } = await supplier.api.run(ChannelActivityDocument, { id });
    expect(organization?.channelActivity.edges.map(({ node }) => node)).toMatchObject([
      { channelId: news, type: 'BROADCAST', memberCount: 2, messagesLastMinute: 1, backlog: 1 },
      { channelId: mine, memberCount: 2, messagesLastHour: 2, backlog: 1, archivedAt: null },
    ]);
  });
});
