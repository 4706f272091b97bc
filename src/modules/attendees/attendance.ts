import { DomainError } from '../../errors/domain-error';
import { loaderOfTurns } from '../../graphql/loaders';
import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import { reachesOrganization, viewerIds, viewerKey } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import { isTransaction } from '../../persistence/database';
import type { Db } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { AuditAction } from '../audit';
import type { Oversight, SessionAudience, SessionOversight, SessionService } from '../sessions';
import { sessionIds, sessionNotFound } from '../sessions';
import { attendeeRemoved, notAttending } from './attendee.errors';
import { isLost, readsSession, takesPart } from './attendee.policy';
import type { AttendeeRecord, AttendeeRepository } from './attendee.repository';
import type { Rosters } from './rosters';
import type { SessionPresence } from './session-presence';

/** Somebody who follows something in a session. */
export interface Following {
  readonly attendee: AttendeeRecord;
  /** The same, as the session's stream has told it since: roles change. */
  readonly latest: () => AttendeeRecord;
  /** Aborts when they are not there any more. */
  readonly end: Ending;
}

/** Somebody who follows a session from a place in it, or looking after it from outside. */
export interface Watching {
  /** Null for who has no place. */
  readonly latest: () => AttendeeRecord | null;
  /** As what they follow it now. */
  readonly standpoint: () => Standpoint;
  readonly end: Ending;
}

/** As what somebody reads in a session: from a place in it, or looking after it. */
export type Standpoint =
  { readonly attendee: AttendeeRecord; readonly oversight: null } | { readonly attendee: null; readonly oversight: Oversight };

export interface PlaceAsked {
  readonly viewer: Viewer;
  readonly sessionId: string;
}

/** Who takes part, read from the store each time: a token names an attendee, only the row says whether they are still one. */
export class Attendance implements SessionAudience {
  private readonly asking = loaderOfTurns<PlaceAsked, AttendeeRecord | null>((asked) => this.listPlaces(asked));

  constructor(
    private readonly kernel: Pick<Kernel, 'database'>,
    private readonly attendees: AttendeeRepository,
    private readonly rosters: Rosters,
    private readonly presence: Pick<SessionPresence, 'see'>,
    private readonly sessions: Pick<SessionService, 'find' | 'get'>,
    private readonly oversight: SessionOversight,
    /** Takes a place again that was lost, as joining would. */
    private readonly comeBack: (place: AttendeeRecord) => Promise<AttendeeRecord>,
  ) {}

  /** The viewer's place in the session, in whatever status; null when it has none. A token of another session is none here. */
  async find(db: Db, viewer: Viewer, sessionId: string): Promise<AttendeeRecord | null> {
    if (viewer.kind === 'anonymous' || !sessionIds.is(sessionId)) return null;
    if (viewer.kind === 'user') {
      return (await this.reaches(db, viewer, sessionId)) ? this.attendees.findByUser(db, sessionId, viewer.userId) : null;
    }
    if (viewer.sessionId !== sessionId) return null;
    const attendee = await this.attendees.find(db, viewer.attendeeId);
    return attendee?.sessionId === sessionId ? attendee : null;
  }

  /** What each asks of their place in a session, in whatever status and in the order asked; null for none. Two statements at most. */
  async listPlaces(asked: readonly PlaceAsked[]): Promise<(AttendeeRecord | null)[]> {
    const { database } = this.kernel;
    const users = asked.flatMap(({ viewer, sessionId }) => (viewer.kind === 'user' ? [{ sessionId, userId: viewer.userId }] : []));
    const guests = asked.flatMap(({ viewer }) => (viewer.kind === 'guest' ? [viewer.attendeeId] : []));
    const places = await Promise.all([
      users.length === 0 ? [] : this.attendees.listByUsers(database, users),
      guests.length === 0 ? [] : this.attendees.listByIds(database, guests),
    ]);
    const reached = await Promise.all(asked.map(({ viewer, sessionId }) => this.reaches(database, viewer, sessionId)));
    const byKey = new Map(places.flat().flatMap((place) => keysOf(place).map((key) => [key, place] as const)));
    return asked.map(({ viewer, sessionId }, index) => (reached[index] && byKey.get(`${sessionId} ${viewerKey(viewer)}`)) || null);
  }

  /** The viewer's place in a session, in whatever status; null for none. Whoever asks in the same turn shares the statement. */
  ask(asked: PlaceAsked): Promise<AttendeeRecord | null> {
    return this.asking.load(asked);
  }

  /** Many viewers' places in one session, in one statement, in the order of the viewers: in a transaction its own, else that of `ask`. */
  async findEach(db: Db, viewers: readonly Viewer[], sessionId: string): Promise<(AttendeeRecord | null)[]> {
    if (!isTransaction(db)) return Promise.all(viewers.map((viewer) => this.ask({ viewer, sessionId })));
    const keys = viewers.map((viewer) => (viewer.kind === 'guest' && viewer.sessionId !== sessionId ? null : viewerKey(viewer)));
    if (!sessionIds.is(sessionId)) return keys.map(() => null);
    const [places, reached] = await Promise.all([
      this.attendees.listAmong(db, sessionId, [...new Set(keys)]),
      Promise.all(viewers.map((viewer) => this.reaches(db, viewer, sessionId))),
    ]);
    return keys.map((key, index) => (reached[index] && places.get(key)) || null);
  }

  /** An attendee of this session, in whatever status; null when the id is none of its. */
  async findById(db: Db, sessionId: string, attendeeId: string): Promise<AttendeeRecord | null> {
    const attendee = await this.attendees.find(db, attendeeId);
    return attendee?.sessionId === sessionId ? attendee : null;
  }

  /** Those of a session with one of these ids, their own or their users', by either. */
  listAmong(db: Db, sessionId: string, ids: readonly string[]): Promise<ReadonlyMap<string | null, AttendeeRecord>> {
    return this.attendees.listAmong(db, sessionId, ids);
  }

  /** Whoever is PRESENT, in no order. */
  listPresent(db: Db, sessionId: string): Promise<AttendeeRecord[]> {
    return this.attendees.listPresent(db, sessionId, null);
  }

  /** The accounts that had a place in the session by then, but for those who were removed, in no order. */
  listUserIds(db: Db, sessionId: string, by: Date): Promise<string[]> {
    return this.attendees.listUserIds(db, sessionId, by);
  }

  /**
   * The viewer as an attendee who is PRESENT, or was until the session ended. Throws NOT_FOUND for strangers (as if there were no session), FORBIDDEN ATTENDEE_REMOVED for
   * the removed, FORBIDDEN NOT_ATTENDING for those who have left or not come yet. Outside a transaction who was lost comes back by it, or is
   * refused as those are who join.
   */
  async require(db: Db, viewer: Viewer, sessionId: string): Promise<AttendeeRecord> {
    const place = await this.find(db, viewer, sessionId);
    return requirePresent(isTransaction(db) ? place : await this.returned(place));
  }

  /**
   * For subscriptions: the viewer as such an attendee, and a signal that aborts with `parent`, or as soon as this attendee leaves or is
   * removed, on whichever instance. Throws as `require` does. Costs no read where the session is followed already.
   */
  async follow(viewer: Viewer, sessionId: string, parent: Ending): Promise<Following> {
    // Strangers open nothing, and a roster does not know whose the session is.
    if (viewer.kind === 'anonymous' || isKey(viewer) || !this.rosters.has(sessionId))
      await this.require(this.kernel.database, viewer, sessionId);
    const roster = await this.rosters.open(sessionId);
    const place = isOf(viewer, sessionId) ? await roster.find(viewer) : null;
    const attendee = requirePresent(await this.returned(place));
    if (attendee !== place) roster.cameBack(attendee);
    return { attendee, latest: () => roster.latest(attendee.id) ?? attendee, end: roster.endSignal(attendee.id, parent) };
  }

  /** The same, for what may also be followed by whoever looks after the session: until they do not any more. */
  async watch(actor: Actor, sessionId: string, parent: Ending): Promise<Watching> {
    try {
      const { latest, end } = await this.follow(actor.viewer, sessionId, parent);
      return { latest, standpoint: () => ({ attendee: latest(), oversight: null }), end };
    } catch (error) {
      const watched = isRefusal(error) ? await this.watchFromOutside(actor, sessionId, parent) : null;
      if (watched === null) throw error;
      const { oversight, end } = watched;
      return { latest: () => null, standpoint: () => ({ attendee: null, oversight }), end };
    }
  }

  /** As `require`; but whoever looks after the session needs no place in it. `action` is what the audit log calls the reading. */
  async requireStandpoint(actor: Actor, sessionId: string, action: AuditAction): Promise<Standpoint> {
    const place = await this.returned(await this.find(this.kernel.database, actor.viewer, sessionId));
    return (await this.standpointOf(place, actor, sessionId, action)) ?? { attendee: requirePresent(place), oversight: null };
  }

  /** The same; null for whoever may not read in it. */
  async findStandpoint(actor: Actor, sessionId: string, action: AuditAction): Promise<Standpoint | null> {
    const place = await this.find(this.kernel.database, actor.viewer, sessionId);
    return this.standpointOf(place, actor, sessionId, action);
  }

  /** As what they read in a session, null for whoever may not: not audited, for what was opened to them already. Who asks in one turn shares a statement. */
  async askStandpoint(asked: PlaceAsked): Promise<Standpoint | null> {
    const place = await this.ask(asked);
    if (place !== null && takesPart(place)) return { attendee: place, oversight: null };
    const { database } = this.kernel;
    const session = asked.viewer.kind === 'user' ? await this.sessions.find(database, asked.sessionId) : null;
    const oversight = session && (await this.oversight.find(database.as(viewerIds(asked.viewer)), asked.viewer, session));
    return oversight && { attendee: null, oversight };
  }

  /** For those who poll what others follow: they count as connected for a while. Waits for nothing. */
  see({ sessionId, id }: AttendeeRecord): void {
    this.presence.see(sessionId, id);
  }

  async includes(db: Db, viewer: Viewer, sessionId: string): Promise<boolean> {
    const attendee = await (isTransaction(db) ? this.find(db, viewer, sessionId) : this.ask({ viewer, sessionId }));
    return attendee !== null && readsSession(attendee);
  }

  async listSessionIds(db: Db, viewer: Viewer): Promise<string[]> {
    if (viewer.kind === 'user') return this.attendees.listSessionIdsByUser(db, viewer.userId);
    if (viewer.kind === 'anonymous') return [];
    return (await this.includes(db, viewer, viewer.sessionId)) ? [viewer.sessionId] : [];
  }

  private async standpointOf(
    place: AttendeeRecord | null,
    actor: Actor,
    sessionId: string,
    action: AuditAction,
  ): Promise<Standpoint | null> {
    if (place !== null && takesPart(place)) return { attendee: place, oversight: null };
    const session = await this.sessions.find(this.kernel.database, sessionId);
    const oversight = session && (await this.oversight.findReading(actor, session, action));
    return oversight && { attendee: null, oversight };
  }

  private async watchFromOutside(actor: Actor, sessionId: string, parent: Ending): Promise<{ oversight: Oversight; end: Ending } | null> {
    const session = await this.sessions.find(this.kernel.database, sessionId);
    return session && this.oversight.follow(actor, session, parent);
  }

  private async returned(place: AttendeeRecord | null): Promise<AttendeeRecord | null> {
    return place !== null && isLost(place) ? this.comeBack(place) : place;
  }

  /** Costs a read for API keys alone. */
  private async reaches(db: Db, viewer: Viewer, sessionId: string): Promise<boolean> {
    return !isKey(viewer) || reachesOrganization(viewer, (await this.sessions.get(db, sessionId)).organizationId);
  }
}

function isKey(viewer: Viewer): boolean {
  return viewer.kind === 'user' && viewer.key !== undefined;
}

/** Why this attendee may not take part now: ATTENDEE_REMOVED, or NOT_ATTENDING for those who have left or not come yet. */
export function refusalOf(place: Pick<AttendeeRecord, 'status' | 'leaveReason'>): DomainError | null {
  if (takesPart(place)) return null;
  if (place.leaveReason === 'deleted') return sessionNotFound();
  return place.status === 'REMOVED' ? attendeeRemoved() : notAttending();
}

/** They may not, and not: nobody could tell. */
function isRefusal(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN');
}

function requirePresent(attendee: AttendeeRecord | null): AttendeeRecord {
  if (attendee === null) throw sessionNotFound();
  const refusal = refusalOf(attendee);
  if (refusal !== null) throw refusal;
  return attendee;
}

/** An attendee may ask as such, or as the user they are. */
function keysOf({ sessionId, id, userId }: AttendeeRecord): string[] {
  return [id, ...(userId === null ? [] : [userId])].map((key) => `${sessionId} ${key}`);
}

/** Whether the viewer can have a place in this session at all. */
function isOf(viewer: Viewer, sessionId: string): viewer is Exclude<Viewer, { kind: 'anonymous' }> {
  return viewer.kind === 'user' || (viewer.kind === 'guest' && viewer.sessionId === sessionId);
}
