import type { DomainError } from '../../errors/domain-error';
import { slowMode } from './message.errors';

/** When each sender of a batch last wrote in the channel, as the channel's only writer knows it. */
export class Turns {
  private readonly taken = new Map<string, Date>();

  constructor(
    private readonly before: ReadonlyMap<string, Date>,
    private readonly at: Date,
  ) {}

  /** Why this sender must wait; null: the turn is taken. */
  take(senderId: string, waitSeconds: number): DomainError | null {
    if (waitSeconds === 0) return null;
    const last = this.taken.get(senderId) ?? this.before.get(senderId);
    const waitMs = last === undefined ? 0 : last.getTime() + waitSeconds * 1_000 - this.at.getTime();
    if (waitMs > 0) return slowMode(waitMs);
    this.taken.set(senderId, this.at);
    return null;
  }

  /** Those who took one. */
  senderIds(): string[] {
    return [...this.taken.keys()];
  }
}
