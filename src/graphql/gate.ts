import { DomainError } from '../errors/domain-error';
import type { Viewer } from '../lib/viewer';
import type { RateStanding } from '../realtime/rate-limiter';
import type { PublicError } from './error-format';

/** Who comes, and from where. */
export interface Visitor {
  readonly viewer: Viewer;
  readonly address: string;
}

/** Where a visitor stands with the rate that is nearest to its end. */
export interface Allowance extends RateStanding {
  readonly rule: string;
  /** What comes back in a window. */
  readonly points: number;
  readonly windowMs: number;
}

/** Stands before every operation, and at the door of sockets and event streams. */
export interface Gate {
  /** Takes the points of an operation. Throws RATE_LIMITED when there are not as many, or the visitor is blocked. */
  admit(visitor: Visitor, points: number): Promise<Allowance>;
  /** What was asked for has failed: some faults speak against the visitor. Never throws. */
  noted(visitor: Visitor, fault: Pick<PublicError['extensions'], 'code' | 'details'>): void;
  /** How long the visitor is blocked, in milliseconds; 0 when it is not. */
  blockedForMs(visitor: Visitor): number;
}

/** For who goes on too fast. */
export function tooFast(retryAfterMs: number, rule: string): DomainError {
  return new DomainError('RATE_LIMITED', {
    message: 'Too many operations. Come back later.',
    reason: 'TOO_FAST',
    details: { rule, retryAfterMs },
  });
}

/** For who has gone too far. */
export function blocked(retryAfterMs: number): DomainError {
  return new DomainError('RATE_LIMITED', {
    message: 'Blocked for a while, after too much that was refused.',
    reason: 'BLOCKED',
    details: { retryAfterMs },
  });
}
