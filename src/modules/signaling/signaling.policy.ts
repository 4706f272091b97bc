import type { AttendeeRecord } from '../attendees';
import type { SessionRecord } from '../sessions';

/** Who may signal to all others at once: who presents; in a call each party, for there is only one other. */
export function canSignalAll({ role }: AttendeeRecord, { kind }: SessionRecord): boolean {
  return kind === 'CALL' || role === 'HOST' || role === 'PRESENTER';
}
