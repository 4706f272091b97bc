import type { RateDecision, RateLimiter } from './rate-limiter';

/** Admits everything. Only for load tests, where the limits would be what is measured. */
export class OffRateLimiter implements RateLimiter {
  readonly kind = 'off';

  consume(): Promise<RateDecision> {
    return Promise.resolve({ allowed: true });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
