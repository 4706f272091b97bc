import type { Database } from '../persistence/database';
import { withinTime } from '../lib/time-limit';
import { CircuitBreaker } from './circuit-breaker';
import type { RateDecision, RateLimiter, RateRule } from './rate-limiter';
import { MemoryRateLimiter } from './rate-limiter.memory';

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
    RETURNING 1
  )
  SELECT EXISTS (SELECT FROM taken) AS allowed,
         (SELECT counter.expire - now FROM rate_counters AS counter WHERE counter.key = $1 AND counter.expire > now) AS "retryAfterMs"
  FROM clock`;

interface Answer {
  readonly allowed: boolean;
  /** Null when the window was opened by somebody else at this very moment, or not at all. */
  readonly retryAfterMs: number | null;
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

  private async ask(rule: RateRule, key: string, cost: number): Promise<RateDecision> {
    const asked = this.database.sql<Answer>(TAKE_IF_ENOUGH, [`${rule.name}:${key}`, cost, rule.points, rule.windowMs]);
    const [answer] = await withinTime(asked, ANSWER_MS, () => new Error(`no answer in ${ANSWER_MS} ms`));
    return answer?.allowed ? { allowed: true } : { allowed: false, retryAfterMs: answer?.retryAfterMs ?? rule.windowMs };
  }

  /** Whatever fails here is tried again in a minute. */
  private async sweep(): Promise<void> {
    await this.database
      .sql('DELETE FROM rate_counters WHERE expire <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint')
      .catch(() => undefined);
  }
}
