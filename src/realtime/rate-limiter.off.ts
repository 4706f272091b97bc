import type { RateDecision, RateLimiter, RateRule } from './rate-limiter';

/** Admits everything. Only for load tests, where the limits would be what is measured. */
export class OffRateLimiter implements RateLimiter {
  readonly kind = 'off';

  consume({ points }: RateRule): Promise<RateDecision> {
    return Promise.resolve({ allowed: true, limit: points, remaining: points, resetMs: 0 });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
