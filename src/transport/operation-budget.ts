import type { DomainError } from '../errors/domain-error';
import type { Limits } from '../graphql/limits';
import { overLimit } from '../graphql/limits';

/** How many operations one socket or event stream may start: so many at once, then so many a second. */
export class OperationBudget {
  private tokens: number;
  private refused = 0;
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

  /** Whether the caller goes on in spite of refusals: its connection should end. */
  get exceeded(): boolean {
    return this.refused > this.limits.operationsRefused;
  }

  /** Takes one operation's share when `open` operations, this one included, may be; else says why not. */
  take(open: number): DomainError | null {
    if (!this.rated) return this.tooMany(open);
    this.refill();
    const refusal = this.tooMany(open) ?? this.tooFast();
    if (refusal === null) this.tokens -= 1;
    else this.refused += 1;
    return refusal;
  }

  private tooMany(open: number): DomainError | null {
    const { subscriptionsPerSocket } = this.limits;
    return open > subscriptionsPerSocket ? overLimit('subscriptionsPerSocket', subscriptionsPerSocket) : null;
  }

  private tooFast(): DomainError | null {
    if (this.tokens >= 1) return null;
    const { operationsPerSecond } = this.limits;
    const retryAfterMs = Math.ceil(((1 - this.tokens) / operationsPerSecond) * 1_000);
    return overLimit('operationsPerSecond', operationsPerSecond, { retryAfterMs });
  }

  /** As many refusals are forgotten as operations are allowed. */
  private refill(): void {
    const { operationsPerSecond, operationsBurst } = this.limits;
    const now = this.now();
    const allowed = ((now - this.filledAt) / 1_000) * operationsPerSecond;
    this.tokens = Math.min(operationsBurst, this.tokens + allowed);
    this.refused = Math.max(0, this.refused - allowed);
    this.filledAt = now;
  }
}

/** One function for all: there are as many budgets as sockets. */
function monotonicNow(): number {
  return performance.now();
}
