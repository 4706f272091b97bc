import { keyLacksScope } from '../../errors/access.errors';
import type { Viewer } from '../../lib/viewer';

const SCOPE = 'audit:read';

/** People need none; an API key does what its maker may do, but only within its scopes. */
export function hasAuditScope(viewer: Viewer): boolean {
  return viewer.kind === 'user' && (viewer.key === undefined || viewer.key.scopes.includes(SCOPE));
}

export function requireAuditScope(viewer: Viewer): void {
  if (!hasAuditScope(viewer)) throw keyLacksScope(SCOPE);
}
