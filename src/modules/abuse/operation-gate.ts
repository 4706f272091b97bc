import type { Allowance, Gate, Visitor } from '../../graphql/gate';
import { blocked, tooFast } from '../../graphql/gate';
import { RATE_RULES } from '../../graphql/rate-rules';
import type { RatedAction } from '../../graphql/rate-rules';
import type { RateLimiter } from '../../realtime/rate-limiter';
import { RateReserve } from '../../realtime/rate-reserve';
import { isStrike, rateOf, strikesAllowed, subjectsOf } from './abuse.policy';
import type { Fault, Subject } from './abuse.policy';
import type { BlockList } from './block-list';
import type { BlockService } from './block.service';

export interface OperationGateDeps {
  readonly rateLimiter: RateLimiter;
  readonly list: BlockList;
  readonly blocks: BlockService;
  /** A block could not be written down; the rates hold all the same. */
  readonly onError: (error: unknown) => void;
}

export interface GateCounts {
  readonly strikes: number;
  /** Made on this instance, by themselves. */
  readonly blocks: number;
  /** Operations refused for want of points, or for a block. */
  readonly refusals: number;
}

/** Every operation's points, whoever asks; and what comes of asking too much. Why so: docs/decisions/0026 and 0027. */
export class OperationGate implements Gate {
  private readonly reserve: RateReserve;
  /** Of a thousand strikes at once one asks for the block: the others would wait for its row, each with a connection. */
  private readonly escalating = new Set<string>();
  private readonly counted = { strikes: 0, blocks: 0, refusals: 0 };

  constructor(private readonly deps: OperationGateDeps) {
    this.reserve = new RateReserve(deps.rateLimiter);
  }

  get counts(): GateCounts {
    return { ...this.counted };
  }

  async admit(visitor: Visitor, points: number): Promise<Allowance> {
    const blockedMs = this.blockedForMs(visitor);
    if (blockedMs > 0) throw this.refused(blocked(blockedMs));
    const [subject] = subjectsOf(visitor);
    const own = await this.take(rateOf(subject), subject.value, points);
    await this.take(RATE_RULES.address, visitor.address, points);
    return own;
  }

  noted(visitor: Visitor, fault: Fault): void {
    const [subject] = subjectsOf(visitor);
    if (isStrike(subject, fault) && this.blockedForMs(visitor) === 0) this.strike(subject).catch(this.deps.onError);
  }

  blockedForMs(visitor: Visitor): number {
    return this.deps.list.leftMs(visitor);
  }

  close(): void {
    this.reserve.close();
  }

  private async take(rule: RatedAction & { readonly burst: number }, key: string, points: number): Promise<Allowance> {
    const decision = await this.reserve.take(rule, key, points);
    if (!decision.allowed) throw this.refused(tooFast(decision.retryAfterMs, rule.name));
    const { limit, remaining, resetMs } = decision;
    return { rule: rule.name, points: rule.points, windowMs: rule.windowMs, limit, remaining, resetMs };
  }

  private refused(error: Error): Error {
    this.counted.refusals += 1;
    return error;
  }

  private async strike(subject: Subject): Promise<void> {
    this.counted.strikes += 1;
    const key = `${subject.kind}:${subject.value}`;
    const { allowed } = await this.deps.rateLimiter.consume(strikesAllowed(subject), key);
    if (allowed || this.escalating.has(key) || this.deps.list.has(subject)) return;
    this.escalating.add(key);
    try {
      if ((await this.deps.blocks.escalate(subject)) !== null) this.counted.blocks += 1;
    } finally {
      this.escalating.delete(key);
    }
  }
}
