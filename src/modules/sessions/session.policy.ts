import type { Viewer } from '../../lib/viewer';
import type { MembershipRole } from '../organizations';
import { reaches } from '../organizations';
import type { SessionRecord } from './session.repository';

/** By what somebody looks after a session without a place in it: they administer its organization, or the platform. */
export type Oversight = 'organization' | 'platform';

/** Whose session it is: the host; in a call the creator is the client. */
export function isHost(viewer: Viewer, session: Pick<SessionRecord, 'hostId'>): boolean {
  return viewer.kind === 'user' && viewer.userId === session.hostId;
}

/** Who may start, pause, end and cancel: the host, in a call either party; and whoever looks after the session. */
export function canRun(viewer: Viewer, session: Pick<SessionRecord, 'hostId' | 'advisorId'>): boolean {
  return isHost(viewer, session) || (viewer.kind === 'user' && viewer.userId === session.advisorId);
}

/** Title, time and seats, and the roles of its people, are the host's alone; and of whoever looks after the session. */
export const canEdit = isHost;

export function oversightOf(organizationRole: MembershipRole | null, isPlatformAdmin: boolean): Oversight | null {
  if (organizationRole !== null && reaches(organizationRole, 'ADMIN')) return 'organization';
  return isPlatformAdmin ? 'platform' : null;
}

/** Notes are for who leads: the host of a conference, the advisor of a call. The client is not to read what the advisor writes down. */
export function keepsNotes(viewer: Viewer, session: Pick<SessionRecord, 'kind' | 'hostId' | 'advisorId'>): boolean {
  return viewer.kind === 'user' && viewer.userId === (session.kind === 'CALL' ? session.advisorId : session.hostId);
}
