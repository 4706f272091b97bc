/**
 * Points per window, counted over all instances. A refused call costs no points.
 *
 * Promises, kept by every backend and shown by `tests/contracts/rate-limiter.contract.ts`:
 * - Of a rule without `burst` the window is fixed: it opens with a key's first call and lasts `windowMs`, and within it no key is admitted
 *   more than `points` in total, however many instances ask at once.
 * - Of a rule with `burst` the window slides (docs/decisions/0026): a key has at most `burst` points at once, and they come back evenly,
 *   `points` in a window. So in any `windowMs` it is admitted at most `points + burst`.
 *   A cost of 0 takes nothing and tells where the key stands.
 * - When the shared store is away, each instance limits by itself with the same rule: never unlimited.
 * - Answers within 500 ms.
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
  readonly burst?: number;
}

export type SlidingRule = RateRule & { readonly burst: number };

/** Where a key stands with a rule. */
export interface RateStanding {
  /** How many points there are at most. */
  readonly limit: number;
  readonly remaining: number;
  /** Until all of them are there again. */
  readonly resetMs: number;
}

export type RateDecision = RateStanding & ({ readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number });

export function slides(rule: RateRule): rule is SlidingRule {
  return rule.burst !== undefined;
}
