import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import type { Kernel } from '../../realtime/kernel';
import { LiveStates } from '../../realtime/live-state';
import type { AttendeesVisible, SessionRecord, SessionService } from '../sessions';
import { sessionNotFound } from '../sessions';
import type { Attendance } from './attendance';
import { sees, sightOf } from './attendee.policy';
import type { AttendeeRecord, Sight } from './attendee.repository';
import type { AttendeeService } from './attendee.service';
import type { ConnectionRepository } from './connection.repository';
import type { SessionPresence } from './session-presence';

/** As many as are shown one by one; a larger room is counted. */
export const MAX_ONLINE = 500;
/** Nobody is told more often than this. */
const INTERVAL_MS = 1_000;

/** Somebody who is connected. */
export interface Online {
  readonly attendee: AttendeeRecord;
  readonly since: Date;
}

export interface OnlineState {
  readonly count: number;
  readonly online: readonly Online[];
}

interface Room extends OnlineState {
  readonly visible: AttendeesVisible;
}

export interface PresenceServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly people: AttendeeService;
  readonly presence: SessionPresence;
  readonly connections: ConnectionRepository;
  readonly intervalMs?: number;
}

/** Who is connected to a session now, on whichever instance. */
export class PresenceService {
  private readonly rooms: LiveStates<Room>;
  private readonly counts: LiveStates<number>;

  constructor(private readonly deps: PresenceServiceDeps) {
    const intervalMs = deps.intervalMs ?? INTERVAL_MS;
    // The store tells nobody of leases that run out: it is asked, once for all who look.
    this.rooms = new LiveStates({ watch: (id, onNews) => this.poll(id, onNews, intervalMs), read: (id) => this.read(id), intervalMs });
    this.counts = new LiveStates({
      watch: (_, onNews) => Promise.resolve(every(intervalMs, onNews)),
      read: (id) => deps.presence.count(id),
      intervalMs: intervalMs / 2,
    });
  }

  /** How many are connected. NOT_FOUND for whoever may see no more than the session's card. */
  async count(actor: Actor, session: SessionRecord): Promise<number> {
    await this.requireReader(actor, session);
    return this.deps.presence.count(session.id);
  }

  /** Those of them whom the viewer sees, the longest first. */
  async list(actor: Actor, session: SessionRecord): Promise<readonly Online[]> {
    await this.requireReader(actor, session);
    const [{ online }, sight] = await Promise.all([this.read(session.id), this.deps.people.sight(actor, session)]);
    return online.filter(({ attendee }) => sees(sight, attendee));
  }

  /** First how it is, then how it is after changes, at most once a second; the last state always comes. */
  async follow(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<OnlineState>> {
    const { latest, end } = await this.deps.attendance.watch(actor, sessionId, signal);
    const view = {
      of: ({ count, online, visible }: Room) => Promise.resolve(seenOf({ count, online }, sightOf(latest(), visible))),
      equal: isSame,
    };
    return this.rooms.follow(sessionId, view, end);
  }

  /** The same of the number alone. */
  async followCount(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<number>> {
    const { end } = await this.deps.attendance.watch(actor, sessionId, signal);
    return this.counts.follow(sessionId, { of: (count) => Promise.resolve(count), equal: (one, other) => one === other }, end);
  }

  private async read(sessionId: string): Promise<Room> {
    const { presence, connections, kernel, sessions } = this.deps;
    const here = await presence.list(sessionId);
    const [online, { attendeesVisible }] = await Promise.all([
      connections.listOnline(kernel.database, here, MAX_ONLINE),
      sessions.get(kernel.database, sessionId),
    ]);
    return { count: here.length, online, visible: attendeesVisible };
  }

  /** Calls back when others are there than before. */
  private poll(sessionId: string, onNews: () => void, intervalMs: number): Promise<() => void> {
    let before = '';
    const look = async (): Promise<void> => {
      const here = (await this.deps.presence.list(sessionId)).sort().join();
      if (here !== before) onNews();
      before = here;
    };
    return Promise.resolve(every(intervalMs, () => void look().catch(() => undefined)));
  }

  private async requireReader(actor: Actor, session: SessionRecord): Promise<void> {
    if (!(await this.deps.sessions.admits(actor, session, 'session.attendees_read'))) throw sessionNotFound();
  }
}

function seenOf({ count, online }: OnlineState, sight: Sight): OnlineState {
  return { count, online: online.filter(({ attendee }) => sees(sight, attendee)) };
}

function isSame(one: OnlineState, other: OnlineState): boolean {
  const ids = ({ online }: OnlineState): string => online.map(({ attendee }) => attendee.id).join();
  return one.count === other.count && ids(one) === ids(other);
}

function every(milliseconds: number, call: () => void): () => void {
  const timer = setInterval(call, milliseconds).unref();
  return () => clearInterval(timer);
}
