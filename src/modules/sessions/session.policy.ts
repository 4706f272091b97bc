import type { Viewer } from '../../lib/viewer';
import type { SessionRecord } from './session.repository';

/** Whose session it is: the host; in a call the creator is the client. */
export function isHost(viewer: Viewer, session: Pick<SessionRecord, 'hostId'>): boolean {
  return viewer.kind === 'user' && viewer.userId === session.hostId;
}

/** Who may start, pause, end and cancel: the host; in a call either party. */
export function canRun(viewer: Viewer, session: Pick<SessionRecord, 'hostId' | 'advisorId'>): boolean {
  return isHost(viewer, session) || (viewer.kind === 'user' && viewer.userId === session.advisorId);
}

/** Title, time and seats are the host's alone. */
export const canEdit = isHost;
