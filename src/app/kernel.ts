import { Consumers } from '../realtime/consumers';
import { EphemeralTopics } from '../realtime/ephemeral-topics';
import { EventLog } from '../realtime/event-log';
import { FanOut } from '../realtime/fan-out';
import type { Kernel } from '../realtime/kernel';
import type { Log } from '../realtime/outage-log';
import { UnitOfWork } from '../realtime/unit-of-work';
import type { Backends } from './backends';

/** The kernel, and who reads the whole of its log. */
export interface ConsumedKernel extends Kernel {
  readonly consumers: Consumers;
}

/** The kernel of one instance on the chosen backends. */
export function createKernel({ database, bus, presence, rateLimiter }: Backends, report?: Log): ConsumedKernel {
  const log = new EventLog(database);
  const fanOut = new FanOut(log, bus);
  const unitOfWork = new UnitOfWork(database, log, (events) => {
    fanOut.committed(events);
    consumers.committed(events);
  });
  const consumers = new Consumers(database, unitOfWork, report);
  return { database, log, unitOfWork, fanOut, consumers, ephemeral: new EphemeralTopics(bus), presence, rateLimiter };
}
