import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { RateDecision, RateLimiter, RateRule } from './rate-limiter';
import { slides } from './rate-limiter';
import { SlidingWindows } from './sliding-window';

/** Counts in this process. Also what the shared backends fall back to when their store is away. */
export class MemoryRateLimiter implements RateLimiter {
  readonly kind = 'memory';
  private readonly limiters = new Map<string, RateLimiterMemory>();
  private readonly windows = new SlidingWindows();
  private turn: Promise<unknown> = Promise.resolve();

  /** Of fixed windows one at a time (it takes microtasks), so that nobody comes between looking and taking. */
  consume(rule: RateRule, key: string, cost = 1): Promise<RateDecision> {
    if (slides(rule)) return Promise.resolve(this.windows.take(rule, key, cost));
    const decision = this.turn.then(() => this.decide(rule, key, cost));
    this.turn = decision.catch(() => undefined);
    return decision;
  }

  /** The library's timers do not keep the process alive. */
  close(): Promise<void> {
    this.limiters.clear();
    this.windows.close();
    return Promise.resolve();
  }

  /** Looks first, because the library's own `consume` takes the points of refused calls too. */
  private async decide(rule: RateRule, key: string, cost: number): Promise<RateDecision> {
    const limiter = this.limiter(rule);
    const counter = await limiter.get(key);
    const open = counter !== null && counter.msBeforeNext > 0 ? counter : null;
    const consumed = open?.consumedPoints ?? 0;
    const resetMs = open?.msBeforeNext ?? rule.windowMs;
    const allowed = consumed + cost <= rule.points;
    if (allowed) await limiter.consume(key, cost);
    const standing = { limit: rule.points, remaining: rule.points - consumed - (allowed ? cost : 0), resetMs };
    return allowed ? { allowed, ...standing } : { allowed, ...standing, retryAfterMs: resetMs };
  }

  private limiter(rule: RateRule): RateLimiterMemory {
    const id = `${rule.name}:${rule.points}:${rule.windowMs}`;
    const limiter =
      this.limiters.get(id) ?? new RateLimiterMemory({ keyPrefix: rule.name, points: rule.points, duration: rule.windowMs / 1_000 });
    this.limiters.set(id, limiter);
    return limiter;
  }
}
