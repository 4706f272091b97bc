import type { DomainError } from '../../errors/domain-error';
import { viewerKey } from '../../lib/viewer';
import type { Viewer } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { StreamEvent } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { SessionAudience } from '../sessions';
import { sessionIds, sessionNotFound, sessionStream } from '../sessions';
import { attendeeRemoved, notAttending } from './attendee.errors';
import { attendeeChanged, attendeeJoined, attendeeLeft } from './attendee.events';
import type { AttendeeRecord, AttendeeRepository } from './attendee.repository';

/** Who takes part, read from the store each time: a token names an attendee, only the row says whether they are still one. */
export class Attendance implements SessionAudience {
  constructor(
    private readonly kernel: Pick<Kernel, 'database' | 'fanOut'>,
    private readonly attendees: AttendeeRepository,
  ) {}

  /** The viewer's place in the session, in whatever status; null when it has none. A token of another session is none here. */
  async find(db: Db, viewer: Viewer, sessionId: string): Promise<AttendeeRecord | null> {
    if (viewer.kind === 'anonymous' || !sessionIds.is(sessionId)) return null;
    if (viewer.kind === 'user') return this.attendees.findByUser(db, sessionId, viewer.userId);
    if (viewer.sessionId !== sessionId) return null;
    const attendee = await this.attendees.find(db, viewer.attendeeId);
    return attendee?.sessionId === sessionId ? attendee : null;
  }

  /** The viewer's places in these sessions, in no order. */
  async listPlaces(viewer: Viewer, ids: readonly string[]): Promise<AttendeeRecord[]> {
    const { database } = this.kernel;
    if (viewer.kind === 'user') return this.attendees.listByUser(database, ids, viewer.userId);
    const places = await Promise.all(ids.map((id) => this.find(database, viewer, id)));
    return places.filter((place) => place !== null);
  }

  /** Many viewers' places in one session, in one statement, in the order of the viewers: for writers that share a transaction. */
  async findEach(db: Db, viewers: readonly Viewer[], sessionId: string): Promise<(AttendeeRecord | null)[]> {
    const keys = viewers.map((viewer) => (viewer.kind === 'guest' && viewer.sessionId !== sessionId ? null : viewerKey(viewer)));
    const places = sessionIds.is(sessionId) ? await this.attendees.listAmong(db, sessionId, [...new Set(keys)]) : [];
    const byKey = new Map(places.flatMap((place) => [[place.id, place] as const, [place.userId ?? place.id, place] as const]));
    return keys.map((key) => (key === null ? null : (byKey.get(key) ?? null)));
  }

  /** An attendee of this session, in whatever status; null when the id is none of its. */
  async findById(db: Db, sessionId: string, attendeeId: string): Promise<AttendeeRecord | null> {
    const attendee = await this.attendees.find(db, attendeeId);
    return attendee?.sessionId === sessionId ? attendee : null;
  }

  /** Whoever is PRESENT, in no order. */
  listPresent(db: Db, sessionId: string): Promise<AttendeeRecord[]> {
    return this.attendees.listPresent(db, sessionId);
  }

  /**
   * The viewer as a PRESENT attendee. Throws NOT_FOUND for strangers (as if there were no session), FORBIDDEN ATTENDEE_REMOVED for
   * the removed, FORBIDDEN NOT_ATTENDING for those who have left or not come yet.
   */
  async require(db: Db, viewer: Viewer, sessionId: string): Promise<AttendeeRecord> {
    const attendee = await this.find(db, viewer, sessionId);
    if (attendee === null) throw sessionNotFound();
    const refusal = refusalOf(attendee);
    if (refusal !== null) throw refusal;
    return attendee;
  }

  /**
   * A signal that aborts with `parent`, or as soon as this attendee leaves or is removed, on whichever instance. Attached before the
   * row is read again, so a removal in between is seen one way or the other.
   */
  async endSignal(attendee: AttendeeRecord, parent: AbortSignal): Promise<AbortSignal> {
    const end = new AbortController();
    const unsubscribe = await this.kernel.fanOut.watch(sessionStream(attendee.sessionId), (event) => {
      if (event === null) void this.endUnlessPresent(attendee, end).catch(() => end.abort());
      else if (endsPresence(event, attendee.id)) end.abort();
    });
    end.signal.addEventListener('abort', unsubscribe, { once: true });
    if (end.signal.aborted) unsubscribe();
    parent.addEventListener('abort', () => end.abort(), { once: true, signal: end.signal });
    try {
      await this.endUnlessPresent(attendee, end);
      if (parent.aborted) end.abort();
    } catch (error) {
      end.abort();
      throw error;
    }
    return end.signal;
  }

  async includes(db: Db, viewer: Viewer, sessionId: string): Promise<boolean> {
    const attendee = await this.find(db, viewer, sessionId);
    return attendee !== null && attendee.status !== 'REMOVED';
  }

  async listSessionIds(db: Db, viewer: Viewer): Promise<string[]> {
    if (viewer.kind === 'user') return this.attendees.listSessionIdsByUser(db, viewer.userId);
    if (viewer.kind === 'anonymous') return [];
    return (await this.includes(db, viewer, viewer.sessionId)) ? [viewer.sessionId] : [];
  }

  private async endUnlessPresent({ id }: AttendeeRecord, end: AbortController): Promise<void> {
    const current = await this.attendees.find(this.kernel.database, id);
    if (current?.status !== 'PRESENT') end.abort();
  }
}

/** Why this attendee may not take part now: ATTENDEE_REMOVED, or NOT_ATTENDING for those who have left or not come yet. */
export function refusalOf({ status }: Pick<AttendeeRecord, 'status'>): DomainError | null {
  if (status === 'PRESENT') return null;
  return status === 'REMOVED' ? attendeeRemoved() : notAttending();
}

function endsPresence(event: StreamEvent, attendeeId: string): boolean {
  const kind = [attendeeJoined, attendeeLeft, attendeeChanged].find((candidate) => candidate.is(event));
  if (kind === undefined) return false;
  const { attendee } = kind.read(event);
  return attendee.id === attendeeId && attendee.status !== 'PRESENT';
}
