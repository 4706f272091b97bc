import { RATE_RULES } from '../../graphql/rate-rules';
import type { RateLimiter, RateRule } from '../../realtime/rate-limiter';
import { tooManyAttempts } from './auth.errors';

/**
 * Counts what is tried, before any work is done for it. The services call it, so that each alias of a document, each operation on a
 * socket and each request counts alike.
 */
export class Attempts {
  constructor(private readonly limiter: RateLimiter) {}

  /** `account` is what somebody says it is: whether there is such a one makes no difference. */
  async password(account: string, address: string): Promise<void> {
    await this.take(RATE_RULES.loginAddress, address);
    await this.take(RATE_RULES.login, account);
  }

  registration(address: string): Promise<void> {
    return this.take(RATE_RULES.register, address);
  }

  flow(address: string): Promise<void> {
    return this.take(RATE_RULES.signInFlow, address);
  }

  code(address: string): Promise<void> {
    return this.take(RATE_RULES.signInCode, address);
  }

  private async take(rule: RateRule, key: string): Promise<void> {
    const decision = await this.limiter.consume(rule, key);
    if (!decision.allowed) throw tooManyAttempts(decision.retryAfterMs);
  }
}
