import type { Database } from '../persistence/database';
import type { EphemeralTopics } from './ephemeral-topics';
import type { EventLog } from './event-log';
import type { FanOut } from './fan-out';
import type { PresenceStore } from './presence-store';
import type { RateLimiter } from './rate-limiter';
import type { UnitOfWork } from './unit-of-work';

/** What every module is built from. */
export interface Kernel {
  readonly database: Database;
  readonly log: EventLog;
  readonly unitOfWork: UnitOfWork;
  readonly fanOut: FanOut;
  readonly ephemeral: EphemeralTopics;
  readonly presence: PresenceStore;
  readonly rateLimiter: RateLimiter;
}
