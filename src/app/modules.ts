import type {
  AuthConfig,
  ChannelsConfig,
  HooksConfig,
  IceConfig,
  LivekitConfig,
  MailConfig,
  SessionsConfig,
  SignInConfig,
} from '../config/config';
import type { AccessTable } from '../graphql/access';
import { graphqlAccess } from '../graphql/graphql.access';
import type { NodeLoaders } from '../graphql/node';
import { NodeResolver } from '../graphql/node';
import type { RoomParts } from '../graphql/room';
import type { Viewer } from '../lib/viewer';
import type { OperationGate } from '../modules/abuse';
import { abuseAccess } from '../modules/abuse/abuse.access';
import { abuseResolvers, createAbuseRoom } from '../modules/abuse/abuse.module';
import { accountsAccess } from '../modules/accounts/accounts.access';
import { accountsResolvers, createAccountsRoom } from '../modules/accounts/accounts.module';
import { apiKeysAccess } from '../modules/api-keys/api-keys.access';
import { apiKeysResolvers, createApiKeysRoom } from '../modules/api-keys/api-keys.module';
import type { AttendeeService, EngagementSource } from '../modules/attendees';
import { attendeesAccess } from '../modules/attendees/attendees.access';
import { attendeesResolvers, createAttendeesRoom } from '../modules/attendees/attendees.module';
import { createAuditRoom } from '../modules/audit/audit.module';
import { auditLogAccess } from '../modules/audit-log/audit-log.access';
import type { AuditLogRoom } from '../modules/audit-log/audit-log.module';
import { auditLogResolvers, createAuditLogRoom } from '../modules/audit-log/audit-log.module';
import type { AuthService, IsOver } from '../modules/auth';
import { authAccess } from '../modules/auth/auth.access';
import { authResolvers, createAuthRoom } from '../modules/auth/auth.module';
import { billingAccess } from '../modules/billing/billing.access';
import { billingResolvers, createBillingRoom } from '../modules/billing/billing.module';
import { callsAccess } from '../modules/calls/calls.access';
import { callsResolvers, createCallsRoom } from '../modules/calls/calls.module';
import type { ChannelService } from '../modules/channels';
import { channelsAccess } from '../modules/channels/channels.access';
import { channelsResolvers, createChannelsRoom } from '../modules/channels/channels.module';
import { contentPolicyAccess } from '../modules/content-policy/content-policy.access';
import { contentPolicyResolvers, createContentPolicyRoom } from '../modules/content-policy/content-policy.module';
import type { HooksRoom } from '../modules/hooks/hooks.module';
import { createHooksRoom } from '../modules/hooks/hooks.module';
import type { MessageService } from '../modules/messages';
import { messagesAccess } from '../modules/messages/messages.access';
import { createMessagesRoom, messagesResolvers } from '../modules/messages/messages.module';
import { SmtpMailer } from '../modules/notifications';
import { notificationsAccess } from '../modules/notifications/notifications.access';
import { createNotificationsRoom, notificationsResolvers } from '../modules/notifications/notifications.module';

import type { OrganizationCompanion } from '../modules/organizations';
import { organizationsAccess } from '../modules/organizations/organizations.access';
import { createOrganizationsRoom, organizationsResolvers } from '../modules/organizations/organizations.module';
import { pollsAccess } from '../modules/polls/polls.access';
import { createPollsRoom, pollsResolvers } from '../modules/polls/polls.module';
import type { QuestionService, VoteService } from '../modules/questions';
import { qualityAccess } from '../modules/quality/quality.access';
import { createQualityRoom, qualityResolvers } from '../modules/quality/quality.module';
import { questionsAccess } from '../modules/questions/questions.access';
import { createQuestionsRoom, questionsResolvers } from '../modules/questions/questions.module';
import { collaborationAccess } from '../modules/collaboration/collaboration.access';
import { collaborationResolvers, createCollaborationRoom } from '../modules/collaboration/collaboration.module';
import { sessionEventsAccess } from '../modules/session-events/session-events.access';
import { createSessionEventsRoom, sessionEventsResolvers } from '../modules/session-events/session-events.module';
import { sessionReactionsAccess } from '../modules/session-reactions/session-reactions.access';
import { createSessionReactionsRoom, sessionReactionsResolvers } from '../modules/session-reactions/session-reactions.module';
import { sessionsAccess } from '../modules/sessions/sessions.access';
import { createSessionsRoom, sessionsResolvers } from '../modules/sessions/sessions.module';
import type { SessionActivity, SessionAudience, SessionCompanion, SessionService } from '../modules/sessions';
import type { BrowserSignIn } from '../modules/sign-in';
import { signInAccess } from '../modules/sign-in/sign-in.access';
import { createSignInRoom, signInResolvers } from '../modules/sign-in/sign-in.module';
import { signalingAccess } from '../modules/signaling/signaling.access';
import { createSignalingRoom, signalingResolvers } from '../modules/signaling/signaling.module';
import { usersAccess } from '../modules/users/users.access';
import { createUsersRoom, usersResolvers } from '../modules/users/users.module';
import type { Consumer } from '../realtime/consumer';
import type { Kernel } from '../realtime/kernel';
import type { RetentionRule } from '../realtime/retention';

/** What a room declares before there is a database: its resolver classes, and who may reach each field. */
export interface DeclaredRoom {
  readonly name: string;
  readonly resolvers: readonly (new (...args: never[]) => unknown)[];
  readonly access: AccessTable;
}

/** Every room in order of rank: enough to print the schema and its table of rights. */
export const ROOMS: readonly DeclaredRoom[] = [
  { name: 'graphql', resolvers: [NodeResolver], access: graphqlAccess },
  { name: 'users', resolvers: usersResolvers, access: usersAccess },
  { name: 'abuse', resolvers: abuseResolvers, access: abuseAccess },
  { name: 'organizations', resolvers: organizationsResolvers, access: organizationsAccess },
  { name: 'audit-log', resolvers: auditLogResolvers, access: auditLogAccess },
  { name: 'content-policy', resolvers: contentPolicyResolvers, access: contentPolicyAccess },
  { name: 'auth', resolvers: authResolvers, access: authAccess },
  { name: 'accounts', resolvers: accountsResolvers, access: accountsAccess },
  { name: 'api-keys', resolvers: apiKeysResolvers, access: apiKeysAccess },
  { name: 'sign-in', resolvers: signInResolvers, access: signInAccess },
  { name: 'sessions', resolvers: sessionsResolvers, access: sessionsAccess },
  { name: 'attendees', resolvers: attendeesResolvers, access: attendeesAccess },
  { name: 'channels', resolvers: channelsResolvers, access: channelsAccess },
  { name: 'calls', resolvers: callsResolvers, access: callsAccess },
  { name: 'messages', resolvers: messagesResolvers, access: messagesAccess },
  { name: 'polls', resolvers: pollsResolvers, access: pollsAccess },
  { name: 'questions', resolvers: questionsResolvers, access: questionsAccess },
  { name: 'session-reactions', resolvers: sessionReactionsResolvers, access: sessionReactionsAccess },
  { name: 'signaling', resolvers: signalingResolvers, access: signalingAccess },
  { name: 'collaboration', resolvers: collaborationResolvers, access: collaborationAccess },
  { name: 'quality', resolvers: qualityResolvers, access: qualityAccess },
  { name: 'session-events', resolvers: sessionEventsResolvers, access: sessionEventsAccess },
  { name: 'billing', resolvers: billingResolvers, access: billingAccess },
  { name: 'notifications', resolvers: notificationsResolvers, access: notificationsAccess },
];

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** How long each kind of stream can be resumed. Rows (messages, questions) are kept regardless. */
export const RETENTION: readonly RetentionRule[] = [
  { kind: 'signals', keepMs: 60_000 },
  { kind: 'access', keepMs: HOUR_MS },
  { kind: 'quality', keepMs: HOUR_MS },
  { kind: 'calls', keepMs: DAY_MS },
  // State: whoever comes back later reads the totals.
  { kind: 'reactions', keepMs: 5 * 60_000 },
  { kind: 'votes', keepMs: DAY_MS },
  { kind: 'ballots', keepMs: DAY_MS },
  { kind: 'receipts', keepMs: HOUR_MS },
  { kind: 'session', keepMs: 7 * DAY_MS },
  { kind: 'channel', keepMs: 7 * DAY_MS },
  { kind: 'organization', keepMs: 7 * DAY_MS },
  { kind: 'collaboration', keepMs: 7 * DAY_MS },
  { kind: 'hooks', keepMs: 7 * DAY_MS },
  { kind: 'notifications', keepMs: 7 * DAY_MS },
  { kind: 'applications', keepMs: DAY_MS },
];

export interface Modules {
  readonly resolvers: readonly object[];
  readonly authenticate: (authorization: string | null) => Promise<Viewer>;
  readonly browserSignIn: BrowserSignIn;
  /** Of tokens, for those who check them themselves. */
  readonly publicKeys: readonly object[];
  readonly openAuditFile: AuditLogRoom['openFile'];
  readonly receiveWebhook: HooksRoom['receive'];
  /** Who reads the whole log. */
  readonly consumers: readonly Consumer[];
  /** Before every operation. */
  readonly gate: OperationGate;
  /** For the seed, which plays a small session by the same rules as everyone. */
  readonly services: Services;
  /** From here on `onEnded` is told whose connections must end. */
  followRevocations(onEnded: (isOver: IsOver) => void): Promise<void>;
  /** Ends what the rooms do by themselves. Idempotent. */
  close(): Promise<void>;
}

export interface Services {
  readonly auth: AuthService;
  readonly sessions: SessionService;
  readonly attendees: AttendeeService;
  readonly channels: ChannelService;
  readonly messages: MessageService;
  readonly questions: QuestionService;
  readonly votes: VoteService;
}

export interface ModulesConfig {
  readonly auth: AuthConfig;
  readonly signIn: SignInConfig;
  readonly ice: IceConfig;
  readonly livekit: LivekitConfig | null;
  readonly sessions: SessionsConfig;
  readonly channels: ChannelsConfig;
  readonly hooks: HooksConfig;
  /** Null: no letters. */
  readonly mail: MailConfig | null;
}

/** What rooms ask of rooms above them; set as those are built, before anything can ask. */
interface Above {
  organizationCompanions: readonly OrganizationCompanion[];
  companions: readonly SessionCompanion[];
  activity: readonly SessionActivity[];
  engagement: readonly EngagementSource[];
  audience?: SessionAudience;
}

/** Builds the rooms, lowest rank first; each gets only what it asks for. */
export function createModules(kernel: Kernel, config: ModulesConfig, onError: (error: unknown) => void): Modules {
  const above: Above = { organizationCompanions: [], companions: [], activity: [], engagement: [] };

  const { audit } = createAuditRoom();
  const usersRoom = createUsersRoom({ kernel });
  const { users } = usersRoom;
  const abuseRoom = createAbuseRoom({ kernel, audit, users, onError });
  const organizationsRoom = createOrganizationsRoom({ kernel, audit, users, companions: () => above.organizationCompanions });
  const lower = { kernel, audit, users, organizations: organizationsRoom.organizations };
  const auditLogRoom = createAuditLogRoom(lower);
  const contentPolicyRoom = createContentPolicyRoom(lower);
  const { contentPolicies: screen } = contentPolicyRoom;
  const hooksRoom = createHooksRoom({ kernel, sources: config.hooks });
  const authRoom = createAuthRoom({ ...lower, config: config.auth });
  const { auth, signIns, attempts, tokens, revocations } = authRoom;
  const accountsRoom = createAccountsRoom({ ...lower, revocations });
  const apiKeysRoom = createApiKeysRoom({ ...lower, revocations, authenticateToken: authRoom.authenticate });
  const { apiKeys } = apiKeysRoom;
  const signInRoom = createSignInRoom({ ...lower, config: config.signIn, auth, signIns, attempts, apiKeys });
  const sessionsRoom = createSessionsRoom({
    ...lower,
    joinUrl: config.sessions.joinUrl,
    companions: () => above.companions,
    audience: () => required(above.audience),
    activity: () => above.activity,
    sfuAbove: config.sessions.sfuAbove,
  });
  const { sessions, oversight, orphans, guesses } = sessionsRoom;
  const engagement = (): readonly EngagementSource[] => above.engagement;
  const attendeesRoom = createAttendeesRoom({
    ...lower,
    ...config.sessions,
    sessions,
    oversight,
    guesses,
    tokens,
    orphans,
    engagement,
    onError,
  });
  const { attendance } = attendeesRoom;
  const channelsRoom = createChannelsRoom({ ...lower, sessions, attendance, archiveAfterMs: config.channels.archiveAfterMs, onError });
  const callsRoom = createCallsRoom({ kernel, sessions, attendance, onError });
  above.organizationCompanions = [apiKeysRoom.companion, channelsRoom.channelMemberships];
  above.audience = attendeesRoom.audience;
  const messagesRoom = createMessagesRoom({
    kernel,
    organizations: organizationsRoom.organizations,
    channelAccess: channelsRoom.channelAccess,
    screen,
    presence: channelsRoom.presence,
    perMinute: config.channels.messagesPerMinute,
  });
  const questionsRoom = createQuestionsRoom({ kernel, audit, users, sessions, oversight, attendance, screen });
  const pollsRoom = createPollsRoom({ kernel, audit, users, sessions, oversight, attendance });
  const sessionReactionsRoom = createSessionReactionsRoom({ kernel, sessions, attendance });
  above.engagement = [messagesRoom.engagement, questionsRoom.engagement];
  const collaborationRoom = createCollaborationRoom({ kernel, sessions, attendance });
  above.activity = [
    channelsRoom.channels,
    questionsRoom.activity,
    pollsRoom.activity,
    sessionReactionsRoom.activity,
    collaborationRoom.activity,
  ];
  const signalingRoom = createSignalingRoom({ kernel, ice: config.ice, livekit: config.livekit, sessions, attendance });
  const { signaling } = signalingRoom;
  const qualityRoom = createQualityRoom({ kernel, sessions, attendance, signaling, calls: callsRoom.calls });
  above.companions = [
    attendeesRoom.companion,
    channelsRoom.channels,
    callsRoom.calls,
    pollsRoom.polls,
    collaborationRoom.companion,
    qualityRoom.quality,
  ];

  const notificationsRoom = createNotificationsRoom({
    ...lower,
    sessions,
    attendance,
    channelAccess: channelsRoom.channelAccess,
    messages: messagesRoom.messages,
    ports: config.mail === null ? [] : [new SmtpMailer(config.mail)],
    onError,
  });

  const rooms: readonly RoomParts[] = [
    usersRoom,
    abuseRoom,
    organizationsRoom,
    auditLogRoom,
    contentPolicyRoom,
    authRoom,
    accountsRoom,
    apiKeysRoom,
    signInRoom,
    sessionsRoom,
    attendeesRoom,
    channelsRoom,
    callsRoom,
    messagesRoom,
    pollsRoom,
    questionsRoom,
    sessionReactionsRoom,
    signalingRoom,
    collaborationRoom,
    qualityRoom,
    createSessionEventsRoom({ kernel, attendance }),
    createBillingRoom(),
    notificationsRoom,
  ];
  const nodes: NodeLoaders = Object.fromEntries(rooms.flatMap((room) => Object.entries(room.nodes ?? {})));
  return {
    resolvers: [new NodeResolver(nodes), ...rooms.flatMap((room) => room.resolvers)],
    authenticate: apiKeysRoom.authenticate,
    browserSignIn: signInRoom.browserSignIn,
    publicKeys: tokens.publicKeys(),
    openAuditFile: auditLogRoom.openFile,
    receiveWebhook: hooksRoom.receive,
    consumers: [notificationsRoom.consumer],
    services: {
      auth,
      sessions,
      attendees: attendeesRoom.attendees,
      channels: channelsRoom.channels,
      messages: messagesRoom.messages,
      questions: questionsRoom.questions,
      votes: questionsRoom.votes,
    },
    gate: abuseRoom.gate,
    followRevocations: (onEnded) => revocations.follow(onEnded),
    close: async () => {
      revocations.close();
      await Promise.all([attendeesRoom.close(), channelsRoom.close(), abuseRoom.close(), callsRoom.close(), notificationsRoom.close()]);
    },
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a room was asked before it was wired');
  return value;
}
