import { DomainError } from '../../errors/domain-error';
import type { Visitor } from '../../graphql/gate';
import { RATE_RULES } from '../../graphql/rate-rules';
import { viewerKey } from '../../lib/viewer';
import type { RateLimiter } from '../../realtime/rate-limiter';
import { tooManyGuesses } from './session.errors';

const RULE = RATE_RULES.joinCode;

/**
 * Bounds how many codes somebody may try that no session has. Whoever has a code is never counted, so that a whole hall can come in from
 * behind one address; but while somebody there guesses, those who have not signed in may have to wait for a moment.
 */
export class JoinCodeGuesses {
  constructor(private readonly rateLimiter: RateLimiter) {}

  /** Looks for a session by its code: null or NOT_FOUND was a guess. Throws RATE_LIMITED, without looking, after too many. */
  async counted<T>(visitor: Visitor, look: () => Promise<T>): Promise<T> {
    const key = viewerKey(visitor.viewer) ?? visitor.address;
    const { remaining, resetMs } = await this.rateLimiter.consume(RULE, key, 0);
    if (remaining < 1) throw tooManyGuesses(Math.max(1, resetMs - ((RULE.burst - 1) * RULE.windowMs) / RULE.points));
    try {
      const found = await look();
      if (found === null) await this.rateLimiter.consume(RULE, key);
      return found;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'NOT_FOUND') await this.rateLimiter.consume(RULE, key);
      throw error;
    }
  }
}
