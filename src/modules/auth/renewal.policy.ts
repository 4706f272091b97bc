import type { Viewer } from '../../lib/viewer';

/** Whether a token goes on with what the connection's own began: the same person by the same sign-in, or the same attendee. Never a key. */
export function continues(current: Viewer, fresh: Viewer): boolean {
  if (current.kind === 'user' && fresh.kind === 'user') {
    return current.key === undefined && fresh.key === undefined && current.familyId === fresh.familyId && current.userId === fresh.userId;
  }
  return current.kind === 'guest' && fresh.kind === 'guest' && current.attendeeId === fresh.attendeeId;
}
