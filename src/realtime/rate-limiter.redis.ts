import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Unsubscribe } from './bus';
import { CircuitBreaker } from './circuit-breaker';
import type { RateDecision, RateLimiter, RateRule } from './rate-limiter';
import { MemoryRateLimiter } from './rate-limiter.memory';
import type { RedisCommands } from './redis-link';

/**
 * In place of the library's script, which takes the points of refused calls and knows whole seconds only.
 * The library gives: cost, window in whole seconds, points, window in seconds; and refuses when the first answer is over the points.
 */
const TAKE_IF_ENOUGH = `
local window = math.ceil(tonumber(ARGV[4]) * 1000)
redis.call('SET', KEYS[1], 0, 'PX', window, 'NX')
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then
  redis.call('PEXPIRE', KEYS[1], window)
  ttl = window
end
local wanted = tonumber(redis.call('GET', KEYS[1])) + tonumber(ARGV[1])
if wanted <= tonumber(ARGV[3]) then redis.call('INCRBY', KEYS[1], ARGV[1]) end
return {wanted, ttl}`;

export interface RedisRateLimiterOptions {
  /** Shared with others and closed by its maker. */
  readonly link: RedisCommands;
  /** Before every key. */
  readonly prefix: string;
}

/**
 * Counts in Redis. Away, slow or failing, each instance counts by itself, and after three failures in a row without waiting for Redis.
 * The library's `insuranceLimiter` is not used: it would take the points of refused calls, and ask a frozen Redis every time.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly kind = 'redis';
  private readonly limiters = new Map<string, RateLimiterRedis>();
  private readonly breaker = new CircuitBreaker();
  private readonly local = new MemoryRateLimiter();
  private readonly stopProbing: Unsubscribe;

  constructor(private readonly options: RedisRateLimiterOptions) {
    this.stopProbing = options.link.wentUp.on(() => this.breaker.probeNow());
  }

  async consume(rule: RateRule, key: string, cost = 1): Promise<RateDecision> {
    if (!this.breaker.tryPass()) return this.local.consume(rule, key, cost);
    const decision = await this.ask(rule, key, cost);
    if (decision !== null) this.breaker.succeeded();
    else this.breaker.failed();
    return decision ?? this.local.consume(rule, key, cost);
  }

  close(): Promise<void> {
    this.stopProbing();
    this.limiters.clear();
    return this.local.close();
  }

  /** Null when Redis has not answered. */
  private async ask(rule: RateRule, key: string, cost: number): Promise<RateDecision | null> {
    try {
      // With a duration below one second the library would not run the script; the script itself reads the limiter's own duration.
      await this.limiter(rule).consume(key, cost, { customDuration: Math.ceil(rule.windowMs / 1_000) });
      return { allowed: true };
    } catch (answer) {
      return answer instanceof RateLimiterRes ? { allowed: false, retryAfterMs: answer.msBeforeNext } : null;
    }
  }

  private limiter(rule: RateRule): RateLimiterRedis {
    const id = `${rule.name}:${rule.points}:${rule.windowMs}`;
    const known = this.limiters.get(id);
    if (known !== undefined) return known;
    const limiter = new RateLimiterRedis({
      storeClient: this.options.link.client,
      keyPrefix: `${this.options.prefix}rate:${rule.name}`,
      points: rule.points,
      duration: rule.windowMs / 1_000,
      customIncrTtlLuaScript: TAKE_IF_ENOUGH,
    });
    this.limiters.set(id, limiter);
    return limiter;
  }
}
