import type DataLoader from 'dataloader';
import { loaderOfTurns } from '../../graphql/loaders';
import type { Ending } from '../../lib/ending';
import { ChildEnding } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import type { StreamEvent } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import { sessionChanged, sessionStream } from '../sessions';
import { attendeeNewsIn } from './attendee.events';
import { takesPart } from './attendee.policy';
import type { AttendeeRecord, AttendeeRepository } from './attendee.repository';

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
  /** Who follows something here, and how each of these is ended. */
  private readonly stays = new Map<string, readonly Stay[]>();
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
  endSignal(attendeeId: string, parent: Ending): Ending {
    const stay = new Stay(this, attendeeId, parent);
    if (parent.aborted || !this.takesPart(attendeeId)) stay.abort();
    else this.enlist(stay);
    return stay;
  }

  /** As the stream told it last; undefined while it is to be read anew. */
  latest(attendeeId: string): AttendeeRecord | undefined {
    return this.places.get(attendeeId);
  }

  /** They have come back, which the stream has yet to tell. */
  cameBack(attendee: AttendeeRecord): void {
    this.remember(attendee);
  }

  get isIdle(): boolean {
    return this.stays.size === 0;
  }

  /** The attendees who follow something here now. */
  followers(): Iterable<string> {
    return this.stays.keys();
  }

  isFollowedBy(attendeeId: string): boolean {
    return this.stays.has(attendeeId);
  }

  close(): void {
    this.stopWatching();
    this.endAll();
  }

  /** One of this attendee's stays is over. */
  dismiss(stay: Stay): void {
    const left = (this.stays.get(stay.attendeeId) ?? []).filter((other) => other !== stay);
    if (left.length > 0) return void this.stays.set(stay.attendeeId, left);
    if (this.stays.delete(stay.attendeeId)) this.onCrossing(stay.attendeeId);
  }

  private enlist(stay: Stay): void {
    const { attendeeId } = stay;
    const others = this.stays.get(attendeeId);
    this.stays.set(attendeeId, others?.concat(stay) ?? [stay]);
    if (others === undefined) this.onCrossing(attendeeId);
    stay.begin();
  }

  private endAll(): void {
    for (const attendeeId of [...this.stays.keys()]) this.end(attendeeId);
  }

  private end(attendeeId: string): void {
    for (const stay of this.stays.get(attendeeId) ?? []) stay.abort();
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
    if (sessionChanged.is(event) && sessionChanged.read(event).session.deletedAt !== null) return this.endAll();
    const news = attendeeNewsIn(event);
    if (news === null) return;
    const { attendee } = news;
    this.remember(attendee);
    if (!takesPart(attendee)) this.end(attendee.id);
  }

  /** The stream was lost, and with it, perhaps, somebody's leaving: whoever follows opens anew, and is looked at again. */
  private startOver(): void {
    this.places.clear();
    this.idsByUser.clear();
    for (const attendeeId of [...this.stays.keys()]) void this.endUnlessPresent(attendeeId);
  }

  private async endUnlessPresent(attendeeId: string): Promise<void> {
    const read = await this.reader.load(attendeeId).catch(() => null);
    if (read === null || !takesPart(this.learn(read))) this.end(attendeeId);
  }
}

/** As long as one attendee follows one thing: ends with the operation, or with their place. */
class Stay extends ChildEnding {
  constructor(
    private readonly roster: Roster,
    readonly attendeeId: string,
    operation: Ending,
  ) {
    super(operation);
  }

  protected override onEnd(): void {
    this.roster.dismiss(this);
  }
}
