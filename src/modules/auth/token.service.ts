import type { JwtPayload } from 'jsonwebtoken';
import { sign, TokenExpiredError, verify } from 'jsonwebtoken';
import type { AuthConfig } from '../../config/config';
import type { Clock } from '../../lib/clock';
import { systemClock } from '../../lib/clock';
import type { GuestViewer, UserViewer } from '../../lib/viewer';
import { tokenExpired, tokenInvalid } from './auth.errors';
import { CheckedTokens } from './checked-tokens';
import type { PublicJwk, RingKey } from './key-ring';
import { KeyRing } from './key-ring';

const ISSUER = 'parley';
const AUDIENCE = 'parley-api';
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_TOKEN_LENGTH = 2_048;
/** Whatever else a header may hold (`crit`, `b64`, `jku`, `jwk`, `x5u` …) is no token of ours. */
const HEADER_NAMES: readonly string[] = ['alg', 'typ', 'kid'];

/** The two kinds of token; neither is ever taken for the other. */
const LIFETIME_SECONDS = { access: 15 * 60, attendee: 2 * 60 * 60 } as const;
type TokenType = keyof typeof LIFETIME_SECONDS;

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

interface Claims {
  readonly typ: TokenType;
  readonly sub: string;
  /** access: the sign-in's family. attendee: the session. */
  readonly within: string;
  /** attendee: the user they are; guests have none. */
  readonly usr: string | undefined;
  readonly expiresAt: Date;
}

/** Signs and checks tokens. A valid token says who somebody is, nothing about what they may still do. */
export class TokenService {
  private readonly keys: KeyRing;
  private readonly checked = new CheckedTokens<Claims>();

  constructor(
    { jwtKeys }: Pick<AuthConfig, 'jwtKeys'>,
    private readonly clock: Clock = systemClock,
  ) {
    this.keys = new KeyRing(jwtKeys);
  }

  /** With which others can check our tokens. */
  publicKeys(): PublicJwk[] {
    return this.keys.publicKeys();
  }

  issueAccess({ userId, familyId }: { userId: string; familyId: string }): IssuedToken {
    return this.issue('access', userId, familyId);
  }

  issueAttendee({ attendeeId, sessionId, userId }: { attendeeId: string; sessionId: string; userId: string | null }): IssuedToken {
    return this.issue('attendee', attendeeId, sessionId, userId ?? undefined);
  }

  /** Throws UNAUTHENTICATED: TOKEN_EXPIRED for a token of ours past its time, TOKEN_INVALID for anything else. */
  verify(token: string): UserViewer | GuestViewer {
    const known = this.checked.find(token, this.clock.now());
    const { typ, sub, within, usr, expiresAt } = known ?? this.checked.add(token, this.claimsOf(token));
    return typ === 'access'
      ? { kind: 'user', userId: sub, familyId: within, expiresAt }
      : { kind: 'guest', attendeeId: sub, sessionId: within, expiresAt, ...(usr !== undefined && { userId: usr }) };
  }

  private issue(typ: TokenType, subject: string, within: string, usr?: string): IssuedToken {
    const { signingKey, algorithm, kid } = this.keys.signing;
    const iat = this.seconds();
    const exp = iat + LIFETIME_SECONDS[typ];
    const claims = { typ, within, iat, exp, ...(usr !== undefined && { usr }) };
    const token = sign(claims, signingKey, { algorithm, keyid: kid, issuer: ISSUER, audience: AUDIENCE, subject });
    return { token, expiresAt: new Date(exp * 1000) };
  }

  private claimsOf(token: string): Claims {
    const key = this.keyOf(token);
    if (key === null) throw tokenInvalid();
    try {
      const payload = verify(token, key.checkingKey, {
        algorithms: [key.algorithm],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        clockTimestamp: this.seconds(),
      });
      const claims = this.readClaims(payload);
      if (claims !== null) return claims;
    } catch (error) {
      if (error instanceof TokenExpiredError) throw tokenExpired();
    }
    throw tokenInvalid();
  }

  /** The key that an unchecked token names, and that alone decides with which algorithm it is checked. */
  private keyOf(token: string): RingKey | null {
    const header = token.length > MAX_TOKEN_LENGTH ? null : headerOf(token);
    if (header === null || Object.keys(header).some((name) => !HEADER_NAMES.includes(name))) return null;
    return this.keys.find(header.kid);
  }

  /** What the library leaves open: times that no token of ours has. */
  private readClaims(payload: string | JwtPayload): Claims | null {
    if (typeof payload === 'string') return null;
    const { typ, sub, within, usr, iat, exp } = payload as Record<string, unknown>;
    if ((typ !== 'access' && typ !== 'attendee') || typeof sub !== 'string' || typeof within !== 'string') return null;
    if (usr !== undefined && typeof usr !== 'string') return null;
    if (!isSecond(iat) || !isSecond(exp)) return null;
    if (iat > this.seconds() + CLOCK_TOLERANCE_SECONDS || exp - iat > LIFETIME_SECONDS[typ]) return null;
    return { typ, sub, within, usr, expiresAt: new Date(exp * 1000) };
  }

  private seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/** Only to find the key: what is not well formed in any other way `verify` refuses. */
function headerOf(token: string): Readonly<Record<string, unknown>> | null {
  try {
    return Object(JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

function isSecond(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
