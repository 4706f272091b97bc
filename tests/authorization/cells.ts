import { randomBytes } from 'node:crypto';
import { ApiClient } from '../support/api-client';
import { registerAccount } from '../support/factories/stage';
import {
  AddChannelMemberDocument,
  CreateOrganizationDocument,
  InviteToChannelDocument,
  CreateSessionDocument,
  JoinSessionDocument,
} from '../support/generated/graphql';
import type { Rule } from '../../src/graphql/access-rules';
import type { Attempt, Cell, Variables } from './cell';
import { byNode, EVENT, mutation, ofMessage, ofOrganization, ofPoll, ofViewer, onCard, query, subscription } from './cell';
import { othersPoint, othersRead, othersType, othersVote, othersVoteInPoll } from './meanwhile';
import { byId, findsInLists, MODEL, readsHidden } from './model';
import type { Verdict } from './model';
import { freshToken } from './roles';
import type { Stage, World } from './world';
import { ask, enlist, poll, send } from './world';

const rule =
  (name: Rule): NonNullable<Cell['expects']> =>
  (facts, caller) =>
    byId(MODEL[name])(facts, caller);

const session = ({ stage }: Attempt): Variables => ({ sessionId: stage.sessionId });
const peer = (attempt: Attempt): Variables => ({ ...session(attempt), peerId: 'matrix' });
/** One of the other two who are always there. */
const other = ({ stage, role }: Attempt): string => (role[stage.name].hosts ? stage.authorAttendeeId : stage.hostAttendeeId);
const channel = ({ stage }: Attempt): Variables => ({ channelId: stage.channelId });
/** Who may run a session is refused by the state of one that has not begun; who may not must not be able to touch the one under way. */
const running = ({ stage, allowed }: Attempt): Variables => ({ sessionId: allowed ? stage.scheduledId : stage.sessionId });
const organization = ({ stage }: Attempt): Variables => ({ id: stage.organizationId });
const clubOwner = ({ clubId, hostUserId }: Stage): Variables => ({ channelId: clubId, userId: hostUserId });
const NO_NOTIFICATION = 'ntf_00000000000000000000000000';
const noticeTo = ({ organizationId, hostUserId }: Stage): Variables => {
  return { organizationId, userIds: [hostUserId], type: 'test.cell', title: 'Told', key: 'cell' };
};
const NO_BLOCK = 'blk_00000000000000000000000000';
async function blockSomebody({ accounts }: World): Promise<string> {
  const value = `198.51.100.${1 + ((randomBytes(1)[0] ?? 0) % 200)}`;
  const { json } = await accounts.platformAdmin.api.post({
    query: 'mutation ($input: BlockInput!) { block(input: $input) { block { id } } }',
    variables: { input: { kind: 'ADDRESS', value, minutes: 1, reason: 'To be lifted.' } },
  });
  return (json.data as { block: { block: { id: string } } }).block.block.id;
}

/** Owners stay, of this one; who may leave leaves one that was made for it. */
async function organizationToLeave({ world, stage, role, allowed }: Attempt): Promise<Variables> {
  const leaver = role.account?.(world);
  if (!allowed || leaver === undefined || role[stage.name].member === 'OWNER') return { organizationId: stage.organizationId };
  const { createOrganization } = await world.accounts.host.api.run(CreateOrganizationDocument, { input: { name: 'To be left' } });
  await enlist(world.app, createOrganization.organization.id, leaver.user.id, 'MEMBER');
  return { organizationId: createOrganization.organization.id };
}
const question = (id: (stage: Stage) => string | null) => {
  return ({ stage }: Attempt): Variables => ({ input: { questionId: id(stage) } });
};

/** Nothing has it: who may change a thing is refused by its state, and changes nothing. */
const NO_VERSION = 1_000_000;
const item = ({ stage }: Attempt): Variables => ({ input: { itemId: stage.itemId, version: NO_VERSION } });

async function sessionToDelete({ world: { accounts }, stage }: Attempt): Promise<string> {
  const call = { title: 'To be deleted', kind: 'CALL' as const, advisorId: accounts.advisor.user.id };
  const [host, input] = stage.name === 'call' ? [accounts.client, call] : [accounts.host, { title: 'To be deleted' }];
  return (await host.api.run(CreateSessionDocument, { input })).createSession.session.id;
}
/** The call of the stage is: that is told to its two sides alone. */
const OVER = { passesAs: ['CALL_ENDED'] };

export const CELLS: readonly Cell[] = [
  // ------------------------------------------------------------------ queries
  query('signInProviders', '', '', () => ({})),
  query('viewer', '', '{ user { id } }', () => ({})),
  query('session', 'id: ID!', '{ id }', ({ stage }) => ({ id: stage.sessionId })),
  query('sessions', '', '{ edges { node { id } } }', () => ({}), { at: 'sessions.edges:id', expects: findsInLists }),
  query('sessionByCode', 'code: String!', '{ id }', ({ stage }) => ({ code: stage.code })),
  query('organization', 'id: ID!', '{ id }', organization),
  query('channel', 'id: ID!', '{ id }', ({ stage }) => ({ id: stage.channelId })),
  query('channelInvitations', '', '{ edges { node { name } } }', () => ({})),
  query('channels', '', '{ edges { node { id } } }', () => ({})),
  query('channelEvents', 'channelId: ID!', EVENT, channel),
  query('sessionEvents', 'sessionId: ID!', EVENT, session),
  query('sessionStatus', 'sessionId: ID!', '{ status }', session),
  query('collaborationEvents', 'sessionId: ID!', EVENT, session),
  query('iceServers', 'sessionId: ID!', '{ urls }', session),
  query('signals', 'sessionId: ID!', EVENT, session),
  query('calls', 'sessionId: ID!', '{ edges { node { id } } }', session),
  query('callEvents', 'sessionId: ID!, peerId: String!', EVENT, peer),
  query('connectionQualities', 'sessionId: ID!', '{ edges { node { band } } }', session),
  query('qualityEvents', 'sessionId: ID!', EVENT, session),
  ...byNode('User', ({ hostUserId }) => hostUserId, rule('somebody')),
  ...byNode('Organization', ({ organizationId }) => organizationId, rule('organizationMember')),
  ...byNode('Invitation', ({ invitationId }) => invitationId, rule('organizationAdmin')),
  ...byNode('Session', ({ sessionId }) => sessionId, rule('sessionReader')),
  ...byNode('CollaborationItem', ({ itemId }) => itemId, rule('sessionFollower')),
  ...byNode('Attendee', ({ hostAttendeeId }) => hostAttendeeId, rule('sessionReader')),
  ...byNode('Channel', ({ channelId }) => channelId, rule('channelViewer')),
  ...byNode('Message', ({ messageId }) => messageId, rule('channelReader')),
  ...byNode('Question', ({ questionId }) => questionId, rule('questionReader')),
  ...byNode('a hidden Question', ({ hiddenQuestionId }) => hiddenQuestionId, readsHidden, { only: 'conference' }),

  ...byNode('a pending Question', ({ pendingQuestionId }) => pendingQuestionId, readsHidden, { only: 'conference' }),

  ...byNode('Poll', ({ pollId }) => pollId, rule('sessionFollower')),
  ...byNode('a draft Poll', ({ draftPollId }) => draftPollId, rule('moderator')),

  // ------------------------------------------------------------------ nested fields
  ofViewer('user', '{ id }'),
  ofViewer('email'),
  ofViewer('emailVerified'),
  ofViewer('profileComplete'),
  ofViewer('linkedIdentities', '{ provider }'),
  ofViewer('organizations', '{ id }'),
  onCard('Session.host', 'host { id }', 'host'),
  onCard('Session.advisor', 'advisor { id }', 'advisor', { only: 'call' }),
  onCard('Session.joinUrl', 'joinUrl', 'joinUrl'),
  onCard('Session.metadata', 'metadata', 'metadata'),
  onCard('Session.metadataVersion', 'metadataVersion', 'metadataVersion'),
  onCard('Session.notes', 'notes { version }', 'notes', { expects: rule('noteKeeper') }),
  onCard('Session.callStatus', 'callStatus', 'callStatus', { only: 'call' }),
  onCard('Session.collaboration', 'collaboration { edges { node { id } } }', 'collaboration'),
  onCard('Session.viewerAttendee', 'viewerAttendee { id }', 'viewerAttendee'),
  onCard('Session.attendees', 'attendees { edges { node { id } } }', 'attendees'),
  onCard('Session.raisedHands', 'raisedHands { id }', 'raisedHands'),
  onCard('Session.onlineCount', 'onlineCount', 'onlineCount'),
  onCard('Session.online', 'online { since }', 'online'),
  onCard('Session.waiting', 'waiting(for: SEAT) { edges { node { id } } }', 'waiting'),
  onCard('WaitingConnection.totalCount', 'waiting(for: SEAT) { totalCount }', 'waiting.totalCount'),
  query('node', 'id: ID!', '{ ... on Attendee { engagement { messages } } }', ({ stage }) => ({ id: stage.hostAttendeeId }), {
    field: 'Attendee.engagement',
    at: 'node.engagement',
  }),
  query('waiting', 'sessionId: ID!', '{ place }', session),
  onCard('AttendeeConnection.totalCount', 'attendees { totalCount }', 'attendees.totalCount'),
  onCard('Session.questions', 'questions { edges { node { id } } }', 'questions'),
  onCard('QuestionConnection.totalCount', 'questions { totalCount }', 'questions.totalCount'),
  onCard('Session.moderation', 'moderation { counts { pending } }', 'moderation', { expects: rule('orderKeeper') }),
  onCard('Session.polls', 'polls { edges { node { id } } }', 'polls'),
  ofPoll('results', '{ voters }'),
  ofPoll('viewerOptionIds'),
  ofPoll('ballots', '{ edges { node { optionIds } } }'),
  onCard('Session.reactions', 'reactions { total }', 'reactions'),
  onCard('Session.channel', 'channel { id }', 'channel'),
  onCard('Channel.messages', 'channel { messages { edges { node { body } } } }', 'channel.messages'),
  onCard('Channel.pinnedMessages', 'channel { pinnedMessages { edges { node { body } } } }', 'channel.pinnedMessages'),
  onCard('Channel.search', 'channel { search(query: "hello") { edges { node { body } } } }', 'channel.search'),
  // Nothing of it is theirs who have no place: no message counts for them.
  onCard('Channel.unreadCount', 'channel { unreadCount }', 'channel.unreadCount', { expects: () => 'allowed' }),
  onCard('Channel.unreadMentionCount', 'channel { unreadMentionCount }', 'channel.unreadMentionCount', { expects: () => 'allowed' }),
  onCard('Channel.slowModeSeconds', 'channel { slowModeSeconds }', 'channel.slowModeSeconds', { expects: () => 'allowed' }),
  onCard('Channel.readers', 'channel { readers { edges { node { read } } } }', 'channel.readers', {
    expects: (facts, caller) => (caller.kind === 'anonymous' ? MODEL.channelSpeaker : byId(MODEL.channelSpeaker))(facts, caller),
  }),
  query('node', 'id: ID!', '{ ... on Channel { members { totalCount } } }', ({ stage }) => ({ id: stage.clubId }), {
    field: 'Channel.members',
    at: 'node.members',
    expects: ({ hosts, wrote }) => (hosts || wrote ? 'allowed' : 'nothing'),
  }),
  { ...ofMessage('receipts', '{ readCount }'), expects: byId(MODEL.messageSender) },
  ofMessage('replies', '{ edges { node { id } } }'),
  ofMessage('replyCount'),
  ofMessage('edits', '{ edges { node { body } } }'),
  ofMessage('reactions', '{ count }'),
  {
    ...ofMessage('reactions', '{ viewerReacted }'),
    field: 'ReactionCount.viewerReacted',
    at: 'node.reactions.0.viewerReacted',
  },
  ofMessage('replyTo', '{ id }', ({ replyId }) => replyId),
  query('organization', 'id: ID!', '{ members { edges { node { role } } } }', organization, {
    field: 'Organization.members',
    at: 'organization.members',
  }),
  query('organization', 'id: ID!', '{ members { edges { node { user { id } } } } }', organization, {
    field: 'Membership.user',
    at: 'organization.members.edges.0.node.user',
  }),
  // Whoever does not belong to it is shown no organization to ask it of.
  query('organization', 'id: ID!', '{ invitations { edges { node { id } } } }', organization, {
    field: 'Organization.invitations',
    at: 'organization.invitations',
    expects: (facts, caller) => (facts.member === null ? 'nothing' : MODEL.organizationAdmin(facts, caller)),
  }),
  query('node', 'id: ID!', '{ ... on Question { asker { id } } }', ({ stage }) => ({ id: stage.questionId }), {
    field: 'Question.asker',
    about: 'asked by name',
    at: 'node.asker',
    expects: rule('questionReader'),
  }),
  query('node', 'id: ID!', '{ ... on Question { asker { id } } }', ({ stage }) => ({ id: stage.answeredQuestionId }), {
    field: 'Question.asker',
    about: 'asked anonymously',
    at: 'node.asker',
    only: 'conference',
  }),
  query('node', 'id: ID!', '{ ... on Question { viewerVote } }', ({ stage }) => ({ id: stage.questionId }), {
    field: 'Question.viewerVote',
    at: 'node.viewerVote',
    expects: rule('questionReader'),
  }),

  // ------------------------------------------------------------------ organizations
  ofOrganization('Organization.apiKeys', 'apiKeys { edges { node { id } } }', 'apiKeys'),
  ofOrganization('ApiKey.maker', 'apiKeys { edges { node { maker { id } } } }', 'apiKeys.edges.0.node.maker'),
  ofOrganization('Organization.channelActivity', 'channelActivity { edges { node { backlog } } }', 'channelActivity'),
  ofOrganization('Organization.auditEntries', 'auditEntries { edges { node { id } } }', 'auditEntries'),
  ofOrganization('Organization.contentPolicy', 'contentPolicy { links }', 'contentPolicy'),
  mutation('updateContentPolicy', 'input: UpdateContentPolicyInput!', ({ stage }) => ({
    input: { organizationId: stage.organizationId, allowedHosts: ['example.org'] },
  })),
  mutation('createApiKey', 'input: CreateApiKeyInput!', ({ stage }) => ({
    input: { organizationId: stage.organizationId, name: 'Bot', scopes: ['SESSIONS_READ'] },
  })),
  mutation('revokeApiKey', 'input: RevokeApiKeyInput!', ({ stage }) => ({ input: { apiKeyId: stage.endedKeyId } })),

  // ------------------------------------------------------------------ the platform
  query('auditEntries', '', '{ edges { node { id } } }', () => ({})),
  mutation('suspendUser', 'input: SuspendUserInput!', ({ world }) => ({
    input: { userId: world.accounts.suspended.user.id, reason: 'OTHER' },
  })),
  query('blocks', '', '{ edges { node { id } } }', () => ({})),
  mutation('block', 'input: BlockInput!', () => ({ input: { kind: 'ADDRESS', value: '192.0.2.77', minutes: 1, reason: 'Tried.' } })),
  mutation('unblock', 'input: UnblockInput!', async ({ world, allowed }) => ({
    input: { id: allowed ? await blockSomebody(world) : NO_BLOCK },
  })),
  mutation('reinstateUser', 'input: ReinstateUserInput!', ({ world }) => ({ input: { userId: world.accounts.otherMember.user.id } })),

  // ------------------------------------------------------------------ accounts
  // A form that nobody may send is refused after the gate, and without the work of a password.
  mutation('register', 'input: RegisterInput!', () => ({ input: { email: 'x', password: 'x', displayName: 'x' } }), {
    passesAs: ['INVALID_VALUE'],
  }),
  mutation('login', 'input: LoginInput!', () => ({ input: { email: 'x'.repeat(300), password: 'x' } }), { passesAs: ['INVALID_VALUE'] }),
  mutation('refreshTokens', 'input: RefreshTokensInput!', () => ({ input: { refreshToken: 'nonsense' } }), {
    passesAs: ['REFRESH_TOKEN_INVALID'],
  }),
  mutation('logout', '', () => ({}), {
    ownToken: async ({ world, role, token }) => (role.account === undefined ? token : freshToken(world.app.url, role.account(world))),
  }),
  mutation('logoutEverywhere', '', () => ({}), {
    ownToken: async ({ world, role, token }) => (role.account === undefined ? token : (await registerAccount(world.app.url)).api.token),
  }),
  mutation('changePassword', 'input: ChangePasswordInput!', () => ({ input: { currentPassword: 'x', newPassword: 'x' } }), {
    passesAs: ['INVALID_VALUE'],
  }),
  mutation('exchangeSignInCode', 'input: ExchangeSignInCodeInput!', () => ({ input: { code: 'nonsense' } }), {
    passesAs: ['SIGN_IN_CODE_INVALID'],
  }),
  mutation('linkIdentity', 'input: LinkIdentityInput!', () => ({ input: { code: 'nonsense', verifier: 'nonsense' } }), {
    passesAs: ['SIGN_IN_CODE_INVALID'],
  }),
  mutation('unlinkIdentity', 'input: UnlinkIdentityInput!', () => ({ input: { provider: 'No Provider' } }), {
    passesAs: ['INVALID_VALUE'],
  }),
  mutation('completeProfile', 'input: CompleteProfileInput!', () => ({ input: { displayName: 'Ada' } }), {
    passesAs: ['PROFILE_COMPLETE'],
  }),
  mutation('updateProfile', 'input: UpdateProfileInput!', () => ({ input: { displayName: ' ' } }), { passesAs: ['INVALID_VALUE'] }),

  // ------------------------------------------------------------------ organizations
  mutation('createOrganization', 'input: CreateOrganizationInput!', () => ({ input: { name: 'Mine' } })),
  mutation('updateOrganization', 'input: UpdateOrganizationInput!', ({ stage }) => ({
    input: { organizationId: stage.organizationId, name: 'Renamed' },
  })),
  mutation('inviteMember', 'input: InviteMemberInput!', ({ stage }) => ({
    input: { organizationId: stage.organizationId, email: 'newcomer@example.org' },
  })),
  mutation('acceptInvitation', 'input: AcceptInvitationInput!', () => ({ input: { token: 'nonsense' } })),
  // To whoever may not invite there is no invitation.
  mutation('revokeInvitation', 'input: InvitationInput!', ({ stage }) => ({ input: { invitationId: stage.invitationId } }), {
    expects: (facts, caller) => (facts.member === 'MEMBER' ? 'nothing' : MODEL.organizationAdmin(facts, caller)),
  }),
  mutation('changeMemberRole', 'input: ChangeMemberRoleInput!', ({ stage }) => ({
    input: { organizationId: stage.organizationId, ...stage.member },
  })),
  mutation('removeMember', 'input: MemberInput!', async ({ world, stage, allowed }) => {
    const { organizationId } = stage;
    const userId = world.accounts.passing.user.id;
    if (allowed) await enlist(world.app, organizationId, userId, 'MEMBER');
    return { input: { organizationId, userId } };
  }),
  mutation('leaveOrganization', 'organizationId: ID!', organizationToLeave, { passesAs: ['LAST_OWNER'] }),
  mutation('renewConnection', 'input: RenewConnectionInput!', ({ token }) => ({ input: { accessToken: token ?? '' } }), {
    passesAs: ['CONNECTION_NEEDED'],
  }),

  // ------------------------------------------------------------------ sessions
  mutation('createSession', 'input: CreateSessionInput!', () => ({ input: { title: 'Mine' } })),
  mutation('duplicateSession', 'input: DuplicateSessionInput!', ({ stage }) => ({ input: { sessionId: stage.sessionId } })),
  mutation('deleteSession', 'sessionId: ID!', async (attempt) => ({
    sessionId: attempt.allowed ? await sessionToDelete(attempt) : attempt.stage.sessionId,
  })),
  mutation('updateSessionMetadata', 'input: UpdateSessionMetadataInput!', ({ stage }) => ({
    input: { sessionId: stage.sessionId, patch: { room: 4 } },
  })),
  mutation(
    'updateSessionNotes',
    'input: UpdateSessionNotesInput!',
    ({ stage }) => ({ input: { sessionId: stage.sessionId, body: 'Mine.', version: NO_VERSION } }),
    { passesAs: ['NOTES_CHANGED'] },
  ),
  mutation('updateSession', 'input: UpdateSessionInput!', ({ stage, allowed }) => ({
    input: { sessionId: allowed ? stage.scheduledId : stage.sessionId, title: 'All hands' },
  })),
  mutation('updateSessionSettings', 'input: UpdateSessionSettingsInput!', ({ stage, allowed }) => ({
    input: { sessionId: allowed ? stage.scheduledId : stage.sessionId, anonymousQuestions: true },
  })),
  mutation('startSession', 'sessionId: ID!', session, { passesAs: ['ILLEGAL_TRANSITION'] }),
  mutation('resumeSession', 'sessionId: ID!', session, { passesAs: ['ILLEGAL_TRANSITION'] }),
  mutation('cancelSession', 'sessionId: ID!', session, { passesAs: ['ILLEGAL_TRANSITION'] }),
  mutation('pauseSession', 'sessionId: ID!', running, { passesAs: ['ILLEGAL_TRANSITION'] }),
  mutation('endSession', 'sessionId: ID!', running, { passesAs: ['ILLEGAL_TRANSITION'] }),
  mutation(
    'joinSession',
    'input: JoinSessionInput!',
    ({ stage, allowed }) => ({ input: { code: allowed ? stage.doorCode : stage.code, displayName: 'Newcomer' } }),
    { expects: (facts, caller, { name }) => (name === 'call' && facts.place === null ? NOT_INVITED : MODEL.joiner(facts, caller)) },
  ),
  // Of the session that the token is for.
  mutation('renewAttendeeToken', '', () => ({}), {
    only: 'conference',
    expects: (facts, caller) => (caller.kind === 'guest' ? MODEL.presentAttendee(facts, caller) : 'FORBIDDEN ATTENDEE_TOKEN_NEEDED'),
  }),
  mutation('leaveSession', 'sessionId: ID!', session, {
    after: async ({ world, stage, role, token, allowed }) => {
      if (allowed && role[stage.name].place?.status === 'PRESENT') {
        await new ApiClient(world.app.url, token).run(JoinSessionDocument, { input: { code: stage.code } });
      }
    },
  }),
  // A host, or a party of a call, is removed by nobody: that is told to those alone who may remove others.
  mutation('removeAttendee', 'input: AttendeeInput!', ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId } }), {
    passesAs: ['PARTY_CANNOT_BE_REMOVED'],
  }),
  mutation('banAttendee', 'input: AttendeeInput!', ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId } }), {
    passesAs: ['PARTY_CANNOT_BE_REMOVED'],
  }),
  mutation('muteAttendee', 'input: MuteAttendeeInput!', ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId, muted: false } }), {
    passesAs: ['PARTY_CANNOT_BE_MUTED'],
  }),
  mutation('lowerHand', 'input: AttendeeInput!', ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId } })),
  mutation('admitAttendee', 'input: AttendeeInput!', ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId } })),
  mutation('denyAttendee', 'input: AttendeeInput!', ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId } }), {
    passesAs: ['NOT_WAITING'],
  }),
  mutation('admitAll', 'sessionId: ID!', session),
  mutation('denyAll', 'sessionId: ID!', session),
  mutation('unbanAttendee', 'input: AttendeeInput!', ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId } })),
  mutation(
    'setAttendeeRole',
    'input: SetAttendeeRoleInput!',
    ({ stage }) => ({ input: { attendeeId: stage.hostAttendeeId, role: 'MODERATOR' } }),
    { passesAs: ['PARTY_KEEPS_ROLE'] },
  ),
  mutation('raiseHand', 'sessionId: ID!, raised: Boolean!', ({ stage }) => ({ sessionId: stage.sessionId, raised: false })),

  // ------------------------------------------------------------------ channels and messages
  mutation('createChannel', 'input: CreateChannelInput!', () => ({ input: { name: `matrix:test:${randomBytes(6).toString('hex')}` } }), {
    passesAs: ['CHANNEL_LIMIT_REACHED'],
  }),
  mutation('addChannelMember', 'input: ChannelMemberInput!', ({ stage }) => ({ input: clubOwner(stage) }), {
    passesAs: ['ALREADY_CHANNEL_MEMBER'],
  }),
  mutation('removeChannelMember', 'input: ChannelMemberInput!', ({ stage }) => ({ input: clubOwner(stage) }), {
    passesAs: ['OWNER_CANNOT_LEAVE'],
  }),
  mutation('handOverChannel', 'input: ChannelMemberInput!', ({ stage }) => ({ input: clubOwner(stage) })),
  mutation('leaveChannel', 'channelId: ID!', ({ stage }) => ({ channelId: stage.clubId }), {
    passesAs: ['OWNER_CANNOT_LEAVE'],
    after: async ({ world, stage, role, allowed }) => {
      if (!allowed || role[stage.name].hosts) return;
      const input = { channelId: stage.clubId, userId: stage.author.user.id };
      await world.accounts.host.api.run(AddChannelMemberDocument, { input });
    },
  }),
  mutation('sendMessage', 'input: SendMessageInput!', ({ stage }) => ({ input: { channelId: stage.channelId, body: 'Hello.' } })),
  mutation('editMessage', 'input: EditMessageInput!', ({ stage }) => ({ input: { messageId: stage.messageId, body: 'Hello.' } })),
  mutation('deleteMessage', 'input: DeleteMessageInput!', async ({ stage, allowed }) => ({
    input: { messageId: allowed ? await send(stage.author, stage.channelId) : stage.messageId },
  })),
  mutation('addReaction', 'input: ReactionInput!', ({ stage }) => ({ input: { messageId: stage.messageId, emoji: '👏' } })),
  mutation('removeReaction', 'input: ReactionInput!', ({ stage }) => ({ input: { messageId: stage.messageId, emoji: '🎉' } })),
  mutation('pinMessage', 'input: PinMessageInput!', ({ stage }) => ({ input: { messageId: stage.messageId } })),
  mutation('unpinMessage', 'input: PinMessageInput!', ({ stage }) => ({ input: { messageId: stage.replyId } })),
  mutation('acknowledge', 'input: AcknowledgeInput!', ({ stage }) => ({
    input: { channelId: stage.channelId, cursor: stage.channelCursor },
  })),
  mutation('broadcastMessage', 'input: BroadcastMessageInput!', ({ stage }) => ({
    input: { channelIds: [stage.channelId], body: 'To all.' },
  })),
  mutation('inviteToChannel', 'input: ChannelMemberInput!', ({ stage }) => ({ input: clubOwner(stage) }), {
    passesAs: ['ALREADY_CHANNEL_MEMBER'],
  }),
  mutation('revokeChannelInvitation', 'input: ChannelMemberInput!', async ({ world, stage, allowed }) => {
    if (!allowed) return { input: clubOwner(stage) };
    const owner = stage.name === 'conference' ? world.accounts.host : world.accounts.client;
    const input = { channelId: stage.clubId, userId: (await registerAccount(world.app.url)).user.id };
    await owner.api.run(InviteToChannelDocument, { input });
    return { input };
  }),
  mutation('joinChannel', 'channelId: ID!', ({ stage }) => ({ channelId: stage.clubId })),
  mutation('declineChannelInvitation', 'channelId: ID!', ({ stage }) => ({ channelId: stage.clubId })),
  mutation('archiveChannel', 'channelId: ID!', ({ stage }) => ({ channelId: stage.clubId })),
  mutation('unarchiveChannel', 'channelId: ID!', ({ stage }) => ({ channelId: stage.clubId }), { passesAs: ['CHANNEL_LIMIT_REACHED'] }),
  mutation('updateChannelSettings', 'input: UpdateChannelSettingsInput!', ({ stage }) => ({
    input: { channelId: stage.clubId, slowModeSeconds: 0 },
  })),
  mutation('setTyping', 'input: SetTypingInput!', ({ stage }) => ({ input: { channelId: stage.channelId, typing: false } })),

  // ------------------------------------------------------------------ questions
  mutation('askQuestion', 'input: AskQuestionInput!', ({ stage }) => ({ input: { sessionId: stage.sessionId, body: 'And then?' } })),
  mutation('voteQuestion', 'input: VoteQuestionInput!', ({ stage }) => ({ input: { questionId: stage.questionId, value: 'UP' } })),
  mutation(
    'approveQuestion',
    'input: QuestionInput!',
    ({ stage, allowed }) => ({ input: { questionId: allowed ? stage.questionId : stage.pendingQuestionId } }),
    { only: 'conference' },
  ),
  mutation(
    'rejectQuestion',
    'input: RejectQuestionInput!',
    ({ stage }) => ({ input: { questionId: stage.pendingQuestionId, reason: 'Not here.' } }),
    { only: 'conference' },
  ),
  mutation('reportQuestion', 'input: ReportQuestionInput!', ({ stage }) => ({
    input: { questionId: stage.questionId, reason: 'OFF_TOPIC' },
  })),
  mutation(
    'dismissReports',
    'input: QuestionInput!',
    question(({ answeredQuestionId }) => answeredQuestionId),
  ),
  mutation(
    'markAnsweredLive',
    'input: QuestionInput!',
    question(({ answeredQuestionId }) => answeredQuestionId),
  ),
  mutation(
    'resetVotes',
    'input: QuestionInput!',
    question(({ answeredQuestionId }) => answeredQuestionId),
  ),
  mutation('mergeQuestions', 'input: MergeQuestionsInput!', async ({ stage, allowed }) => ({
    input: { intoId: stage.answeredQuestionId, fromId: allowed ? await ask(stage.author, stage.sessionId) : stage.questionId },
  })),
  mutation('deleteQuestion', 'input: QuestionInput!', async ({ stage, allowed }) => ({
    input: { questionId: allowed ? await ask(stage.author, stage.sessionId) : stage.questionId },
  })),
  mutation('hideQuestion', 'input: QuestionInput!', async ({ stage, allowed }) => ({
    input: { questionId: allowed ? await ask(stage.author, stage.sessionId) : stage.questionId },
  })),
  mutation('answerQuestion', 'input: AnswerQuestionInput!', ({ stage }) => ({
    input: { questionId: stage.answeredQuestionId, answer: 'Because.' },
  })),
  mutation(
    'pinQuestion',
    'input: QuestionInput!',
    question(({ answeredQuestionId }) => answeredQuestionId),
  ),
  mutation(
    'unpinQuestion',
    'input: QuestionInput!',
    question(({ questionId }) => questionId),
  ),
  mutation('editQuestion', 'input: EditQuestionInput!', ({ stage }) => ({ input: { questionId: stage.questionId, body: 'Why?' } })),
  mutation('withdrawQuestion', 'input: QuestionInput!', async ({ stage, allowed }) => ({
    input: { questionId: allowed ? await ask(stage.author, stage.sessionId) : stage.questionId },
  })),

  // ------------------------------------------------------------------ polls
  mutation('createPoll', 'input: CreatePollInput!', ({ stage }) => ({
    input: { sessionId: stage.sessionId, title: 'Which?', options: ['This', 'That'], open: false },
  })),
  mutation('openPoll', 'input: PollInput!', ({ stage }) => ({ input: { pollId: stage.pollId } })),
  mutation('closePoll', 'input: PollInput!', ({ stage }) => ({ input: { pollId: stage.closedPollId } })),
  mutation('resetPoll', 'input: PollInput!', ({ stage }) => ({ input: { pollId: stage.closedPollId } })),
  mutation('deletePoll', 'input: PollInput!', async ({ world, stage, allowed }) => {
    const host = stage.name === 'conference' ? world.accounts.host : world.accounts.client;
    return { input: { pollId: allowed ? await poll(host, stage.sessionId) : stage.pollId } };
  }),
  mutation('votePoll', 'input: VotePollInput!', ({ stage: { pollId } }) => ({ input: { pollId, optionIds: [`${pollId}.1`] } })),

  // ------------------------------------------------------------------ session reactions
  mutation('sendReaction', 'input: SendReactionInput!', ({ stage }) => ({ input: { sessionId: stage.sessionId, emoji: '👏' } })),

  // ------------------------------------------------------------------ collaboration
  mutation('addCollaborationItem', 'input: AddCollaborationItemInput!', ({ stage }) => ({
    input: { sessionId: stage.sessionId, list: 'NOTES', body: 'So it was said.' },
  })),
  mutation('editCollaborationItem', 'input: EditCollaborationItemInput!', item, { passesAs: ['ITEM_CHANGED'] }),
  mutation('moveCollaborationItem', 'input: MoveCollaborationItemInput!', item, { passesAs: ['ITEM_CHANGED'] }),
  mutation('removeCollaborationItem', 'input: RemoveCollaborationItemInput!', item, { passesAs: ['ITEM_CHANGED'] }),
  mutation('movePointer', 'input: MovePointerInput!', ({ stage }) => ({ input: { sessionId: stage.sessionId, x: 0.5, y: 0.5 } })),

  // ------------------------------------------------------------------ signaling
  mutation('sendSignal', 'input: SendSignalInput!', ({ stage, role }) => ({
    input: {
      sessionId: stage.sessionId,
      to: role[stage.name].hosts ? stage.authorAttendeeId : stage.hostAttendeeId,
      type: 'END',
      payload: {},
    },
  })),
  mutation('sendSignals', 'input: SendSignalsInput!', (attempt) => ({
    input: { ...session(attempt), signals: [{ to: other(attempt), type: 'END', payload: {} }] },
  })),
  mutation('reportQuality', 'input: ReportQualityInput!', (attempt) => ({
    input: { ...session(attempt), remoteId: other(attempt), state: 'NEW' },
  })),
  mutation('mediaToken', 'sessionId: ID!', session, { passesAs: ['MEDIA_SERVER_ABSENT'] }),

  // ------------------------------------------------------------------ calls
  // Nobody is rung: the one who would be is in a call, or the caller has just been found in one.
  mutation(
    'startCall',
    'input: StartCallInput!',
    (attempt) => ({
      input: { ...session(attempt), calleeId: other(attempt), peerId: 'matrix', ringSeconds: 5 },
    }),
    { passesAs: ['ALREADY_IN_CALL'] },
  ),
  mutation('answerCall', 'input: AnswerCallInput!', ({ stage }) => ({ input: { callId: stage.callId, peerId: 'matrix' } }), OVER),
  ...['rejectCall', 'cancelCall', 'holdCall', 'resumeCall', 'hangUpCall'].map((name) =>
    mutation(name, 'callId: ID!', ({ stage }) => ({ callId: stage.callId }), OVER),
  ),

  // ------------------------------------------------------------------ notifications
  query('notifications', '', '{ edges { node { id } } }', () => ({})),
  query('unreadNotificationCount', '', '', () => ({})),
  query('notificationPreferences', '', '{ type }', () => ({})),
  query('notificationEvents', '', EVENT, () => ({})),
  mutation('markNotificationRead', 'notificationId: ID!', () => ({ notificationId: NO_NOTIFICATION }), {
    // Everybody has their own, and this is nobody's.
    expects: (facts, caller) => (MODEL.user(facts, caller) === 'allowed' ? 'nothing' : MODEL.user(facts, caller)),
  }),
  mutation('markAllNotificationsRead', '', () => ({})),
  mutation('setNotificationPreference', 'input: NotificationPreferenceInput!', () => ({
    input: { type: 'SYSTEM_UPDATE', port: 'PUSH', enabled: false },
  })),
  mutation('publishNotification', 'input: PublishNotificationInput!', ({ stage }) => ({ input: noticeTo(stage) })),
  mutation('reportProgress', 'input: ReportProgressInput!', ({ stage }) => ({ input: { ...noticeTo(stage), done: 1 } })),

  // ------------------------------------------------------------------ subscription starts
  subscription('notificationEvents', '', () => ({})),
  subscription('sessionEvents', 'sessionId: ID!', session),
  subscription('channelEvents', 'channelId: ID!', channel),
  subscription('signals', 'sessionId: ID!', session),
  subscription('waiting', 'sessionId: ID!', session),
  subscription('presence', 'sessionId: ID!', session),
  subscription('presenceCount', 'sessionId: ID!', session),
  subscription('collaborationEvents', 'sessionId: ID!', session),
  subscription('pointers', 'sessionId: ID!', session, { meanwhile: othersPoint }),
  subscription('callEvents', 'sessionId: ID!, peerId: String!', peer),
  subscription('qualityEvents', 'sessionId: ID!', session),
  subscription('questionTallies', 'sessionId: ID!', session, { meanwhile: othersVote }),
  subscription('pollResults', 'sessionId: ID!', session, { meanwhile: othersVoteInPoll }),
  subscription('sessionReactions', 'sessionId: ID!', session),
  subscription('receipts', 'channelId: ID!', channel, { meanwhile: othersRead }),
  subscription('typing', 'channelId: ID!', channel, { meanwhile: othersType }),
];

const NOT_INVITED: Verdict = 'FORBIDDEN NOT_INVITED';

/** Fields that no answer of today holds, each with the reason. */
export const UNREACHED: Readonly<Record<string, string>> = {
  'Subscription.connectionEvents': "everybody's own: its one event comes when a token is about to expire (tests/e2e/revocation.test.ts)",
  'Channel.archivedAt': 'nothing is archived there (tests/e2e/channels.test.ts)',
  'EndSessionPayload.invoice': 'comes with endSession, whose rule is the same; no session is metered yet',
};
