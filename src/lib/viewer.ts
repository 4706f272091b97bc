/**
 * Who asks. Says who somebody is, never what they may do: every right is decided by a module's policy from stored facts,
 * so a token outlives a removal without carrying any right with it.
 */
export type Viewer = AnonymousViewer | UserViewer | GuestViewer;

export interface AnonymousViewer {
  readonly kind: 'anonymous';
}

/** The bearer of an access token. `familyId` is the sign-in (refresh-token family) it was issued for. */
export interface UserViewer {
  readonly kind: 'user';
  readonly userId: string;
  readonly familyId: string;
  readonly expiresAt: Date;
  /** Set when a machine came in with an API key of this user: it may do what the user may, within the grant. */
  readonly key?: KeyGrant;
}

/** What an API key opens: one organization, and of what its maker may do there these scopes. */
export interface KeyGrant {
  readonly id: string;
  readonly organizationId: string;
  readonly scopes: readonly string[];
}

/** The bearer of an attendee token: this attendee, in this session only. */
export interface GuestViewer {
  readonly kind: 'guest';
  readonly attendeeId: string;
  readonly sessionId: string;
  readonly expiresAt: Date;
  /** Set when the attendee has an account: whoever suspends that ends this too. */
  readonly userId?: string;
}

/** Whether the viewer can have any business in this organization's things: an API key is for one alone. Gives no right by itself. */
export function reachesOrganization(viewer: Viewer, organizationId: string): boolean {
  return viewer.kind !== 'user' || viewer.key === undefined || viewer.key.organizationId === organizationId;
}

export const ANONYMOUS: AnonymousViewer = { kind: 'anonymous' };

/** A stable key for counting and limiting by viewer; null for the anonymous, who are counted by address. */
export function viewerKey(viewer: Viewer): string | null {
  switch (viewer.kind) {
    case 'user':
      return viewer.userId;
    case 'guest':
      return viewer.attendeeId;
    case 'anonymous':
      return null;
  }
}

/** The ids that this viewer's rows carry, for the database to compare with. The anonymous have none. */
export function viewerIds(viewer: Viewer): readonly string[] {
  const key = viewerKey(viewer);
  return key === null ? [] : [key];
}
