import type { Database } from '../persistence/database';
import { withinTime } from '../lib/time-limit';
import { CircuitBreaker } from './circuit-breaker';
import type { RateDecision, RateLimiter, RateRule, SlidingRule } from './rate-limiter';
import { slides } from './rate-limiter';
import { MemoryRateLimiter } from './rate-limiter.memory';
import { returnMs, slidingDecision } from './sliding-window';

const ANSWER_MS = 400;
const SWEEP_MS = 60_000;

/**
 * One statement of ours instead of the library's RateLimiterPostgres, which takes the points of refused calls, goes by each instance's
 * clock and needs a pool beside `Database`. The library's table is kept. $1 key, $2 cost, $3 points, $4 window in milliseconds.
 * Commits without waiting for the disk: a counter lost in a crash of the server is one window's.
 */
const TAKE_IF_ENOUGH = `
  WITH clock AS MATERIALIZED (
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, set_config('synchronous_commit', 'off', true)
  ), taken AS (
    INSERT INTO rate_counters AS counter (key, points, expire)
    SELECT $1, $2::int, now + $4::bigint FROM clock WHERE $2::int <= $3::int
    ON CONFLICT (key) DO UPDATE SET
      points = CASE WHEN counter.expire <= (SELECT now FROM clock) THEN excluded.points ELSE counter.points + excluded.points END,
      expire = CASE WHEN counter.expire <= (SELECT now FROM clock) THEN excluded.expire ELSE counter.expire END
    WHERE counter.expire <= (SELECT now FROM clock) OR counter.points + excluded.points <= $3::int
    RETURNING points, expire
  )
  SELECT EXISTS (SELECT FROM taken) AS allowed,
         coalesce((SELECT points FROM taken), counter.points) AS consumed,
         coalesce((SELECT expire FROM taken), counter.expire) - now AS "resetMs"
  FROM clock LEFT JOIN rate_counters AS counter ON counter.key = $1 AND counter.expire > now`;

interface Answer {
  readonly allowed: boolean;
  /** Null, as the time, when the window was opened by somebody else at this very moment, or not at all. */
  readonly consumed: number | null;
  readonly resetMs: number | null;
}

/**
 * The same for a sliding window, whose `expire` says when the points will be complete. $1 key, $2 the milliseconds in which what is taken
 * comes back (whole ones: rounded up), $3 those of the burst.
 */
const TAKE_SLIDING = `
  WITH clock AS MATERIALIZED (
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, set_config('synchronous_commit', 'off', true)
  ), taken AS (
    INSERT INTO rate_counters AS counter (key, points, expire)
    SELECT $1, 0, now + $2::bigint FROM clock WHERE $2::bigint BETWEEN 1 AND $3::bigint
    ON CONFLICT (key) DO UPDATE SET expire = greatest(counter.expire, (SELECT now FROM clock)) + $2::bigint
    WHERE greatest(counter.expire, (SELECT now FROM clock)) + $2::bigint <= (SELECT now FROM clock) + $3::bigint
    RETURNING expire
  )
  SELECT $2::bigint = 0 OR EXISTS (SELECT FROM taken) AS allowed,
         greatest(coalesce((SELECT expire FROM taken), counter.expire, now) - now, 0) AS "owedMs"
  FROM clock LEFT JOIN rate_counters AS counter ON counter.key = $1`;

interface SlidingAnswer {
  readonly allowed: boolean;
  readonly owedMs: number;
}

/** Counts in the database, by its clock. Away or slow, each instance counts by itself. Ended counters are deleted once a minute. */
export class PostgresRateLimiter implements RateLimiter {
  readonly kind = 'postgres';
  private readonly breaker = new CircuitBreaker();
  private readonly local = new MemoryRateLimiter();
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly database: Database) {
    this.sweeper = setInterval(() => void this.sweep(), SWEEP_MS);
    this.sweeper.unref();
  }

  async consume(rule: RateRule, key: string, cost = 1): Promise<RateDecision> {
    if (!this.breaker.tryPass()) return this.local.consume(rule, key, cost);
    try {
      const decision = await this.ask(rule, key, cost);
      this.breaker.succeeded();
      return decision;
    } catch {
      this.breaker.failed();
      return this.local.consume(rule, key, cost);
    }
  }

  /** The database belongs to its maker. */
  close(): Promise<void> {
    clearInterval(this.sweeper);
    return this.local.close();
  }

  private ask(rule: RateRule, key: string, cost: number): Promise<RateDecision> {
    return slides(rule) ? this.askSliding(rule, key, cost) : this.askFixed(rule, key, cost);
  }

  private async askFixed({ name, points, windowMs }: RateRule, key: string, cost: number): Promise<RateDecision> {
    const { allowed, consumed, resetMs } = await this.one<Answer>(TAKE_IF_ENOUGH, [`${name}:${key}`, cost, points, windowMs]);
    const standing = { limit: points, remaining: Math.max(0, points - (consumed ?? 0)), resetMs: resetMs ?? windowMs };
    return allowed ? { allowed, ...standing } : { allowed, ...standing, retryAfterMs: standing.resetMs };
  }

  private async askSliding(rule: SlidingRule, key: string, cost: number): Promise<RateDecision> {
    const [takenMs, burstMs] = [Math.ceil(returnMs(rule, cost)), Math.ceil(returnMs(rule, rule.burst))];
    return slidingDecision(rule, cost, await this.one<SlidingAnswer>(TAKE_SLIDING, [`${rule.name}:${key}`, takenMs, burstMs]));
  }

  private async one<T extends object>(statement: string, values: readonly (string | number)[]): Promise<T> {
    const asked = this.database.sql<T>(statement, values);
    const [answer] = await withinTime(asked, ANSWER_MS, () => new Error(`no answer in ${ANSWER_MS} ms`));
    if (answer === undefined) throw new Error('the clock gave no row');
    return answer;
  }

  /** Whatever fails here is tried again in a minute. */
  private async sweep(): Promise<void> {
    await this.database
      .sql('DELETE FROM rate_counters WHERE expire <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint')
      .catch(() => undefined);
  }
}
