import type { DomainError } from '../errors/domain-error';
import type { Limits } from '../graphql/limits';
import { overLimit } from '../graphql/limits';

/** How many operations one socket or event stream may start: so many at once, then so many a second. */
export class OperationBudget {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly limits: Limits,
    /** Whether the rate counts; the number of open operations always does. */
    private readonly rated: boolean,
    private readonly now: () => number = monotonicNow,
  ) {
    this.tokens = limits.operationsBurst;
    this.filledAt = now();
  }

  /** Takes one operation's share when `open` operations, this one included, may be; else says why not. */
  take(open: number): DomainError | null {
    const { subscriptionsPerSocket, operationsPerSecond } = this.limits;
    if (open > subscriptionsPerSocket) return overLimit('subscriptionsPerSocket', subscriptionsPerSocket);
    if (!this.rated) return null;
    this.refill();
    if (this.tokens < 1) {
      const retryAfterMs = Math.ceil(((1 - this.tokens) / operationsPerSecond) * 1_000);
      return overLimit('operationsPerSecond', operationsPerSecond, { retryAfterMs });
    }
    this.tokens -= 1;
    return null;
  }

  private refill(): void {
    const { operationsPerSecond, operationsBurst } = this.limits;
    const now = this.now();
    this.tokens = Math.min(operationsBurst, this.tokens + ((now - this.filledAt) / 1_000) * operationsPerSecond);
    this.filledAt = now;
  }
}

/** One function for all: there are as many budgets as sockets. */
function monotonicNow(): number {
  return performance.now();
}
