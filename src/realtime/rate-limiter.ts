/**
 * Points per window, counted over all instances. A key's window is fixed: it opens with the first call and lasts `windowMs`.
 *
 * Promises, kept by every backend and shown by `tests/contracts/rate-limiter.contract.ts`:
 * - Within one window no key is admitted more than `points` in total, however many instances ask at once.
 * - When the shared store is away, each instance limits by itself with the same rule: never unlimited.
 * - Answers within 500 ms. A refused call costs no points.
 */
export interface RateLimiter {
  readonly kind: 'memory' | 'postgres' | 'redis' | 'off';
  consume(rule: RateRule, key: string, cost?: number): Promise<RateDecision>;
  close(): Promise<void>;
}

export interface RateRule {
  /** Part of the key: two rules never share a counter. */
  readonly name: string;
  readonly points: number;
  readonly windowMs: number;
}

export type RateDecision = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number };
