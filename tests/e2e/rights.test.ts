import type { Follower } from '../support/api-client';
import type { Account, Stage } from '../support/factories/stage';
import { registerAccount, setStage } from '../support/factories/stage';
import {
  AcceptInvitationDocument,
  AskQuestionDocument,
  BanAttendeeDocument,
  ChangeMemberRoleDocument,
  CreateChannelDocument,
  CreateOrganizationDocument,
  InviteMemberDocument,
  JoinSessionDocument,
  OnChannelEventsDocument,
  OnQuestionTalliesDocument,
  OnSessionEventsDocument,
  OnTypingDocument,
  RemoveAttendeeDocument,
  RemoveChannelMemberDocument,
  RemoveMemberDocument,
  SendMessageDocument,
  SessionDocument,
  SetTypingDocument,
  UnbanAttendeeDocument,
  UpdateSessionDocument,
  VoteQuestionDocument,
} from '../support/generated/graphql';
import type { MembershipRole } from '../support/generated/graphql';
import { APP_BACKENDS, startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

/** A4: a right that ends takes what depends on it along within this time, wherever. */
const AT_ONCE_MS = 1_000;

interface Company {
  readonly id: string;
  readonly owner: Account;
}

describe('rights that end', () => {
  let app: TestApp;
  /** Where those are who lose something: another instance, where there can be one. */
  let there: string;

  beforeAll(async () => {
    app = await startTestApp();
    there = APP_BACKENDS === 'embedded' ? app.url : (await app.another()).url;
  });
  afterAll(async () => {
    await waitFor(() => app.app.fanOutStats().subscribers === 0, { what: 'every subscription ended' });
    await app.close();
  });

  const found = async (): Promise<Company> => {
    const owner = await registerAccount(app.url, 'Owner');
    const { createOrganization } = await owner.api.run(CreateOrganizationDocument, { input: { name: 'Acme' } });
    return { id: createOrganization.organization.id, owner };
  };
  const hire = async ({ id, owner }: Company, role: MembershipRole): Promise<Account> => {
    const account = await registerAccount(there, role);
    const { inviteMember } = await owner.api.run(InviteMemberDocument, { input: { organizationId: id, email: account.email, role } });
    await account.api.run(AcceptInvitationDocument, { input: { token: inviteMember.token } });
    return account;
  };
  const opened = async (...followers: readonly Follower<unknown>[]): Promise<void> => {
    await waitFor(() => followers.every(({ received, errors }) => received.length + errors.length > 0), { what: 'everything open' });
  };
  /** Resolves when these have ended by themselves, each without an error and with its socket open, in time after it was done. */
  const endAtOnce = async (done: Promise<unknown>, ...followers: readonly Follower<unknown>[]): Promise<void> => {
    await done;
    const since = Date.now();
    const codes = await Promise.all(followers.map(({ ended }) => ended));
    expect(Date.now() - since).toBeLessThan(AT_ONCE_MS);
    expect(codes.map(({ code }) => code)).toEqual(followers.map(() => null));
    expect(followers.flatMap(({ errors }) => errors)).toEqual([]);
  };
  /** Until these followers have seen somebody type: they give no other sign that they are open. */
  const typed = async (by: Account, channelId: string, ...typing: readonly Follower<unknown>[]): Promise<void> => {
    await waitFor(
      async () => {
        for (const state of [true, false]) await by.api.run(SetTypingDocument, { input: { channelId, typing: state } });
        return typing.every(({ received }) => received.length > 0);
      },
      { what: 'somebody seen typing' },
    );
  };
  const rename = (stage: Stage, title: string): Promise<unknown> =>
    stage.host.api.run(UpdateSessionDocument, { input: { sessionId: stage.session.id, title } });
  const titles = ({ received }: Follower<{ sessionEvents: object }>): unknown[] =>
    received.flatMap(({ sessionEvents }) => ('session' in sessionEvents ? [(sessionEvents.session as { title: string }).title] : []));

  it.each([
    ['kicked', ({ host }: Stage, attendeeId: string) => host.api.run(RemoveAttendeeDocument, { input: { attendeeId } })],
    ['banned', ({ host }: Stage, attendeeId: string) => host.api.run(BanAttendeeDocument, { input: { attendeeId } })],
  ])('end all that a user who is %s follows in the session, and nothing else on the socket', async (_how, sendAway) => {
    const [stage, other] = [await setStage(app.url), await setStage(app.url)];
    const user = await registerAccount(there);
    const { joinSession } = await user.api.run(JoinSessionDocument, { input: { code: stage.session.code } });
    await user.api.run(JoinSessionDocument, { input: { code: other.session.code } });
    const { id } = stage.session;
    const events = user.api.follow(OnSessionEventsDocument, { sessionId: id });
    const messages = user.api.follow(OnChannelEventsDocument, { channelId: stage.channelId });
    const typing = user.api.follow(OnTypingDocument, { channelId: stage.channelId });
    const goesOn = user.api.follow(OnSessionEventsDocument, { sessionId: other.session.id });
    await opened(events, messages, goesOn);
    await typed(stage.host, stage.channelId, typing);
    const { attendee } = joinSession;
    await endAtOnce(sendAway(stage, attendee.id), events, messages, typing);
    await rename(stage, 'Unheard');
    await rename(other, 'Heard');
    await waitFor(() => titles(goesOn).includes('Heard'), { what: 'the other session' });
    expect(titles(events)).toEqual([]);
    expect(await user.api.refused(JoinSessionDocument, { input: { code: stage.session.code } })).toMatchObject({
      reason: 'ATTENDEE_REMOVED',
    });
    await stage.host.api.run(UnbanAttendeeDocument, { input: { attendeeId: attendee.id } });
    const again = await user.api.run(JoinSessionDocument, { input: { code: stage.session.code } });
    expect(again.joinSession.attendee).toMatchObject({ id: attendee.id, status: 'PRESENT' });
    goesOn.stop();
    await user.api.close();
  });

  it.each([
    [
      'is made a member',
      (company: Company, admin: Account) =>
        company.owner.api.run(ChangeMemberRoleDocument, { input: { organizationId: company.id, userId: admin.user.id, role: 'MEMBER' } }),
    ],
    [
      'is sent away',
      (company: Company, admin: Account) =>
        company.owner.api.run(RemoveMemberDocument, { input: { organizationId: company.id, userId: admin.user.id } }),
    ],
  ])('end what an admin watches by that role who %s, and nobody else', async (_how, act) => {
    const company = await found();
    const [admin, colleague] = [await hire(company, 'ADMIN'), await hire(company, 'ADMIN')];
    const host = await hire(company, 'MEMBER');
    const stage = await setStage(app.url, { organizationId: company.id }, { host });
    const { id } = stage.session;
    const { askQuestion } = await host.api.run(AskQuestionDocument, { input: { sessionId: id, body: 'Why?' } });
    await host.api.run(VoteQuestionDocument, { input: { questionId: askQuestion.question.id, value: 'UP' } });
    const watching = admin.api.follow(OnSessionEventsDocument, { sessionId: id });
    const tallies = admin.api.follow(OnQuestionTalliesDocument, { sessionId: id });
    const [others, own] = [
      colleague.api.follow(OnSessionEventsDocument, { sessionId: id }),
      admin.api.follow(OnSessionEventsDocument, { sessionId: (await setStage(there, {}, { host: admin })).session.id }),
    ];
    await opened(watching, tallies, others, own);
    await rename(stage, 'Before');
    await waitFor(() => titles(watching).length === 1 && titles(others).length === 1, { what: 'what both see' });
    await endAtOnce(act(company, admin), watching, tallies);
    await rename(stage, 'After');
    await waitFor(() => titles(others).includes('After'), { what: 'what the colleague sees' });
    expect(titles(watching)).toEqual(['Before']);
    const refusedNow = admin.api.follow(OnSessionEventsDocument, { sessionId: id });
    await waitFor(() => refusedNow.errors.length > 0, { what: 'the refusal' });
    expect(refusedNow.errors[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await colleague.api.run(SessionDocument, { id })).session).not.toBeNull();
    for (const follower of [others, own]) follower.stop();
    await Promise.all([admin.api.close(), colleague.api.close()]);
  });

  it('end what a member follows in a channel, when removed from it or from its organization', async () => {
    const company = await found();
    const [one, other, stays] = [await hire(company, 'MEMBER'), await hire(company, 'MEMBER'), await hire(company, 'MEMBER')];
    const { createChannel } = await company.owner.api.run(CreateChannelDocument, {
      input: { name: 'support:team:1', organizationId: company.id, memberIds: [one, other, stays].map(({ user }) => user.id) },
    });
    const channelId = createChannel.channel.id;
    const followers = [one, other, stays].map(({ api }) => api.follow(OnChannelEventsDocument, { channelId }));
    const [first, second, third] = followers as [(typeof followers)[0], (typeof followers)[0], (typeof followers)[0]];
    const typing = [one, other].map(({ api }) => api.follow(OnTypingDocument, { channelId }));
    await opened(...followers);
    await typed(company.owner, channelId, ...typing);
    const removal = company.owner.api.run(RemoveChannelMemberDocument, { input: { channelId, userId: one.user.id } });
    await endAtOnce(removal, first, typing[0]!);
    const dismissal = company.owner.api.run(RemoveMemberDocument, { input: { organizationId: company.id, userId: other.user.id } });
    await endAtOnce(dismissal, second, typing[1]!);
    await company.owner.api.run(SendMessageDocument, { input: { channelId, body: 'Among us.' } });
    await waitFor(() => third.received.length === 4, { what: 'two departures and a message' });
    expect(third.received.slice(1).map(({ channelEvents }) => channelEvents.__typename)).toEqual([
      'ChannelMemberLeft',
      'ChannelMemberLeft',
      'MessageAdded',
    ]);
    expect(JSON.stringify([first.received, second.received])).not.toContain('Among us.');
    expect(await one.api.refused(SendMessageDocument, { input: { channelId, body: 'Hello?' } })).toMatchObject({ code: 'NOT_FOUND' });
    third.stop();
    await Promise.all([one, other, stays].map(({ api }) => api.close()));
  });
});
