import { createHmac } from 'node:crypto';
import type { Scope } from '../../src/graphql/access';
import type { Account } from '../support/factories/stage';
import { joinSession, registerAccount } from '../support/factories/stage';
import * as operations from '../support/generated/graphql';
import type { TestApp } from '../support/test-app';
import { TEST_JWT_SECRET } from '../support/test-app';

/** One session and what belongs to it, each with an author and somebody else who is always there. */
export interface Stage {
  readonly name: 'conference' | 'call';
  readonly sessionId: string;
  readonly code: string;
  /** Another of the same host that has not begun: what runs a session is refused there by its state, after the right was decided. */
  readonly scheduledId: string;
  /** Where anybody may come in without changing what they are to `sessionId`. */
  readonly doorCode: string;
  readonly channelId: string;
  readonly channelCursor: string;
  readonly organizationId: string;
  /** A member of it, as they are: to be made that anew. */
  readonly member: { readonly userId: string; readonly role: 'MEMBER' | 'OWNER' };
  /** Into the organization; revoked by whoever may. */
  readonly invitationId: string;
  /** A shared channel of the host and the author, with no session. */
  readonly clubId: string;
  readonly hostUserId: string;
  /** Of the host, and of the author: attendees who stay. */
  readonly hostAttendeeId: string;
  readonly authorAttendeeId: string;
  readonly messageId: string;
  /** To that message. */
  readonly replyId: string;
  /** In the agenda. */
  readonly itemId: string;
  /** Open, asked by the author by name. */
  readonly questionId: string;
  /** Answered and pinned already: doing so again changes nothing. In a conference it was asked anonymously. */
  readonly answeredQuestionId: string;
  /** Hidden already; null where nobody moderates. */
  readonly hiddenQuestionId: string | null;
  /** Waits for approval, or was rejected; null where nobody moderates. */
  readonly pendingQuestionId: string | null;
  /** Between the host and the author's attendee, over already. */
  readonly callId: string;
  /** Open, by name, results for everybody. */
  readonly pollId: string;
  /** Closed already, without votes. */
  readonly closedPollId: string;
  readonly draftPollId: string;
  /** Of the host, ended already. */
  readonly endedKeyId: string;
  /** The author, who makes fresh things for those who may destroy them. */
  readonly author: Account;
}

export interface World {
  readonly app: TestApp;
  readonly conference: Stage;
  readonly call: Stage;
  readonly accounts: Readonly<Record<AccountName, Account>>;
  /** Attendee tokens of the conference. */
  readonly guestTokens: { readonly guest: string; readonly removedGuest: string };
  /** API keys of the host of the conference, for its organization. */
  readonly keys: { readonly reading: string; readonly writing: string };
}

const ACCOUNTS = [
  'host',
  'presenter',
  'moderator',
  'attendee',
  'left',
  'removed',
  'client',
  'advisor',
  'member',
  'admin',
  'otherOwner',
  'otherMember',
  /** Comes into organizations only to be sent away. */
  'passing',
  'suspended',
  'platformAdmin',
] as const;
export type AccountName = (typeof ACCOUNTS)[number];

export const READING: readonly Scope[] = [
  'sessions:read',
  'attendees:read',
  'channels:read',
  'messages:read',
  'questions:read',
  'polls:read',
];
/** Not the attendees: who leaves by a key cannot come in again by it. */
export const WRITING: readonly Scope[] = [
  'sessions:write',
  'channels:write',
  'messages:write',
  'questions:write',
  'polls:write',
  'notifications:write',
];

/** Everybody and everything that the matrix asks about; built once. */
export async function buildWorld(app: TestApp): Promise<World> {
  const registered = await Promise.all(ACCOUNTS.map(async (name) => [name, await registerAccount(app.url, name)] as const));
  const accounts = Object.fromEntries(registered) as Record<AccountName, Account>;
  const conference = await buildConference(accounts);
  const call = await buildCall(accounts);
  const guestTokens = await placeGuests(app, accounts, conference);
  await app.database.sql(`UPDATE users SET platform_role = 'ADMIN' WHERE id = $1`, [accounts.platformAdmin.user.id]);
  await enlist(app, conference.organizationId, accounts.member.user.id, 'MEMBER');
  await enlist(app, conference.organizationId, accounts.admin.user.id, 'ADMIN');
  await enlist(app, await homeOf(accounts.otherOwner), accounts.otherMember.user.id, 'MEMBER');
  await accounts.platformAdmin.api.run(operations.SuspendUserDocument, { userId: accounts.suspended.user.id });
  const { organizationId } = conference;
  const keys = {
    reading: (await createKey(accounts.host, organizationId, READING)).secret,
    writing: (await createKey(accounts.host, organizationId, WRITING)).secret,
  };
  return { app, conference, call, accounts, guestTokens, keys };
}

async function buildConference(accounts: Record<AccountName, Account>): Promise<Stage> {
  const { host, presenter, moderator, attendee, left, removed, member } = accounts;
  const input = { title: 'All hands', capacity: 1_000 };
  const { session } = (await host.api.run(operations.CreateSessionDocument, { input })).createSession;
  await host.api.run(operations.StartSessionDocument, { sessionId: session.id });
  const joined = await Promise.all([attendee, presenter, moderator, left, removed].map((account) => join(account, session.code)));
  for (const [attendeeId = '', role] of [
    [joined[1], 'PRESENTER'],
    [joined[2], 'MODERATOR'],
  ] as const) {
    await host.api.run(operations.SetAttendeeRoleDocument, { input: { attendeeId, role } });
  }
  await left.api.run(operations.LeaveSessionDocument, { sessionId: session.id });
  await host.api.run(operations.RemoveAttendeeDocument, { input: { attendeeId: joined[4] ?? '' } });

  const { channel } = session;
  const answeredQuestionId = await answer(host, await ask(attendee, session.id, { anonymous: true }));
  const hiddenQuestionId = await ask(attendee, session.id);
  await host.api.run(operations.HideQuestionDocument, { input: { questionId: hiddenQuestionId } });
  return {
    name: 'conference',
    sessionId: session.id,
    code: session.code,
    scheduledId: (await host.api.run(operations.CreateSessionDocument, { input })).createSession.session.id,
    doorCode: (await host.api.run(operations.CreateSessionDocument, { input })).createSession.session.code,
    channelId: channel.id,
    ...(await write(attendee, channel.id)),
    ...(await settle(host, attendee)),
    member: { userId: member.user.id, role: 'MEMBER' },
    hostUserId: host.user.id,
    itemId: await plan(host, session.id),
    hostAttendeeId: await join(host, session.code),
    authorAttendeeId: joined[0] ?? '',
    questionId: await ask(attendee, session.id),
    answeredQuestionId,
    hiddenQuestionId,
    pendingQuestionId: await askForApproval(host, attendee, session.id),
    callId: await endedCall(host, session.id, joined[0] ?? ''),
    ...(await putToVote(host, session.id)),
    endedKeyId: await endedKey(host),
    author: attendee,
  };
}

async function buildCall({ client, advisor }: Record<AccountName, Account>): Promise<Stage> {
  const input = { title: 'Advice', kind: 'CALL' as const, advisorId: advisor.user.id };
  const { session } = (await client.api.run(operations.CreateSessionDocument, { input })).createSession;
  await client.api.run(operations.StartSessionDocument, { sessionId: session.id });
  const hostAttendeeId = await join(client, session.code);
  const advisorAttendeeId = await join(advisor, session.code);
  // The client owns the organization: so they may keep order, which no party of a call does as such.
  const answeredQuestionId = await answer(client, await ask(client, session.id));
  return {
    name: 'call',
    sessionId: session.id,
    code: session.code,
    scheduledId: (await client.api.run(operations.CreateSessionDocument, { input })).createSession.session.id,
    doorCode: session.code,
    channelId: session.channel.id,
    ...(await write(client, session.channel.id)),
    ...(await settle(client, client)),
    member: { userId: client.user.id, role: 'OWNER' },
    hostUserId: client.user.id,
    itemId: await plan(client, session.id),
    hostAttendeeId,
    authorAttendeeId: advisorAttendeeId,
    questionId: await ask(client, session.id),
    answeredQuestionId,
    hiddenQuestionId: null,
    pendingQuestionId: null,
    callId: await endedCall(client, session.id, advisorAttendeeId),
    ...(await putToVote(client, session.id)),
    endedKeyId: await endedKey(client),
    author: client,
  };
}

async function placeGuests({ url }: TestApp, { host }: Record<AccountName, Account>, { code }: Stage): Promise<World['guestTokens']> {
  const guest = await joinSession(url, code, 'Guest');
  const removedGuest = await joinSession(url, code, 'Removed guest');
  await host.api.run(operations.RemoveAttendeeDocument, { input: { attendeeId: removedGuest.attendee.id } });
  return { guest: guest.api.token ?? '', removedGuest: removedGuest.api.token ?? '' };
}

async function plan({ api }: Account, sessionId: string): Promise<string> {
  const input = { sessionId, list: 'AGENDA' as const, body: 'Welcome' };
  return (await api.run(operations.AddCollaborationItemDocument, { input })).addCollaborationItem.item.id;
}

export async function join({ api }: Account, code: string): Promise<string> {
  return (await api.run(operations.JoinSessionDocument, { input: { code } })).joinSession.attendee.id;
}

export async function ask({ api }: Account, sessionId: string, input: { anonymous?: boolean; body?: string } = {}): Promise<string> {
  return (await api.run(operations.AskQuestionDocument, { input: { sessionId, body: 'Why?', ...input } })).askQuestion.question.id;
}

/** In a session that approves questions for a moment. */
export async function askForApproval({ api }: Account, asker: Account, sessionId: string, body?: string): Promise<string> {
  const approve = async (questionApproval: boolean): Promise<unknown> =>
    api.run(operations.UpdateSessionSettingsDocument, { input: { sessionId, questionApproval } });
  await approve(true);
  const id = await ask(asker, sessionId, body === undefined ? {} : { body });
  await approve(false);
  return id;
}

async function endedCall({ api }: Account, sessionId: string, calleeId: string): Promise<string> {
  const input = { sessionId, calleeId, peerId: 'world', ringSeconds: 30 };
  const { startCall } = await api.run(operations.StartCallDocument, { input });
  await api.run(operations.CancelCallDocument, { callId: startCall.call.id });
  return startCall.call.id;
}

/** Answers and pins it. */
async function answer({ api }: Account, questionId: string): Promise<string> {
  await api.run(operations.AnswerQuestionDocument, { input: { questionId, answer: 'Because.' } });
  await api.post({ query: `mutation { pinQuestion(input: { questionId: "${questionId}" }) { question { id } } }` });
  return questionId;
}

export async function poll({ api }: Account, sessionId: string, open = true): Promise<string> {
  const input = { sessionId, title: 'Which?', options: ['This', 'That'], anonymous: false, open };
  return (await api.run(operations.CreatePollDocument, { input })).createPoll.poll.id;
}

async function putToVote(host: Account, sessionId: string): Promise<Pick<Stage, 'pollId' | 'closedPollId' | 'draftPollId'>> {
  const closedPollId = await poll(host, sessionId);
  await host.api.run(operations.ClosePollDocument, { input: { pollId: closedPollId } });
  return { pollId: await poll(host, sessionId), closedPollId, draftPollId: await poll(host, sessionId, false) };
}

/** What belongs to the host's organization beside sessions. */
async function settle(host: Account, author: Account): Promise<Pick<Stage, 'organizationId' | 'invitationId' | 'clubId'>> {
  const organizationId = await homeOf(host);
  const invited = await host.api.run(operations.InviteMemberDocument, { input: { organizationId, email: 'invited@example.org' } });
  const club = await host.api.run(operations.CreateChannelDocument, {
    input: { name: 'club:matrix:test', type: 'SHARED', memberIds: [author.user.id] },
  });
  return { organizationId, invitationId: invited.inviteMember.invitation.id, clubId: club.createChannel.channel.id };
}

export async function send({ api }: Account, channelId: string, body = 'Hello.', replyToId?: string): Promise<string> {
  return (await api.run(operations.SendMessageDocument, { input: { channelId, body, replyToId } })).sendMessage.message.id;
}

async function write(author: Account, channelId: string): Promise<Pick<Stage, 'messageId' | 'replyId' | 'channelCursor'>> {
  const messageId = await send(author, channelId);
  const replyId = await send(author, channelId, 'Hello yourself.', messageId);
  await author.api.run(operations.AddReactionDocument, { input: { messageId, emoji: '👍' } });
  const { json } = await author.api.post({
    query: 'query ($id: ID!) { channelEvents(channelId: $id) { ... on StreamEvent { cursor } } }',
    variables: { id: channelId },
  });
  const { channelEvents } = json.data as { channelEvents: { cursor: string }[] };
  return { messageId, replyId, channelCursor: channelEvents[0]?.cursor ?? '' };
}

async function createKey({ api }: Account, organizationId: string, scopes: readonly Scope[]): Promise<{ id: string; secret: string }> {
  const named = scopes.map((scope) => scope.replace(':', '_').toUpperCase() as operations.ApiKeyScope);
  const { createApiKey } = await api.run(operations.CreateApiKeyDocument, { input: { organizationId, name: 'Bot', scopes: named } });
  return { id: createApiKey.apiKey.id, secret: createApiKey.secret };
}

async function endedKey(host: Account): Promise<string> {
  const { id } = await createKey(host, await homeOf(host), READING);
  await host.api.run(operations.RevokeApiKeyDocument, { apiKeyId: id });
  return id;
}

export async function homeOf({ api }: Account): Promise<string> {
  const { json } = await api.post({ query: '{ viewer { organizations { id } } }' });
  return (json.data as { viewer: { organizations: { id: string }[] } }).viewer.organizations[0]?.id ?? '';
}

/** Without the way of an invitation. */
export async function enlist(app: TestApp, organizationId: string, userId: string, role: 'ADMIN' | 'MEMBER'): Promise<void> {
  await app.database
    .as('system')
    .sql(`INSERT INTO memberships (organization_id, user_id, role) VALUES ($1, $2, $3::"MembershipRole")`, [organizationId, userId, role]);
}

/** The same token, issued so long ago that it has expired. */
export function expired(token: string): string {
  const [header = '', payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat: number; exp: number };
  const old = { ...claims, iat: claims.iat - 86_400, exp: claims.exp - 86_400 };
  const signed = `${header}.${Buffer.from(JSON.stringify(old)).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', TEST_JWT_SECRET).update(signed).digest('base64url')}`;
}
