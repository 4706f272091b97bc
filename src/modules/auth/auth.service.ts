import { createHash, randomBytes } from 'node:crypto';
import { ANONYMOUS } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { RateRule } from '../../realtime/rate-limiter';
import type { OrganizationService } from '../organizations';
import type { UserRecord, UserService } from '../users';
import { requireUser } from '../users';
import { credentialsInvalid, refreshTokenInvalid, refreshTokenReused, tokenInvalid, tokenRevoked, tooManyAttempts } from './auth.errors';
import type { PasswordHasher } from './password-hasher';
import type { RefreshTokenRepository } from './refresh-token.repository';
import type { TokenService } from './token.service';

const MINUTE_MS = 60_000;
const REFRESH_LIFETIME_MS = 30 * 24 * 60 * MINUTE_MS;
const LOGIN_RULE: RateRule = { name: 'login', points: 10, windowMs: 15 * MINUTE_MS };
const REGISTER_RULE: RateRule = { name: 'register', points: 100, windowMs: 60 * MINUTE_MS };

export interface SignIn {
  readonly user: UserRecord;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: Date;
}

export interface AuthServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'rateLimiter'>;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly tokens: TokenService;
  readonly refreshTokens: RefreshTokenRepository;
  readonly passwords: PasswordHasher;
}

export class AuthService {
  constructor(private readonly deps: AuthServiceDeps) {}

  async register(input: { email: string; password: string; displayName: string }, address: string): Promise<SignIn> {
    await this.limit(REGISTER_RULE, address);
    const { kernel, users, organizations, passwords } = this.deps;
    const passwordHash = await passwords.hash(input.password);
    return kernel.unitOfWork.run(async (tx) => {
      const user = await users.create(tx, { email: normalizeEmail(input.email), displayName: input.displayName.trim(), passwordHash });
      await organizations.createPersonal(tx, user);
      const refreshToken = newRefreshToken();
      await this.deps.refreshTokens.startFamily(tx, digest(refreshToken), user.id, REFRESH_LIFETIME_MS);
      return this.signIn(user, digest(refreshToken), refreshToken);
    });
  }

  /** Counted per attempt and account, whether the account exists or not, and before any work is done for it. */
  async login(input: { email: string; password: string }): Promise<SignIn> {
    const email = normalizeEmail(input.email);
    await this.limit(LOGIN_RULE, email);
    const { kernel, users, passwords } = this.deps;
    const credentials = await users.findCredentials(email);
    const matches = await passwords.verify(credentials?.passwordHash ?? null, input.password);
    const user = matches && credentials !== null ? await users.find(kernel.database, credentials.id) : null;
    if (user === null) throw credentialsInvalid();
    const refreshToken = newRefreshToken();
    await this.deps.refreshTokens.startFamily(kernel.database, digest(refreshToken), user.id, REFRESH_LIFETIME_MS);
    return this.signIn(user, digest(refreshToken), refreshToken);
  }

  async refresh(refreshToken: string): Promise<SignIn> {
    const { kernel, users, refreshTokens } = this.deps;
    const next = newRefreshToken();
    const spending = await refreshTokens.rotate(kernel.database, digest(refreshToken), digest(next), REFRESH_LIFETIME_MS);
    if (spending.outcome === 'reused') {
      await refreshTokens.revokeFamily(kernel.database, spending.familyId);
      throw refreshTokenReused();
    }
    const user = spending.outcome === 'rotated' ? await users.find(kernel.database, spending.userId) : null;
    if (spending.outcome === 'refused' || user === null) throw refreshTokenInvalid();
    return this.signIn(user, spending.familyId, next);
  }

  async logout(viewer: Viewer): Promise<void> {
    const { familyId } = requireUser(viewer);
    await this.deps.refreshTokens.revokeFamily(this.deps.kernel.database, familyId);
  }

  /** The account behind the viewer; null for guests and the anonymous. */
  async findAccount(viewer: Viewer): Promise<UserRecord | null> {
    return viewer.kind === 'user' ? this.deps.users.find(this.deps.kernel.database, viewer.userId) : null;
  }

  /**
   * Who sent this `Authorization` value (also the `Authorization` of a connection_init). Nothing sent is anonymous; whatever is not
   * a live token of ours throws UNAUTHENTICATED. Reads the database once for users (has the sign-in ended?), never for guests.
   */
  async authenticate(authorization: string | null): Promise<Viewer> {
    if (authorization === null) return ANONYMOUS;
    const token = /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1];
    if (token === undefined) throw tokenInvalid();
    const viewer = this.deps.tokens.verify(token);
    if (viewer.kind === 'user' && !(await this.deps.refreshTokens.isLive(this.deps.kernel.database, viewer.familyId, viewer.userId))) {
      throw tokenRevoked();
    }
    return viewer;
  }

  private signIn(user: UserRecord, familyId: string, refreshToken: string): SignIn {
    const { token, expiresAt } = this.deps.tokens.issueAccess({ userId: user.id, familyId });
    return { user, accessToken: token, refreshToken, expiresAt };
  }

  private async limit(rule: RateRule, key: string): Promise<void> {
    const decision = await this.deps.kernel.rateLimiter.consume(rule, key);
    if (!decision.allowed) throw tooManyAttempts(decision.retryAfterMs);
  }
}

function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

function newRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
