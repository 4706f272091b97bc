import { randomBytes } from 'node:crypto';
import { secretJwtKey } from '../../src/config/jwt-keys';
import type { Clock } from '../../src/lib/clock';
import type { GuestViewer, UserViewer } from '../../src/lib/viewer';
import type { Joined } from '../../src/modules/attendees/attendee.service';
import type { OrphanSweeper } from '../../src/modules/attendees/orphan-sweeper';
import type { AttendeesRoom } from '../../src/modules/attendees/attendees.module';
import { createAttendeesRoom } from '../../src/modules/attendees/attendees.module';
import type { AccountsRoom } from '../../src/modules/accounts/accounts.module';
import { createAccountsRoom } from '../../src/modules/accounts/accounts.module';
import type { AuditTrail } from '../../src/modules/audit';
import type { EngagementSource } from '../../src/modules/attendees';
import type { AuthRoom } from '../../src/modules/auth/auth.module';
import type { ApiKeyService } from '../../src/modules/api-keys';
import { createApiKeysRoom } from '../../src/modules/api-keys/api-keys.module';
import { createAuditRoom } from '../../src/modules/audit/audit.module';
import { createAuthRoom } from '../../src/modules/auth/auth.module';
import type { OrganizationCompanion } from '../../src/modules/organizations';
import type { OrganizationsRoom } from '../../src/modules/organizations/organizations.module';
import { createOrganizationsRoom } from '../../src/modules/organizations/organizations.module';
import type { SessionActivity, SessionCompanion, SessionRecord } from '../../src/modules/sessions';
import type { SessionDraft } from '../../src/modules/sessions/session-draft';
import type { SessionsRoom } from '../../src/modules/sessions/sessions.module';
import { createSessionsRoom } from '../../src/modules/sessions/sessions.module';
import type { SignInRoom } from '../../src/modules/sign-in/sign-in.module';
import { createSignInRoom } from '../../src/modules/sign-in/sign-in.module';
import type { UsersRoom } from '../../src/modules/users/users.module';
import { createUsersRoom } from '../../src/modules/users/users.module';
import type { Database } from '../../src/persistence/database';
import type { StreamEvent } from '../../src/realtime/event';
import type { Pace } from '../../src/realtime/pace';
import type { RateLimiter } from '../../src/realtime/rate-limiter';
import type { TestKernel } from '../support/test-kernel';
import { createTestKernel } from '../support/test-kernel';

export interface Rooms {
  readonly kernel: TestKernel;
  readonly audit: AuditTrail;
  readonly users: UsersRoom['users'];
  readonly organizations: OrganizationsRoom['organizations'];
  readonly memberships: OrganizationsRoom['memberships'];
  readonly invitations: OrganizationsRoom['invitations'];
  readonly auth: AuthRoom['auth'];
  readonly identities: SignInRoom['identities'];
  readonly tokens: AuthRoom['tokens'];
  readonly revocations: AuthRoom['revocations'];
  readonly suspensions: AccountsRoom['suspensions'];
  readonly apiKeys: ApiKeyService;
  /** As the transport asks: a token or a key. */
  readonly authenticate: AuthRoom['authenticate'];
  readonly sessions: SessionsRoom['sessions'];
  readonly papers: SessionsRoom['papers'];
  readonly progress: SessionsRoom['progress'];
  readonly oversight: SessionsRoom['oversight'];
  readonly attendees: AttendeesRoom['attendees'];
  readonly moderation: AttendeesRoom['moderation'];
  readonly attendance: AttendeesRoom['attendance'];
  readonly presence: AttendeesRoom['presence'];
  readonly orphans: SessionsRoom['orphans'];
  /** Looks for orphans when it is told to. */
  readonly orphanSweeper: OrphanSweeper;
  readonly admissions: AttendeesRoom['admissions'];
  readonly presences: AttendeesRoom['presences'];
  readonly engagements: AttendeesRoom['engagements'];
  /** The same for who is not connected any more. */
  readonly lostSweeper: NonNullable<AttendeesRoom['lostSweeper']>;
  /** A user with a personal organization. Without the cost of a password: nobody logs in as them. */
  user(displayName?: string): Promise<UserViewer>;
  conference(host: UserViewer, draft?: Partial<SessionDraft>): Promise<SessionRecord>;
  /** Everything the session's stream holds. */
  history(sessionId: string): Promise<StreamEvent[]>;
  /** Takes leave of the presence store. */
  close(): Promise<void>;
}

/** Tests do not wait for it: they set the database's times back. */
export const ORPHAN_AFTER_MS = 3_600_000;

export interface RoomOptions {
  readonly kernel?: TestKernel;
  readonly clock?: Clock;
  readonly rateLimiter?: RateLimiter;
  /** Of higher rooms. */
  readonly organizationCompanions?: () => readonly OrganizationCompanion[];
  readonly companions?: () => readonly SessionCompanion[];
  readonly activity?: () => readonly SessionActivity[];
  readonly engagement?: () => readonly EngagementSource[];
  readonly heartbeatMs?: number;
  /** Of what is told in intervals. */
  readonly pace?: Pace;
  readonly graceMs?: number;
  readonly sfuAbove?: number;
}

/** The rooms from users to attendees, wired as `app` wires them. */
export function createRooms(database: Database, options: RoomOptions = {}): Rooms {
  const kernel = options.kernel ?? createTestKernel(database);
  const limited = options.rateLimiter === undefined ? kernel : { ...kernel, rateLimiter: options.rateLimiter };
  const { audit } = createAuditRoom();
  const { users } = createUsersRoom({ kernel });
  const companions = (): readonly OrganizationCompanion[] => [keys.companion, ...(options.organizationCompanions?.() ?? [])];
  const { organizations, memberships, invitations } = createOrganizationsRoom({ kernel, audit, users, companions });
  const config = { jwtKeys: [secretJwtKey('a-secret-for-tests-of-more-than-32-bytes')] } as const;
  const lower = { kernel, users, organizations, audit };
  const authRoom = createAuthRoom({ ...lower, kernel: limited, config, clock: options.clock });
  const { auth, signIns, attempts, tokens, revocations } = authRoom;
  const { suspensions } = createAccountsRoom({ ...lower, revocations });
  const keys = createApiKeysRoom({ ...lower, revocations, authenticateToken: authRoom.authenticate });
  const { apiKeys, authenticate } = keys;
  const signIn = { publicUrl: 'http://localhost', returnUrls: [], providers: [] };
  const { identities } = createSignInRoom({ ...lower, config: signIn, auth, signIns, attempts, apiKeys });
  const { sessions, papers, progress, oversight, orphans, guesses } = createSessionsRoom({
    kernel,
    audit,
    users,
    organizations,
    joinUrl: 'https://app.example.org/join/{code}',
    companions: () => [room.companion, ...(options.companions?.() ?? [])],
    audience: () => room.audience,
    activity: () => options.activity?.() ?? [],
    sfuAbove: options.sfuAbove,
  });
  const { heartbeatMs, graceMs } = options;
  const room = createAttendeesRoom({
    kernel,
    users,
    tokens,
    audit,
    sessions,
    guesses,
    oversight,
    orphans,
    orphanAfterMs: ORPHAN_AFTER_MS,
    heartbeatMs,
    graceMs,
    engagement: () => options.engagement?.() ?? [],
    tellEveryMs: 20,
  });

  const user = (displayName = 'Ada'): Promise<UserViewer> =>
    kernel.unitOfWork.as('system').run(async (tx) => {
      const profile = { displayName, email: `${randomBytes(8).toString('hex')}@example.org`, passwordHash: 'none' };
      const created = await users.create(tx, profile);
      await organizations.createPersonal(tx, created);
      return { kind: 'user', userId: created.id, familyId: 'none', expiresAt: new Date(Date.now() + 60_000) };
    });

  return {
    kernel,
    audit,
    users,
    organizations,
    memberships,
    invitations,
    auth,
    identities,
    tokens,
    revocations,
    suspensions,
    apiKeys,
    authenticate,
    sessions,
    papers,
    progress,
    oversight,
    attendees: room.attendees,
    moderation: room.moderation,
    attendance: room.attendance,
    presence: room.presence,
    orphans,
    orphanSweeper: room.orphanSweeper!,
    admissions: room.admissions,
    presences: room.presences,
    engagements: room.engagements,
    lostSweeper: room.lostSweeper!,
    close: () => room.close(),
    user,
    conference: (host, draft = {}) =>
      sessions.create(host, { title: 'All hands', kind: 'CONFERENCE', medium: 'VIDEO', capacity: 100, ...draft }),
    history: (sessionId) => kernel.log.read(`session:${sessionId}`, 0, 1_000),
  };
}

/** The viewer that the token of a join stands for. */
export function guestOf({ attendee, session, token }: Joined): GuestViewer {
  const { id: attendeeId, userId } = attendee;
  return { kind: 'guest', attendeeId, sessionId: session.id, expiresAt: token.expiresAt, ...(userId !== null && { userId }) };
}
