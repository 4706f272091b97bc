import type { RateDecision, RateLimiter, RateStanding, SlidingRule } from './rate-limiter';

/** How long points may be kept before they are spent. */
export const HOLD_MS = 5_000;
/** So many blocks make up a window. */
const BLOCKS_PER_WINDOW = 100;

interface Reserve {
  points: number;
  /** On `performance.now()`. */
  until: number;
  standing: RateStanding;
  /** Whoever asks for as much before then is refused without asking: points do not come back sooner. */
  refused: { readonly cost: number; readonly until: number } | null;
  /** Set while the store is asked for more. */
  asking: Promise<unknown> | null;
}

/**
 * Takes points from the shared store in blocks and gives them out by itself, so that most calls ask nobody. What is kept comes on top of what
 * a window admits: so the store is asked with a burst that is smaller by what comes back while a block is kept, and the promise of the rule
 * (`points + burst` in any window) holds as it stands, however many instances keep some.
 */
export class RateReserve {
  private readonly reserves = new Map<string, Reserve>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly limiter: Pick<RateLimiter, 'consume'>) {
    this.sweeper = setInterval(() => this.sweep(), HOLD_MS).unref();
  }

  async take(rule: SlidingRule, key: string, cost: number): Promise<RateDecision> {
    const reserve = this.reserveOf(rule, key);
    while (reserve.asking !== null && usable(reserve) < cost) await reserve.asking;
    const held = usable(reserve);
    if (held >= cost) {
      reserve.points = held - cost;
      return { allowed: true, ...standingOf(reserve) };
    }
    const retryAfterMs = refusedFor(reserve, cost - held);
    if (retryAfterMs > 0) return { allowed: false, ...standingOf(reserve), retryAfterMs };
    reserve.points = 0;
    const asking = this.refill(reserve, rule, key, cost - held);
    reserve.asking = asking;
    try {
      const decision = await asking;
      if (!decision.allowed) reserve.points += held;
      return decision.allowed ? { allowed: true, ...standingOf(reserve) } : decision;
    } finally {
      reserve.asking = null;
    }
  }

  close(): void {
    clearInterval(this.sweeper);
    this.reserves.clear();
  }

  /** Asks for what is missing and a block; near the end of the points for what is missing alone. */
  private async refill(reserve: Reserve, rule: SlidingRule, key: string, missing: number): Promise<RateDecision> {
    const stored = { ...rule, burst: Math.max(1, rule.burst - Math.ceil((rule.points * HOLD_MS) / rule.windowMs)) };
    const block = Math.floor(rule.points / BLOCKS_PER_WINDOW);
    // Of before the question: the points may have been taken the moment it arrived.
    const until = performance.now() + HOLD_MS;
    const ample = await this.limiter.consume(stored, key, missing + block);
    const decision = ample.allowed ? ample : await this.limiter.consume(stored, key, missing);
    const { limit, remaining, resetMs } = decision;
    reserve.standing = { limit, remaining, resetMs };
    if (ample.allowed) [reserve.points, reserve.until] = [block, until];
    reserve.refused = decision.allowed ? null : { cost: missing, until: performance.now() + decision.retryAfterMs };
    return decision;
  }

  private reserveOf({ name, burst }: SlidingRule, key: string): Reserve {
    const id = `${name}:${key}`;
    const known = this.reserves.get(id);
    if (known !== undefined) return known;
    const reserve = { points: 0, until: 0, standing: { limit: burst, remaining: burst, resetMs: 0 }, refused: null, asking: null };
    this.reserves.set(id, reserve);
    return reserve;
  }

  private sweep(): void {
    for (const [id, reserve] of this.reserves) if (isIdle(reserve)) this.reserves.delete(id);
  }
}

function usable({ points, until }: Reserve): number {
  return performance.now() < until ? points : 0;
}

function standingOf({ points, standing: { limit, remaining, resetMs } }: Reserve): RateStanding {
  return { limit, remaining: remaining + points, resetMs };
}

/** In milliseconds, rounded up; none when it may be asked for. */
function refusedFor({ refused }: Reserve, cost: number): number {
  return refused === null || cost < refused.cost ? 0 : Math.max(0, Math.ceil(refused.until - performance.now()));
}

function isIdle(reserve: Reserve): boolean {
  return reserve.asking === null && usable(reserve) === 0 && refusedFor(reserve, Infinity) === 0;
}
