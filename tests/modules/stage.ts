import type { GuestViewer, UserViewer, Viewer } from '../../src/lib/viewer';
import { ANONYMOUS } from '../../src/lib/viewer';
import type { CallsRoom } from '../../src/modules/calls/calls.module';
import { createCallsRoom } from '../../src/modules/calls/calls.module';
import type { CollaborationRoom } from '../../src/modules/collaboration/collaboration.module';
import { createCollaborationRoom } from '../../src/modules/collaboration/collaboration.module';
import type { ChannelRecord } from '../../src/modules/channels';
import type { ChannelArchiver } from '../../src/modules/channels/channel-archiver';
import type { ChannelsRoom } from '../../src/modules/channels/channels.module';
import { createChannelsRoom } from '../../src/modules/channels/channels.module';
import type { ContentPolicyRoom } from '../../src/modules/content-policy/content-policy.module';
import { createContentPolicyRoom } from '../../src/modules/content-policy/content-policy.module';
import type { MessagesRoom } from '../../src/modules/messages/messages.module';
import { createMessagesRoom } from '../../src/modules/messages/messages.module';
import type { PollsRoom } from '../../src/modules/polls/polls.module';
import { createPollsRoom } from '../../src/modules/polls/polls.module';
import type { QualityRoom } from '../../src/modules/quality/quality.module';
import { createQualityRoom } from '../../src/modules/quality/quality.module';
import type { QuestionRecord } from '../../src/modules/questions/question.repository';
import type { QuestionsRoom } from '../../src/modules/questions/questions.module';
import { createQuestionsRoom } from '../../src/modules/questions/questions.module';
import type { SessionEventsRoom } from '../../src/modules/session-events/session-events.module';
import { createSessionEventsRoom } from '../../src/modules/session-events/session-events.module';
import type { SessionReactionsRoom } from '../../src/modules/session-reactions/session-reactions.module';
import { createSessionReactionsRoom } from '../../src/modules/session-reactions/session-reactions.module';
import type { SessionRecord } from '../../src/modules/sessions';
import type { SessionDraft } from '../../src/modules/sessions/session-draft';
import type { SignalingRoom } from '../../src/modules/signaling/signaling.module';
import { createSignalingRoom } from '../../src/modules/signaling/signaling.module';
import type { Database } from '../../src/persistence/database';
import type { DatabaseKind } from '../support/databases';
import { openTestDatabase } from '../support/databases';
import { createTestKernel } from '../support/test-kernel';
import type { RoomOptions, Rooms } from './rooms';
import { by } from './by';
import { createRooms, guestOf } from './rooms';

export interface Show {
  readonly host: UserViewer;
  readonly session: SessionRecord;
  readonly channel: ChannelRecord;
}

export interface Stage extends Rooms {
  readonly channels: ChannelsRoom['channels'];
  readonly channelAccess: ChannelsRoom['channelAccess'];
  readonly channelMemberships: ChannelsRoom['channelMemberships'];
  readonly contentPolicies: ContentPolicyRoom['contentPolicies'];
  readonly channelStates: ChannelsRoom['channelStates'];
  readonly directory: ChannelsRoom['directory'];
  readonly channelInvitations: ChannelsRoom['invitations'];
  readonly channelPresence: ChannelsRoom['presence'];
  /** Looks for inactive channels when it is told to. */
  readonly archiver: ChannelArchiver;
  readonly messages: MessagesRoom['messages'];
  readonly replies: MessagesRoom['replies'];
  readonly edits: MessagesRoom['edits'];
  readonly reactions: MessagesRoom['reactions'];
  readonly pins: MessagesRoom['pins'];
  readonly receipts: MessagesRoom['receipts'];
  readonly broadcasts: MessagesRoom['broadcasts'];
  readonly monitor: MessagesRoom['monitor'];
  readonly searches: MessagesRoom['searches'];
  readonly typing: MessagesRoom['typing'];
  readonly questions: QuestionsRoom['questions'];
  readonly votes: QuestionsRoom['votes'];
  readonly curation: QuestionsRoom['curation'];
  readonly desk: QuestionsRoom['desk'];
  readonly tallies: QuestionsRoom['tallies'];
  readonly polls: PollsRoom['polls'];
  readonly pollVoting: PollsRoom['pollVoting'];
  readonly pollResults: PollsRoom['pollResults'];
  readonly sessionReactions: SessionReactionsRoom['sessionReactions'];
  readonly collaboration: CollaborationRoom['collaboration'];
  readonly pointers: CollaborationRoom['pointers'];
  /** Sweeps when it is told to. */
  readonly calls: CallsRoom['calls'];
  readonly signaling: SignalingRoom['signaling'];
  readonly media: SignalingRoom['media'];
  readonly quality: QualityRoom['quality'];
  readonly sessionEvents: SessionEventsRoom['sessionEvents'];
  /** A live conference with its host and its channel. */
  live(draft?: Partial<SessionDraft>): Promise<Show>;
  /** A live call of two users, both present. */
  call(): Promise<Show & { readonly client: UserViewer; readonly advisor: UserViewer }>;
  guest(session: SessionRecord, displayName?: string): Promise<GuestViewer>;
  ask(viewer: Viewer, session: SessionRecord, body?: string): Promise<QuestionRecord>;
}

/** Tests do not wait for it: they set the database's times back. */
export const ARCHIVE_AFTER_MS = 90 * 86_400_000;

export const LIVEKIT = { url: 'wss://media.example.org', apiKey: 'APItest', apiSecret: 'a-secret-for-tests-of-more-than-32-bytes' };
const ICE = { stunUrls: ['stun:stun.example.org:3478'], turnUrls: ['turn:turn.example.org:3478'], turnSecret: 'turn-secret' };

export interface StageOptions extends RoomOptions {
  /** Messages of one sender in one channel. */
  readonly perMinute?: number;
}

/** All rooms of a live session, wired as `app` wires them. */
export function setStage(database: Database, options: StageOptions = {}): Stage {
  const kernel = options.kernel ?? createTestKernel(database);
  const rooms = createRooms(database, {
    ...options,
    kernel,
    organizationCompanions: () => [upper.channelMemberships],
    companions: () => [upper.channels, calls, polling.polls, shared.companion, quality],
    activity: () => [upper.channels, asking.activity, polling.activity, reacting.activity, shared.activity],
    engagement: () => [talking.engagement, asking.engagement],
  });
  const limited = options.rateLimiter === undefined ? kernel : { ...kernel, rateLimiter: options.rateLimiter };
  const { audit, users, organizations, sessions, oversight, attendance } = rooms;
  const upper = createChannelsRoom({ kernel, audit, users, organizations, sessions, attendance, archiveAfterMs: ARCHIVE_AFTER_MS });
  const { contentPolicies } = createContentPolicyRoom({ kernel, audit, organizations });
  const screen = contentPolicies;
  const { channels, channelAccess, channelMemberships, channelStates, directory, presence } = upper;
  const { perMinute } = options;
  const talking = createMessagesRoom({ kernel: limited, organizations, channelAccess, screen, presence, perMinute });
  const { messages, replies, edits, reactions, pins, receipts, broadcasts, monitor, searches, typing } = talking;
  const asking = createQuestionsRoom({ kernel, audit, users, sessions, oversight, attendance, screen });
  const { questions, votes, curation, desk, tallies } = asking;
  const { pace } = options;
  const polling = createPollsRoom({ kernel, audit, users, sessions, oversight, attendance, pace });
  const { polls, pollVoting, pollResults } = polling;
  const reacting = createSessionReactionsRoom({ kernel: limited, sessions, attendance, pace });
  const { sessionReactions } = reacting;
  const shared = createCollaborationRoom({ kernel, sessions, attendance });
  const { collaboration, pointers } = shared;
  const { calls } = createCallsRoom({ kernel: limited, sessions, attendance });
  const { signaling, media } = createSignalingRoom({
    kernel: limited,
    ice: ICE,
    livekit: LIVEKIT,
    sessions,
    attendance,
    clock: options.clock,
  });
  const { quality } = createQualityRoom({ kernel: limited, sessions, attendance, signaling, calls });
  const { sessionEvents } = createSessionEventsRoom({ kernel, attendance });

  const start = async (host: UserViewer, draft: Partial<SessionDraft>): Promise<Show> => {
    const { id } = await rooms.conference(host, draft);
    const session = await sessions.command(by(host), id, 'start');
    const [channel] = await channels.listBySessions([id]);
    if (channel === undefined) throw new Error('a session without its channel');
    return { host, session, channel };
  };

  return {
    ...rooms,
    channels,
    channelAccess,
    channelMemberships,
    contentPolicies,
    channelStates,
    directory,
    channelInvitations: upper.invitations,
    channelPresence: presence,
    archiver: upper.archiver!,
    messages,
    replies,
    edits,
    reactions,
    pins,
    receipts,
    broadcasts,
    monitor,
    searches,
    typing,
    questions,
    votes,
    curation,
    desk,
    tallies,
    polls,
    pollVoting,
    pollResults,
    sessionReactions,
    collaboration,
    pointers,
    calls,
    signaling,
    media,
    quality,
    sessionEvents,
    close: async () => {
      await upper.close();
      await rooms.close();
    },
    live: async (draft = {}) => start(await rooms.user('Host'), draft),
    call: async () => {
      const [client, advisor] = [await rooms.user('Client'), await rooms.user('Advisor')];
      const show = await start(client, { kind: 'CALL', advisorId: advisor.userId });
      for (const party of [client, advisor]) await rooms.attendees.join(party, { code: show.session.code });
      return { ...show, client, advisor };
    },
    guest: async (session, displayName = 'Guest') => guestOf(await rooms.attendees.join(ANONYMOUS, { code: session.code, displayName })),
    ask: (viewer, session, body = 'Why?') => questions.ask(viewer, { sessionId: session.id, body, anonymous: false }),
  };
}

/** Two instances on a database of their own; they share the bus and the presence store. */
export interface TwoStages {
  readonly database: Database;
  readonly stage: Stage;
  readonly there: Stage;
  close(): Promise<void>;
}

export async function openTwoStages(kind: DatabaseKind, options: Pick<RoomOptions, 'pace'> = {}): Promise<TwoStages> {
  const { database, drop } = await openTestDatabase(kind);
  const stage = setStage(database, options);
  const { bus, presence } = stage.kernel;
  const there = setStage(database, { ...options, kernel: createTestKernel(database, bus, presence) });
  const close = async (): Promise<void> => {
    await Promise.all([stage.close(), there.close()]);
    await Promise.all([stage.kernel.close(), there.kernel.close()]);
    await drop();
  };
  return { database, stage, there, close };
}
