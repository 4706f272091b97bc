import type { Actor } from '../../lib/actor';
import type { UserViewer, Viewer } from '../../lib/viewer';
import { requireUser } from '../users';
import { personRequired } from './auth.errors';

/** The viewer as somebody who signed in: an API key acts for a person, and never on how that person signs in. */
export function requirePerson(viewer: Viewer): UserViewer {
  const user = requireUser(viewer);
  if (user.key !== undefined) throw personRequired();
  return user;
}

/** Whoever has just shown to be this user. */
export function asUser(actor: Actor, userId: string): Actor {
  return { ...actor, viewer: { kind: 'user', userId, familyId: '', expiresAt: new Date() } };
}
