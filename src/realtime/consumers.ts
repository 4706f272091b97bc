import type { Database } from '../persistence/database';
import type { Consumer, ConsumerStanding } from './consumer';
import { ConsumerCheckpoints } from './consumer-checkpoints';
import { ConsumerRunner } from './consumer-runner';
import type { StreamEvent } from './event';
import type { Log } from './outage-log';
import type { UnitOfWork } from './unit-of-work';

/** How often the figures of `/metrics` are asked for. */
const LOOK_MS = 5_000;

/** All consumers of one instance. */
export class Consumers {
  private readonly checkpoints = new ConsumerCheckpoints();
  private runners: readonly ConsumerRunner[] = [];
  private standings: Readonly<Record<string, ConsumerStanding>> = {};
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<unknown> | null = null;

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly log: Log = () => undefined,
  ) {}

  /** They run when they are told to, or from `start` on. */
  add(consumers: readonly Consumer[]): void {
    const { checkpoints, unitOfWork, log } = this;
    this.runners = [...this.runners, ...consumers.map((consumer) => new ConsumerRunner(consumer, { unitOfWork, checkpoints, log }))];
  }

  /** From here on trimming waits for them, and those that begin now have begun. Otherwise that is so when they first run. */
  async register(): Promise<void> {
    for (const runner of this.runners) await runner.register();
  }

  start(): void {
    for (const runner of this.runners) runner.start();
    void this.look();
    this.timer ??= setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /** Events of a local commit. Never waits and never throws. */
  committed(events: readonly StreamEvent[]): void {
    for (const runner of this.runners) runner.committed(events);
  }

  /** Resolves when this instance finds nothing left to do. */
  async run(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.run()));
  }

  /** As the database has it now. Throws UNAVAILABLE. */
  async listStandings(): Promise<Readonly<Record<string, ConsumerStanding>>> {
    const standings: Record<string, ConsumerStanding> = {};
    for (const { consumer } of this.runners) {
      const standing = await this.checkpoints.standing(this.database, consumer.name, consumer.types);
      if (standing !== null) standings[consumer.name] = standing;
    }
    return (this.standings = standings);
  }

  /** As they were a moment ago. */
  lastStandings(): Readonly<Record<string, ConsumerStanding>> {
    return this.standings;
  }

  /** What this instance has done, by consumer. */
  counts(what: keyof ConsumerRunner['counts']): Readonly<Record<string, number>> {
    return Object.fromEntries(this.runners.map(({ consumer, counts }) => [consumer.name, counts[what]]));
  }

  /** Lets a consumer read everything anew that the log still holds. Waits for the batch under way. False when there is none of the name. */
  async rebuild(consumer: Pick<Consumer, 'name' | 'reset'>): Promise<boolean> {
    return this.unitOfWork.as('system').run(async (tx) => {
      if (!(await this.checkpoints.rewind(tx, consumer.name))) return false;
      await consumer.reset?.(tx);
      return true;
    });
  }

  /** Tries the parked events again, the oldest first, and answers how many there were. Throws what the first one throws that still cannot be taken. */
  async retryParked(consumer: Consumer): Promise<number> {
    for (let taken = 0; ; taken += 1) {
      const found = await this.unitOfWork.as('system').run(async (tx) => {
        const event = await this.checkpoints.takeParked(tx, consumer.name);
        if (event !== null) await consumer.handle(tx, [event]);
        return event !== null;
      });
      if (!found) return taken;
    }
  }

  /** Of a consumer that is no more: the log waits for it no longer. False when there is none of the name. */
  forget(name: string): Promise<boolean> {
    return this.unitOfWork.run((tx) => this.checkpoints.forget(tx, name));
  }

  /** Every consumer that the log waits for, also those of other versions. */
  listNames(): Promise<string[]> {
    return this.checkpoints.listNames(this.database);
  }

  /** Finishes the batches under way. Idempotent. */
  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await Promise.all(this.runners.map((runner) => runner.close()));
    await this.looking;
  }

  private look(): Promise<unknown> {
    this.looking ??= this.listStandings()
      .catch(() => undefined)
      .finally(() => {
        this.looking = null;
      });
    return this.looking;
  }
}
