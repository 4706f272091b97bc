import type { Actor } from '../../lib/actor';
import { ANONYMOUS } from '../../lib/viewer';
import type { GuestViewer, UserViewer, Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { UserService } from '../users';
import { normalizeEmail } from '../users';
import type { Attempts } from './attempts';
import { accountSuspended, credentialsInvalid, noEmail, noPassword, refreshTokenReused, tokenInvalid, tokenRevoked } from './auth.errors';
import { asUser, requirePerson } from './auth.policy';
import { bearerToken } from './bearer';
import type { PasswordHasher } from './password-hasher';
import type { RefreshTokenRepository, Standing } from './refresh-token.repository';
import type { Revocations } from './revocations';
import type { SignIn, SignIns } from './sign-ins';
import type { TokenService } from './token.service';

/** How long after a sign-in a first password may be set without a current one. */
const RECENT_MS = 10 * 60_000;

export interface AuthServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly tokens: TokenService;
  readonly refreshTokens: RefreshTokenRepository;
  readonly signIns: SignIns;
  readonly passwords: PasswordHasher;
  readonly attempts: Attempts;
  readonly revocations: Revocations;
}

/** Sign-in by password, and what keeps any sign-in alive or ends it. */
export class AuthService {
  constructor(private readonly deps: AuthServiceDeps) {}

  async register(input: { email: string; password: string; displayName: string }, actor: Actor): Promise<SignIn> {
    const { kernel, audit, users, organizations, passwords, signIns, attempts } = this.deps;
    await attempts.registration(actor.address);
    const passwordHash = await passwords.hash(input.password);
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const user = await users.create(tx, { email: normalizeEmail(input.email), displayName: input.displayName.trim(), passwordHash });
      await organizations.createPersonal(tx, user);
      audit.record(tx, asUser(actor, user.id), { action: 'account.registered', targetId: user.id, details: { method: 'password' } });
      const signIn = await signIns.start(tx, { id: user.id, epoch: 0 });
      if (signIn === null) throw new Error('a new account cannot sign in');
      return signIn;
    });
  }

  /** The same work whether the account exists or not, and whether it has a password: time tells nobody which. */
  async login(input: { email: string; password: string }, actor: Actor): Promise<SignIn> {
    const { kernel, audit, users, passwords, signIns, attempts } = this.deps;
    const email = normalizeEmail(input.email);
    await attempts.password(email, actor.address);
    const credentials = await users.findCredentials(email);
    const matches = await passwords.verify(credentials?.passwordHash ?? null, input.password);
    const proven = matches && credentials !== null ? { id: credentials.id, epoch: credentials.signInEpoch } : null;
    const signIn = await kernel.unitOfWork.run(async (tx) => {
      const started = proven && (await signIns.start(tx, proven));
      audit.record(tx, started === null ? actor : asUser(actor, started.user.id), {
        action: started === null ? 'sign_in.failed' : 'sign_in.succeeded',
        targetId: credentials?.id ?? null,
        details: { method: 'password' },
      });
      return started;
    });
    if (signIn !== null) return signIn;
    throw proven !== null && credentials?.suspendedAt != null ? accountSuspended() : credentialsInvalid();
  }

  /** A token that was spent before may be a thief's: the sign-in ends for both. */
  async refresh(refreshToken: string, actor: Actor): Promise<SignIn> {
    const renewal = await this.deps.signIns.renew(this.deps.kernel.database, refreshToken);
    if (renewal.outcome === 'renewed') return renewal.signIn;
    await this.end(actor, 'sign_in.token_reused', (tx) => this.deps.signIns.end(tx, renewal.familyId));
    throw refreshTokenReused();
  }

  async logout(actor: Actor): Promise<void> {
    const { familyId } = requirePerson(actor.viewer);
    await this.end(actor, 'sign_in.ended', (tx) => this.deps.signIns.end(tx, familyId));
  }

  /** For a browser whose access token is over already. Nothing to end is nothing wrong. */
  async logoutByToken(refreshToken: string, actor: Actor): Promise<void> {
    await this.end(actor, 'sign_in.ended', (tx) => this.deps.signIns.endByToken(tx, refreshToken));
  }

  async logoutEverywhere(actor: Actor): Promise<void> {
    const { kernel, audit, signIns } = this.deps;
    const { userId } = requirePerson(actor.viewer);
    await kernel.unitOfWork.run(async (tx) => {
      const signInsEnded = await signIns.endAll(tx, userId);
      audit.record(tx, actor, { action: 'sign_in.all_ended', targetId: userId, details: { signInsEnded } });
    });
  }

  /** Ends every other sign-in. Tries of the current password count as those of `login`. */
  async changePassword({ currentPassword, newPassword }: PasswordChange, actor: Actor): Promise<void> {
    const { kernel, audit, users, passwords, signIns, attempts } = this.deps;
    const { userId, familyId } = requirePerson(actor.viewer);
    const user = await users.find(kernel.database, userId);
    if (user === null) throw tokenRevoked();
    if (user.email === null) throw noEmail();
    await attempts.password(user.email, actor.address);
    const stored = await users.findPassword(userId);
    const mayChange = stored === null ? await this.maySetFirst(familyId) : await passwords.verify(stored, currentPassword ?? '');
    const passwordHash = await passwords.hash(newPassword);
    const changed = await kernel.unitOfWork.run(async (tx) => {
      const current = await users.lockPassword(tx, userId);
      if (!mayChange || current !== stored) {
        audit.record(tx, actor, { action: 'password.refused', targetId: userId });
        return false;
      }
      await users.setPassword(tx, userId, passwordHash);
      const signInsEnded = await signIns.endAll(tx, userId, { except: familyId });
      audit.record(tx, actor, { action: 'password.changed', targetId: userId, details: { signInsEnded } });
      return true;
    });
    if (!changed) throw stored === null ? noPassword() : credentialsInvalid();
  }

  /**
   * Who sent this `Authorization` value (also the `Authorization` of a connection_init). Nothing sent is anonymous; whatever is not
   * a live token of ours throws UNAUTHENTICATED. Reads the database once for who has an account (has the sign-in ended, is the account
   * suspended?), never for guests without one.
   */
  async authenticate(authorization: string | null): Promise<Viewer> {
    if (authorization === null) return ANONYMOUS;
    const token = bearerToken(authorization);
    if (token === null) throw tokenInvalid();
    const mark = this.deps.revocations.mark();
    const viewer = this.deps.tokens.verify(token);
    const standing = await this.standingOf(viewer);
    if (standing === 'suspended') throw accountSuspended();
    if (standing === 'over' || this.deps.revocations.hasEndedSince(mark, viewer)) throw tokenRevoked();
    return viewer;
  }

  private async standingOf(viewer: UserViewer | GuestViewer): Promise<Standing> {
    const { kernel, refreshTokens, users } = this.deps;
    if (viewer.kind === 'user') return refreshTokens.standingOf(kernel.database, viewer.familyId, viewer.userId);
    return viewer.userId !== undefined && (await users.isSuspended(kernel.database, viewer.userId)) ? 'suspended' : 'live';
  }

  private maySetFirst(familyId: string): Promise<boolean> {
    return this.deps.signIns.isRecent(this.deps.kernel.database, familyId, RECENT_MS);
  }

  /** `work` tells whose sign-in it ended; null: none. */
  private async end(actor: Actor, action: EndingAction, work: (tx: RecordingTx) => Promise<string | null>): Promise<void> {
    const { kernel, audit } = this.deps;
    await kernel.unitOfWork.run(async (tx) => {
      const userId = await work(tx);
      if (userId !== null) audit.record(tx, actor, { action, targetId: userId });
    });
  }
}

type EndingAction = 'sign_in.ended' | 'sign_in.token_reused';

export interface PasswordChange {
  /** Null only for an account that has none. */
  readonly currentPassword: string | null;
  readonly newPassword: string;
}
