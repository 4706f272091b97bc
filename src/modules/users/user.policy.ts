import { accountRequired } from '../../errors/access.errors';
import { unauthenticated } from '../../errors/domain-error';
import type { UserViewer, Viewer } from '../../lib/viewer';

/** A profile (name and age of the account) is for whoever came in by some door: ids are not guessable, and hosts are public. */
export function canReadUser(viewer: Viewer): boolean {
  return viewer.kind !== 'anonymous';
}

/** The viewer as a signed-in user; guests and the anonymous are told what is missing. */
export function requireUser(viewer: Viewer): UserViewer {
  if (viewer.kind === 'user') return viewer;
  throw viewer.kind === 'guest' ? accountRequired() : unauthenticated();
}
