import type { Database } from '../../src/persistence/database';
import type { Bus } from '../../src/realtime/bus';
import { MemoryBus } from '../../src/realtime/bus.memory';
import { Consumers } from '../../src/realtime/consumers';
import { EphemeralTopics } from '../../src/realtime/ephemeral-topics';
import { EventLog } from '../../src/realtime/event-log';
import { FanOut } from '../../src/realtime/fan-out';
import type { Kernel } from '../../src/realtime/kernel';
import type { PresenceStore } from '../../src/realtime/presence-store';
import { MemoryPresenceStore } from '../../src/realtime/presence-store.memory';
import { OffRateLimiter } from '../../src/realtime/rate-limiter.off';
import { UnitOfWork } from '../../src/realtime/unit-of-work';

export interface TestKernel extends Kernel {
  readonly log: EventLog;
  readonly bus: Bus;
  /** None is registered, and none runs by itself. */
  readonly consumers: Consumers;
  close(): Promise<void>;
}

/** The kernel of one instance, on this database; give two kernels one bus and one presence store to make two instances. */
export function createTestKernel(
  database: Database,
  bus: Bus = new MemoryBus(),
  presence: PresenceStore = new MemoryPresenceStore(),
): TestKernel {
  const log = new EventLog(database);
  const fanOut = new FanOut(log, bus);
  const unitOfWork = new UnitOfWork(database, log, (events) => {
    fanOut.committed(events);
    consumers.committed(events);
  });
  const consumers = new Consumers(database, unitOfWork);
  return {
    database,
    log,
    bus,
    fanOut,
    unitOfWork,
    consumers,
    ephemeral: new EphemeralTopics(bus),
    presence,
    rateLimiter: new OffRateLimiter(),
    close: async () => {
      await consumers.close();
      await fanOut.close();
    },
  };
}
