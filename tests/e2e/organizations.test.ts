import type { Account } from '../support/factories/stage';
import { registerAccount, setStage } from '../support/factories/stage';
import {
  AcceptInvitationDocument,
  AddChannelMemberDocument,
  ChannelDocument,
  CreateChannelDocument,
  CreateOrganizationDocument,
  InvitationsDocument,
  InviteMemberDocument,
  NodeDocument,
  OrganizationDocument,
  SetAttendeeRoleDocument,
} from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

describe('an organization', () => {
  let app: TestApp;
  let owner: Account;
  let id: string;

  beforeAll(async () => {
    app = await startTestApp();
  });
  beforeEach(async () => {
    owner = await registerAccount(app.url, 'Owner');
    id = (await owner.api.run(CreateOrganizationDocument, { input: { name: 'Acme' } })).createOrganization.organization.id;
  });
  afterAll(() => app.close());

  const hire = async (): Promise<Account> => {
    const account = await registerAccount(app.url);
    const input = { organizationId: id, email: account.email, role: 'MEMBER' as const };
    const { inviteMember } = await owner.api.run(InviteMemberDocument, { input });
    await account.api.run(AcceptInvitationDocument, { input: { token: inviteMember.token } });
    return account;
  };

  it('pages its members, with addresses for admins and for oneself', async () => {
    const [member, other] = [await hire(), await hire()];
    const seenBy = async ({ api }: Account): Promise<(readonly [string, string | null])[]> => {
      const seen: (readonly [string, string | null])[] = [];
      let after: string | null = null;
      do {
        const page: {
          edges: { node: { email: string | null; user: { id: string } } }[];
          pageInfo: { hasNextPage: boolean; endCursor: string | null };
        } = (await api.run(OrganizationDocument, { id, first: 1, after })).organization!.members;
        seen.push(...page.edges.map(({ node }) => [node.user.id, node.email] as const));
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      } while (after !== null);
      return seen;
    };
    expect(await seenBy(owner)).toEqual([owner, member, other].map(({ user, email }) => [user.id, email]));
    expect(await seenBy(member)).toEqual([
      [owner.user.id, null],
      [member.user.id, member.email],
      [other.user.id, null],
    ]);
  });

  it('does not exist for others, and its invitations are for admins', async () => {
    const [member, stranger] = [await hire(), await registerAccount(app.url)];
    const input = { organizationId: id, email: 'new@example.org', role: 'MEMBER' as const };
    const { invitation } = (await owner.api.run(InviteMemberDocument, { input })).inviteMember;
    expect((await owner.api.run(InvitationsDocument, { id })).organization?.invitations.edges).toEqual([
      { node: { id: invitation.id, email: 'new@example.org' } },
    ]);
    expect(await member.api.refused(InvitationsDocument, { id })).toMatchObject({ code: 'FORBIDDEN' });
    for (const { api } of [member, stranger]) expect((await api.run(NodeDocument, { id: invitation.id })).node).toBeNull();
    expect((await owner.api.run(NodeDocument, { id: invitation.id })).node).toMatchObject({ __typename: 'Invitation' });
    expect((await stranger.api.run(OrganizationDocument, { id })).organization).toBeNull();
    expect(await stranger.api.refused(InviteMemberDocument, { input })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await stranger.api.refused(CreateChannelDocument, { input: { organizationId: id, name: 'a:b:c' } })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('has as many channels as its plan allows, with whoever is added to them', async () => {
    const customer = await registerAccount(app.url, 'Customer');
    const create = (n: number) => owner.api.ask(CreateChannelDocument, { input: { organizationId: id, name: `support:customer:${n}` } });
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => create(n)));
    const made = answers.flatMap(({ data }) => (data === null ? [] : [data.createChannel.channel.id]));
    expect(made).toHaveLength(3);
    expect(await owner.api.refused(CreateChannelDocument, { input: { organizationId: id, name: 'support:customer:9' } })).toEqual({
      code: 'FAILED_PRECONDITION',
      reason: 'CHANNEL_LIMIT_REACHED',
    });
    const channel = { id: made[0]! };
    expect((await customer.api.run(ChannelDocument, channel)).channel).toBeNull();
    await owner.api.run(AddChannelMemberDocument, { input: { channelId: channel.id, userId: customer.user.id } });
    expect((await customer.api.run(ChannelDocument, channel)).channel).toMatchObject(channel);
  });

  it('gives roles in its sessions that a session itself can have', async () => {
    const stage = await setStage(app.url, { organizationId: id }, { host: owner });
    const { attendee } = await stage.join();
    const give = (role: 'HOST' | 'MODERATOR') => owner.api.ask(SetAttendeeRoleDocument, { input: { attendeeId: attendee.id, role } });
    expect((await give('HOST')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect((await give('MODERATOR')).data?.setAttendeeRole.attendee).toMatchObject({ role: 'MODERATOR' });
  });
});
