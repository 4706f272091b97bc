import type { Visitor } from '../../graphql/gate';
import type { Database } from '../../persistence/database';
import { FORGOTTEN_AFTER_MS, subjectsOf } from './abuse.policy';
import type { Subject } from './abuse.policy';
import type { ActiveBlock, BlockRepository } from './block.repository';

const READ_EVERY_MS = 1_000;
const FORGET_EVERY_MS = 10 * 60_000;

/**
 * The blocks under way, in memory, so that nobody is asked for each operation. They are read every second: so a block that another instance
 * makes or lifts is known here within about as long. With the database away those that were known go on to their end.
 */
export class BlockList {
  /** On `performance.now()`: clocks need not agree. */
  private endsAt = new Map<string, number>();
  private readonly timers: NodeJS.Timeout[];
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly blocks: BlockRepository,
  ) {
    this.timers = [
      setInterval(() => void this.read(), READ_EVERY_MS).unref(),
      setInterval(() => void this.forget(), FORGET_EVERY_MS).unref(),
    ];
  }

  get size(): number {
    return this.endsAt.size;
  }

  /** How long a visitor is kept out; 0 when it is not. */
  leftMs(visitor: Visitor): number {
    if (this.endsAt.size === 0) return 0;
    const now = performance.now();
    return Math.max(0, ...subjectsOf(visitor).map((subject) => Math.ceil((this.endsAt.get(keyOf(subject)) ?? now) - now)));
  }

  has(subject: Subject): boolean {
    return (this.endsAt.get(keyOf(subject)) ?? 0) > performance.now();
  }

  /** Reads them anew. Whatever fails is tried again in a second. */
  read(): Promise<void> {
    this.reading = this.reading.then(() => this.replace()).catch(() => undefined);
    return this.reading;
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.reading;
  }

  private async replace(): Promise<void> {
    const active = await this.blocks.listActive(this.database);
    this.endsAt = new Map(active.map((block: ActiveBlock) => [keyOf(block), performance.now() + block.leftMs]));
  }

  private async forget(): Promise<void> {
    await this.blocks.forget(this.database, FORGOTTEN_AFTER_MS).catch(() => undefined);
  }
}

function keyOf({ kind, value }: Subject): string {
  return `${kind} ${value}`;
}
