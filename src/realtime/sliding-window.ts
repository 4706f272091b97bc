import type { RateDecision, SlidingRule } from './rate-limiter';

/*
 * The arithmetic of sliding rules, the same for every backend: the generic cell rate algorithm. All that is kept of a key is when its points
 * will be complete again; taking some moves that moment on by the time in which they come back.
 */

/** In how many milliseconds so many points come back. */
export function returnMs({ points, windowMs }: SlidingRule, count: number): number {
  return (count * windowMs) / points;
}

/** What a backend has found, in words: `owedMs` is how long it takes until the points are complete, after those that were taken. */
export function slidingDecision(rule: SlidingRule, cost: number, { allowed, owedMs }: { allowed: boolean; owedMs: number }): RateDecision {
  const burstMs = returnMs(rule, rule.burst);
  const standing = {
    limit: rule.burst,
    remaining: Math.max(0, Math.floor((burstMs - owedMs) / returnMs(rule, 1) + ROUNDING)),
    resetMs: Math.ceil(owedMs),
  };
  if (allowed) return { allowed, ...standing };
  return { allowed, ...standing, retryAfterMs: Math.max(1, Math.ceil(owedMs + returnMs(rule, cost) - burstMs)) };
}

const ROUNDING = 0.001;
const SWEEP_MS = 60_000;

/** The keys of one process. Those whose points are complete are forgotten once a minute. */
export class SlidingWindows {
  private readonly completeAt = new Map<string, number>();
  private readonly sweeper: NodeJS.Timeout;

  constructor() {
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  take(rule: SlidingRule, key: string, cost: number): RateDecision {
    const id = `${rule.name}:${key}`;
    const now = performance.now();
    const owedMs = Math.max(0, (this.completeAt.get(id) ?? now) - now);
    const afterMs = owedMs + returnMs(rule, cost);
    const allowed = afterMs <= returnMs(rule, rule.burst) + ROUNDING;
    if (allowed && cost > 0) this.completeAt.set(id, now + afterMs);
    return slidingDecision(rule, cost, { allowed, owedMs: allowed ? afterMs : owedMs });
  }

  close(): void {
    clearInterval(this.sweeper);
    this.completeAt.clear();
  }

  private sweep(): void {
    const now = performance.now();
    for (const [id, completeAt] of this.completeAt) if (completeAt <= now) this.completeAt.delete(id);
  }
}
