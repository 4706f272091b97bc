import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { JwtPayload } from 'jsonwebtoken';
import { sign, TokenExpiredError, verify } from 'jsonwebtoken';
import type { AuthConfig } from '../../config/config';
import type { Clock } from '../../lib/clock';
import { systemClock } from '../../lib/clock';
import type { GuestViewer, UserViewer } from '../../lib/viewer';
import { tokenExpired, tokenInvalid } from './auth.errors';

const ALGORITHM = 'HS256';
const ISSUER = 'parley';
const AUDIENCE = 'parley-api';
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_TOKEN_LENGTH = 2_048;

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
  readonly expiresAt: Date;
}

/** Signs and checks tokens. A valid token says who somebody is, nothing about what they may still do. */
export class TokenService {
  /** A key object: given text, the library tries to read it as a PEM key first, at half a millisecond a token. */
  private readonly key: KeyObject;

  constructor(
    { jwtSecret }: AuthConfig,
    private readonly clock: Clock = systemClock,
  ) {
    this.key = createSecretKey(jwtSecret, 'utf8');
  }

  issueAccess({ userId, familyId }: { userId: string; familyId: string }): IssuedToken {
    return this.issue('access', userId, familyId);
  }

  issueAttendee({ attendeeId, sessionId }: { attendeeId: string; sessionId: string }): IssuedToken {
    return this.issue('attendee', attendeeId, sessionId);
  }

  /** Throws UNAUTHENTICATED: TOKEN_EXPIRED for a token of ours past its time, TOKEN_INVALID for anything else. */
  verify(token: string): UserViewer | GuestViewer {
    const { typ, sub, within, expiresAt } = this.claimsOf(token);
    return typ === 'access'
      ? { kind: 'user', userId: sub, familyId: within, expiresAt }
      : { kind: 'guest', attendeeId: sub, sessionId: within, expiresAt };
  }

  private issue(typ: TokenType, subject: string, within: string): IssuedToken {
    const iat = this.seconds();
    const exp = iat + LIFETIME_SECONDS[typ];
    const token = sign({ typ, within, iat, exp }, this.key, {
      algorithm: ALGORITHM,
      issuer: ISSUER,
      audience: AUDIENCE,
      subject,
    });
    return { token, expiresAt: new Date(exp * 1000) };
  }

  private claimsOf(token: string): Claims {
    if (token.length > MAX_TOKEN_LENGTH) throw tokenInvalid();
    try {
      const { header, payload } = verify(token, this.key, {
        complete: true,
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        clockTimestamp: this.seconds(),
      });
      const claims = this.readClaims(header, payload);
      if (claims !== null) return claims;
    } catch (error) {
      if (error instanceof TokenExpiredError) throw tokenExpired();
    }
    throw tokenInvalid();
  }

  /** What the library leaves open: unknown headers (`crit`, `b64`, `jku` …), and times that no token of ours has. */
  private readClaims(header: object, payload: string | JwtPayload): Claims | null {
    if (Object.keys(header).some((name) => name !== 'alg' && name !== 'typ') || typeof payload === 'string') return null;
    const { typ, sub, within, iat, exp } = payload as Record<string, unknown>;
    if ((typ !== 'access' && typ !== 'attendee') || typeof sub !== 'string' || typeof within !== 'string') return null;
    if (!isSecond(iat) || !isSecond(exp)) return null;
    if (iat > this.seconds() + CLOCK_TOLERANCE_SECONDS || exp - iat > LIFETIME_SECONDS[typ]) return null;
    return { typ, sub, within, expiresAt: new Date(exp * 1000) };
  }

  private seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

function isSecond(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
