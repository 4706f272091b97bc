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
}

/** The bearer of an attendee token: this attendee, in this session only. */
export interface GuestViewer {
  readonly kind: 'guest';
  readonly attendeeId: string;
  readonly sessionId: string;
  readonly expiresAt: Date;
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
