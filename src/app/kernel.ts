import { EphemeralTopics } from '../realtime/ephemeral-topics';
import { EventLog } from '../realtime/event-log';
import { FanOut } from '../realtime/fan-out';
import type { Kernel } from '../realtime/kernel';
import { UnitOfWork } from '../realtime/unit-of-work';
import type { Backends } from './backends';

/** The kernel of one instance on the chosen backends. */
export function createKernel({ database, bus, presence, rateLimiter }: Backends): Kernel {
  const log = new EventLog(database);
  const fanOut = new FanOut(log, bus);
  const unitOfWork = new UnitOfWork(database, log, (events) => fanOut.committed(events));
  return { database, log, unitOfWork, fanOut, ephemeral: new EphemeralTopics(bus), presence, rateLimiter };
}
