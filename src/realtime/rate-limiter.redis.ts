import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Unsubscribe } from './bus';
import { CircuitBreaker } from './circuit-breaker';
import type { RateDecision, RateLimiter, RateRule, RateStanding, SlidingRule } from './rate-limiter';
import { slides } from './rate-limiter';
import { MemoryRateLimiter } from './rate-limiter.memory';
import type { RedisCommands } from './redis-link';
import { returnMs, slidingDecision } from './sliding-window';

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

/**
 * A sliding window, by the clock of Redis. The key holds when its points will be complete, in milliseconds. Given: the milliseconds in which
 * what is taken comes back, those of the burst. Answers whether it was taken, and how long the points now take to be complete.
 */
const TAKE_SLIDING = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local owed = math.max(0, tonumber(redis.call('GET', KEYS[1]) or 0) - now)
local after = owed + tonumber(ARGV[1])
if after > tonumber(ARGV[2]) + 0.001 then return {0, tostring(owed)} end
if after > owed then redis.call('SET', KEYS[1], string.format('%.3f', now + after), 'PX', math.max(1, math.ceil(after))) end
return {1, tostring(after)}`;

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
    const decision = await (slides(rule) ? this.askSliding(rule, key, cost) : this.ask(rule, key, cost));
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
      const taken = await this.limiter(rule).consume(key, cost, { customDuration: Math.ceil(rule.windowMs / 1_000) });
      return { allowed: true, ...standingOf(rule, taken.consumedPoints, taken) };
    } catch (answer) {
      if (!(answer instanceof RateLimiterRes)) return null;
      return { allowed: false, ...standingOf(rule, answer.consumedPoints - cost, answer), retryAfterMs: answer.msBeforeNext };
    }
  }

  private async askSliding(rule: SlidingRule, key: string, cost: number): Promise<RateDecision | null> {
    const { link, prefix } = this.options;
    const [takenMs, burstMs] = [returnMs(rule, cost), returnMs(rule, rule.burst)];
    try {
      const answer = await link.client.eval(TAKE_SLIDING, 1, `${prefix}rate:${rule.name}:${key}`, takenMs, burstMs);
      const [taken, owedMs] = answer as [taken: number, owedMs: string];
      return slidingDecision(rule, cost, { allowed: taken === 1, owedMs: Number(owedMs) });
    } catch {
      return null;
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

function standingOf({ points }: RateRule, consumed: number, { msBeforeNext }: RateLimiterRes): RateStanding {
  return { limit: points, remaining: Math.max(0, points - consumed), resetMs: msBeforeNext };
}
