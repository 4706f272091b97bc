import type { AttendeesVisible, SessionRecord } from '../sessions';
import type { AttendeeRecord, AttendeeRole, Sight } from './attendee.repository';

type Place = Pick<AttendeeRecord, 'role' | 'status' | 'leaveReason'>;
type Queued = Pick<AttendeeRecord, 'status' | 'waitingFor'>;

const MODERATING: readonly AttendeeRole[] = ['HOST', 'PRESENTER', 'MODERATOR'];
const PARTIES: readonly AttendeeRole[] = ['HOST', 'CLIENT', 'ADVISOR'];
/** Null: all. The parties of a call always see each other. */
const SEEN: Readonly<Record<AttendeesVisible, readonly AttendeeRole[] | null>> = {
  EVERYBODY: null,
  STAFF: [...MODERATING, 'CLIENT', 'ADVISOR'],
  NOBODY: ['CLIENT', 'ADVISOR'],
};

/** In the session now, or until it ended: those may go on reading what they were there for. */
export function takesPart({ status, leaveReason }: Pick<Place, 'status' | 'leaveReason'>): boolean {
  return status === 'PRESENT' || (status === 'LEFT' && leaveReason === 'ended');
}

/** Had no connection for too long. They did not leave, so they need not be asked whether they want to come back. */
export function isLost({ status, leaveReason }: Pick<Place, 'status' | 'leaveReason'>): boolean {
  return status === 'LEFT' && leaveReason === 'lost';
}

/** Waits to be let in, or for a seat; not who is only expected. */
export function isWaiting({ status, waitingFor }: Queued): boolean {
  return status === 'WAITING' && waitingFor !== null;
}

/** Whose place lets them read the session and who takes part: not the removed, nor who waits, nor who never came; a party is expected. */
export function readsSession(place: Pick<AttendeeRecord, 'role' | 'status' | 'joinedAt'> & Queued): boolean {
  if (place.status === 'WAITING') return !isWaiting(place) && isParty(place);
  return place.status === 'PRESENT' || (place.status === 'LEFT' && place.joinedAt !== null);
}

/** Who keeps order: removes people, hides and answers questions. In a call both parties are equal and nobody does. */
export function canModerate(place: Place): boolean {
  return takesPart(place) && MODERATING.includes(place.role);
}

/** A session without its host, or a call without a party, is none: they end it instead of being removed, and stay what they are. */
export function isParty({ role }: Pick<Place, 'role'>): boolean {
  return PARTIES.includes(role);
}

/** What somebody can be made. */
export function isGrantable(role: AttendeeRole): boolean {
  return !PARTIES.includes(role);
}

/** In a lobby waits who comes for the first time: who was let in once comes again as they like. */
export function mustAsk(
  { role, joinedAt }: { role: AttendeeRole; joinedAt?: Date | null },
  session: Pick<SessionRecord, 'lobby'>,
): boolean {
  return session.lobby && role === 'ATTENDEE' && joinedAt == null;
}

/** Whom of the list somebody sees; null: who looks after the session without a place in it, or is its host. */
export function sightOf(place: (Place & { id: string }) | 'nobody' | null, visible: AttendeesVisible): Sight {
  if (place === null || (place !== 'nobody' && canModerate(place))) return { roles: null, waiting: true, self: null };
  return { roles: SEEN[visible], waiting: false, self: place === 'nobody' ? null : place.id };
}

/** Was let in, and got a seat; or is expected. */
export function hasCome(attendee: AttendeeRecord): boolean {
  return !isWaiting(attendee) && (attendee.joinedAt !== null || isParty(attendee));
}

export function sees({ roles, waiting, self }: Sight, attendee: AttendeeRecord): boolean {
  if (attendee.id === self) return true;
  return (waiting || hasCome(attendee)) && (roles === null || roles.includes(attendee.role));
}

/** Who may present: by role, or everybody where the session lets them; in a call each party, for there is only one other. */
export function canPresent({ role }: Pick<Place, 'role'>, { kind, presenting }: Pick<SessionRecord, 'kind' | 'presenting'>): boolean {
  return kind === 'CALL' || presenting === 'EVERYONE' || role === 'HOST' || role === 'PRESENTER';
}

/** The host has a place of their own. */
export function takesSeat({ role }: Pick<Place, 'role'>): boolean {
  return role !== 'HOST';
}
