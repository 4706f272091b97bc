import { digest } from '../../lib/digest';
import { newSecret } from '../../lib/secret';
import type { Db, Tx } from '../../persistence/database';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { UserRecord, UserService } from '../users';
import { accountSuspended, refreshTokenInvalid } from './auth.errors';
import type { ProvenAccount, RefreshTokenRepository } from './refresh-token.repository';
import type { Revocations } from './revocations';
import type { TokenService } from './token.service';

const REFRESH_LIFETIME_MS = 30 * 24 * 60 * 60_000;

export interface SignIn {
  readonly user: UserRecord;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: Date;
  readonly refreshExpiresAt: Date;
}

/** What a refresh token led to: new tokens of its sign-in, or, when it was used before, the sign-in that must end. */
export type Renewal =
  | { readonly outcome: 'renewed'; readonly signIn: SignIn }
  | { readonly outcome: 'reused'; readonly userId: string; readonly familyId: string };

export interface SignInsDeps {
  readonly users: UserService;
  readonly refreshTokens: RefreshTokenRepository;
  readonly tokens: TokenService;
  readonly revocations: Revocations;
}

/** The one place where sign-ins begin and end. Each is a family of refresh tokens; whatever is open by it ends with it, everywhere. */
export class SignIns {
  constructor(private readonly deps: SignInsDeps) {}

  /** Null when the account was suspended, or all its sign-ins were ended, after its epoch was read. */
  async start(tx: Tx, account: ProvenAccount): Promise<SignIn | null> {
    const refreshToken = newSecret();
    const familyId = digest(refreshToken);
    const started = await this.deps.refreshTokens.startFamily(tx, familyId, account, REFRESH_LIFETIME_MS);
    const user = started ? await this.deps.users.find(tx, account.id) : null;
    return user && this.issue(user, familyId, refreshToken);
  }

  async renew(db: Db, refreshToken: string): Promise<Renewal> {
    const next = newSecret();
    const spending = await this.deps.refreshTokens.rotate(db, digest(refreshToken), digest(next), REFRESH_LIFETIME_MS);
    if (spending.outcome === 'reused') return spending;
    if (spending.outcome === 'suspended') throw accountSuspended();
    const user = spending.outcome === 'rotated' ? await this.deps.users.find(db, spending.userId) : null;
    if (spending.outcome === 'refused' || user === null) throw refreshTokenInvalid();
    return { outcome: 'renewed', signIn: this.issue(user, spending.familyId, next) };
  }

  /** The user whose it was; null when it had ended before. */
  async end(tx: RecordingTx, familyId: string): Promise<string | null> {
    const userId = await this.deps.refreshTokens.revokeFamily(tx, familyId);
    if (userId !== null) this.deps.revocations.record(tx, { kind: 'signIn', ids: [familyId] });
    return userId;
  }

  /** The same by any of its refresh tokens. */
  async endByToken(tx: RecordingTx, refreshToken: string): Promise<string | null> {
    const familyId = await this.deps.refreshTokens.findFamily(tx, digest(refreshToken));
    return familyId === null ? null : this.end(tx, familyId);
  }

  /** All of this user's but one if it is named, and those that are under way. How many it ended. */
  async endAll(tx: RecordingTx, userId: string, { except = null }: { except?: string | null } = {}): Promise<number> {
    await this.deps.users.raiseSignInEpoch(tx, userId);
    const ids = await this.deps.refreshTokens.revokeFamiliesOf(tx, userId, except);
    this.deps.revocations.record(tx, { kind: 'signIn', ids });
    return ids.length;
  }

  /** Whether it began this recently: somebody proved not long ago who they are. */
  isRecent(db: Db, familyId: string, withinMs: number): Promise<boolean> {
    return this.deps.refreshTokens.startedWithin(db, familyId, withinMs);
  }

  private issue(user: UserRecord, familyId: string, refreshToken: string): SignIn {
    const { token, expiresAt } = this.deps.tokens.issueAccess({ userId: user.id, familyId });
    return { user, accessToken: token, refreshToken, expiresAt, refreshExpiresAt: new Date(Date.now() + REFRESH_LIFETIME_MS) };
  }
}
