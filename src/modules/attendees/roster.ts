import type DataLoader from 'dataloader';
import { loaderOfTurns } from '../../graphql/loaders';
import type { Viewer } from '../../lib/viewer';
import type { StreamEvent } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import { sessionStream } from '../sessions';
import { attendeeChanged, attendeeJoined, attendeeLeft } from './attendee.events';
import { takesPart } from './attendee.policy';
import type { AttendeeRecord, AttendeeRepository } from './attendee.repository';

const CHANGES = [attendeeJoined, attendeeLeft, attendeeChanged];
/** How many are read when it is opened; a larger crowd is read as it comes. */
const MAX_READ_AHEAD = 2_000;

export interface RosterDeps {
  readonly kernel: Pick<Kernel, 'database' | 'fanOut'>;
  readonly attendees: AttendeeRepository;
  readonly sessionId: string;
}

/**
 * The people of one session as its own stream tells it, while somebody here follows something in it: a place is read once, and every
 * later change of it comes as an event. So a thousand who come back at once are known without a read, and the leaving of one is looked
 * at once, not by each of the thousand.
 *
 * It is behind the store by as much as the stream is: a millisecond or so, a second or two without the bus. That is good enough to open
 * what the same stream ends, and never to write.
 */
export class Roster {
  private readonly places = new Map<string, AttendeeRecord>();
  private readonly idsByUser = new Map<string, string>();
  private readonly ends = new Map<string, Set<AbortController>>();
  private readonly reader: DataLoader<string, AttendeeRecord | null>;
  private readonly stopWatching: () => void;

  static async open(deps: RosterDeps, onCrossing: (attendeeId: string) => void): Promise<Roster> {
    let roster: Roster | null = null;
    const stopWatching = await deps.kernel.fanOut.watch(sessionStream(deps.sessionId), (event) => roster?.onNews(event));
    roster = new Roster(deps, onCrossing, stopWatching);
    for (const attendee of await deps.attendees.listPresent(deps.kernel.database, deps.sessionId, MAX_READ_AHEAD)) roster.learn(attendee);
    return roster;
  }

  private constructor(
    { kernel, attendees, sessionId }: RosterDeps,
    /** Told when an attendee begins to follow, and when they follow nothing any more. */
    private readonly onCrossing: (attendeeId: string) => void,
    stopWatching: () => void,
  ) {
    this.stopWatching = stopWatching;
    this.reader = loaderOfTurns(async (keys) => {
      const read = await attendees.listAmong(kernel.database, sessionId, keys);
      return keys.map((key) => read.get(key) ?? null);
    });
  }

  /** The place of this user or attendee, in whatever status; null for strangers. */
  async find(viewer: Exclude<Viewer, { kind: 'anonymous' }>): Promise<AttendeeRecord | null> {
    const key = viewer.kind === 'user' ? viewer.userId : viewer.attendeeId;
    const known = this.known(key);
    if (known !== undefined) return known;
    const read = await this.reader.load(key);
    return read && this.learn(read);
  }

  /** Aborts with `parent`, or as soon as this attendee has left or was removed. The end of the session ends nothing: they read on. */
  endSignal(attendeeId: string, parent: AbortSignal): AbortSignal {
    const end = new AbortController();
    if (parent.aborted || !this.takesPart(attendeeId)) end.abort();
    else this.enlist(attendeeId, end, parent);
    return end.signal;
  }

  get isIdle(): boolean {
    return this.ends.size === 0;
  }

  /** The attendees who follow something here now. */
  followers(): Iterable<string> {
    return this.ends.keys();
  }

  isFollowedBy(attendeeId: string): boolean {
    return this.ends.has(attendeeId);
  }

  close(): void {
    this.stopWatching();
    for (const attendeeId of [...this.ends.keys()]) this.end(attendeeId);
  }

  private enlist(attendeeId: string, end: AbortController, parent: AbortSignal): void {
    const ends = this.ends.get(attendeeId);
    if (ends === undefined) this.ends.set(attendeeId, new Set([end]));
    else ends.add(end);
    if (ends === undefined) this.onCrossing(attendeeId);
    parent.addEventListener('abort', () => end.abort(), { once: true, signal: end.signal });
    end.signal.addEventListener('abort', () => this.dismiss(attendeeId, end), { once: true });
  }

  private dismiss(attendeeId: string, end: AbortController): void {
    const ends = this.ends.get(attendeeId);
    if (ends?.delete(end) !== true || ends.size > 0) return;
    this.ends.delete(attendeeId);
    this.onCrossing(attendeeId);
  }

  private end(attendeeId: string): void {
    for (const end of [...(this.ends.get(attendeeId) ?? [])]) end.abort();
  }

  private takesPart(attendeeId: string): boolean {
    const place = this.places.get(attendeeId);
    return place !== undefined && takesPart(place);
  }

  private known(key: string): AttendeeRecord | undefined {
    return this.places.get(this.idsByUser.get(key) ?? key);
  }

  /** What the stream told while the row was being read is newer, or will be followed by what is. */
  private learn(read: AttendeeRecord): AttendeeRecord {
    const known = this.places.get(read.id);
    if (known === undefined) this.remember(read);
    return known ?? read;
  }

  private remember(attendee: AttendeeRecord): void {
    this.places.set(attendee.id, attendee);
    if (attendee.userId !== null) this.idsByUser.set(attendee.userId, attendee.id);
  }

  private onNews(event: StreamEvent | null): void {
    if (event === null) return this.startOver();
    const change = CHANGES.find((kind) => kind.is(event));
    if (change === undefined) return;
    const { attendee } = change.read(event);
    this.remember(attendee);
    if (!takesPart(attendee)) this.end(attendee.id);
  }

  /** The stream was lost, and with it, perhaps, somebody's leaving: whoever follows opens anew, and is looked at again. */
  private startOver(): void {
    this.places.clear();
    this.idsByUser.clear();
    for (const attendeeId of [...this.ends.keys()]) void this.endUnlessPresent(attendeeId);
  }

  private async endUnlessPresent(attendeeId: string): Promise<void> {
    const read = await this.reader.load(attendeeId).catch(() => null);
    if (read === null || !takesPart(this.learn(read))) this.end(attendeeId);
  }
}
