import type { AuthConfig, IceConfig, SessionsConfig } from '../config/config';
import type { NodeLoaders } from '../graphql/node';
import { NodeResolver } from '../graphql/node';
import type { RoomParts } from '../graphql/room';
import type { Viewer } from '../lib/viewer';
import type { AttendeeService } from '../modules/attendees';
import { attendeesResolvers, createAttendeesRoom } from '../modules/attendees/attendees.module';
import type { AuthService } from '../modules/auth';
import { authResolvers, createAuthRoom } from '../modules/auth/auth.module';
import { billingResolvers, createBillingRoom } from '../modules/billing/billing.module';
import type { ChannelService } from '../modules/channels';
import { channelsResolvers, createChannelsRoom } from '../modules/channels/channels.module';
import type { MessageService } from '../modules/messages';
import { createMessagesRoom, messagesResolvers } from '../modules/messages/messages.module';
import { createOrganizationsRoom, organizationsResolvers } from '../modules/organizations/organizations.module';
import type { QuestionService, VoteService } from '../modules/questions';
import { createQuestionsRoom, questionsResolvers } from '../modules/questions/questions.module';
import { createSessionEventsRoom, sessionEventsResolvers } from '../modules/session-events/session-events.module';
import { createSessionsRoom, sessionsResolvers } from '../modules/sessions/sessions.module';
import type { SessionActivity, SessionAudience, SessionCompanion, SessionService } from '../modules/sessions';
import { createSignalingRoom, signalingResolvers } from '../modules/signaling/signaling.module';
import { createUsersRoom, usersResolvers } from '../modules/users/users.module';
import type { Kernel } from '../realtime/kernel';
import type { RetentionRule } from '../realtime/retention';

/** Every resolver class, in order of rank: enough to print the schema, without a database. */
export const RESOLVER_CLASSES = [
  NodeResolver,
  ...usersResolvers,
  ...organizationsResolvers,
  ...authResolvers,
  ...sessionsResolvers,
  ...attendeesResolvers,
  ...channelsResolvers,
  ...messagesResolvers,
  ...questionsResolvers,
  ...signalingResolvers,
  ...sessionEventsResolvers,
  ...billingResolvers,
];

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long each kind of stream can be resumed. Rows (messages, questions) are kept regardless. */
export const RETENTION: readonly RetentionRule[] = [
  { kind: 'signals', keepMs: 60_000 },
  { kind: 'votes', keepMs: DAY_MS },
  { kind: 'session', keepMs: 7 * DAY_MS },
  { kind: 'channel', keepMs: 7 * DAY_MS },
];

export interface Modules {
  readonly resolvers: readonly object[];
  readonly authenticate: (authorization: string | null) => Promise<Viewer>;
  /** For the seed, which plays a small session by the same rules as everyone. */
  readonly services: Services;
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
  readonly ice: IceConfig;
  readonly sessions: SessionsConfig;
}

/** Builds the rooms, lowest rank first; each gets only what it asks for. */
export function createModules(kernel: Kernel, config: ModulesConfig, onError: (error: unknown) => void): Modules {
  // What `sessions` asks of rooms above it; set below, before anything can ask.
  const above: { companions: readonly SessionCompanion[]; activity: readonly SessionActivity[]; audience?: SessionAudience } = {
    companions: [],
    activity: [],
  };

  const usersRoom = createUsersRoom({ kernel });
  const organizationsRoom = createOrganizationsRoom({ kernel });
  const lower = { kernel, users: usersRoom.users, organizations: organizationsRoom.organizations };
  const authRoom = createAuthRoom({ ...lower, config: config.auth });
  const sessionsRoom = createSessionsRoom({
    ...lower,
    companions: () => above.companions,
    audience: () => required(above.audience),
    activity: () => above.activity,
  });
  const { sessions, orphans } = sessionsRoom;
  const { orphanAfterMs } = config.sessions;
  const attendeesRoom = createAttendeesRoom({ ...lower, sessions, tokens: authRoom.tokens, orphans, orphanAfterMs, onError });
  const { attendance } = attendeesRoom;
  const channelsRoom = createChannelsRoom({ ...lower, sessions, attendance });
  above.companions = [attendeesRoom.companion, channelsRoom.channels];
  above.audience = attendeesRoom.audience;
  const messagesRoom = createMessagesRoom({ kernel, channelAccess: channelsRoom.channelAccess });
  const questionsRoom = createQuestionsRoom({ kernel, sessions, attendance });
  above.activity = [channelsRoom.channels, questionsRoom.activity];
  const signalingRoom = createSignalingRoom({ kernel, ice: config.ice, sessions, attendance });

  const rooms: readonly RoomParts[] = [
    usersRoom,
    organizationsRoom,
    authRoom,
    sessionsRoom,
    attendeesRoom,
    channelsRoom,
    messagesRoom,
    questionsRoom,
    signalingRoom,
    createSessionEventsRoom({ kernel, attendance }),
    createBillingRoom(),
  ];
  const nodes: NodeLoaders = Object.fromEntries(rooms.flatMap((room) => Object.entries(room.nodes ?? {})));
  return {
    resolvers: [new NodeResolver(nodes), ...rooms.flatMap((room) => room.resolvers)],
    authenticate: authRoom.authenticate,
    services: {
      auth: authRoom.auth,
      sessions,
      attendees: attendeesRoom.attendees,
      channels: channelsRoom.channels,
      messages: messagesRoom.messages,
      questions: questionsRoom.questions,
      votes: questionsRoom.votes,
    },
    close: () => attendeesRoom.close(),
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a room was asked before it was wired');
  return value;
}
