import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import type { Position, StreamEvent, StreamItem } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { Audience } from '../../realtime/subscription';
import type { Attendance, Standpoint } from '../attendees';
import { isForAttendee, isForEverybody } from '../attendees';
import { canReceivePoll, pollNewsIn } from '../polls';
import { canReceive, isPublic, questionIn, reportsChanged, seesAll } from '../questions';
import { notesChanged, sessionStream } from '../sessions';

/** An item together with whose eyes it is for; null where it is the same for everyone. */
export interface SeenItem {
  readonly item: StreamItem;
  readonly standpoint: Standpoint | null;
}

/** Everything that happens in a session, for those who are present and those who look after it. */
export class SessionEventsService {
  constructor(
    private readonly kernel: Pick<Kernel, 'fanOut'>,
    private readonly attendance: Attendance,
  ) {}

  async follow(actor: Actor, sessionId: string, after: Position | null, signal: Ending): Promise<AsyncIterableIterator<StreamItem>> {
    const { fanOut } = this.kernel;
    const stream = sessionStream(sessionId);
    const [mark, { standpoint, end }] = await Promise.all([fanOut.mark(stream), this.attendance.watch(actor, sessionId, signal)]);
    return fanOut.follow(stream, { after, mark, signal: end, accept: (event) => isFor(standpoint(), event), audience: PRESENT });
  }

  async list(actor: Actor, sessionId: string, after: Position | null, first: number): Promise<SeenItem[]> {
    const standpoint = await this.attendance.requireStandpoint(actor, sessionId, 'session.followed');
    if (standpoint.attendee !== null) this.attendance.see(standpoint.attendee);
    const accept = (event: StreamEvent): boolean => isFor(standpoint, event);
    const items = await this.kernel.fanOut.page(sessionStream(sessionId), { after, first, accept });
    return items.map((item) => ({ item, standpoint }));
  }

  /**
   * A followed item for these eyes. Nearly all events are the same for everyone; only for what not everybody may see the
   * viewer's place is looked up, as it is now: in one statement for all who are told in one turn.
   */
  async see(viewer: Viewer, sessionId: string, item: StreamItem): Promise<SeenItem> {
    const personal = item.kind === 'event' && isPersonal(item.event);
    return { item, standpoint: personal ? await this.attendance.askStandpoint({ viewer, sessionId }) : null };
  }
}

/** Whoever may follow sees the same of everything else: a role changes only what is personal. */
const PRESENT: Audience = { key: 'present', shares: (event) => !isPersonal(event) };

/** What not everybody may see: a question out of sight, what is said against one, a poll that was never opened, news of somebody, notes. */
function isPersonal(event: StreamEvent): boolean {
  if (reportsChanged.is(event) || notesChanged.is(event)) return true;
  const question = questionIn(event);
  if (question !== null) return !isPublic(question);
  const news = pollNewsIn(event);
  return news === null ? !isForEverybody(event) : news.poll.openedAt === null;
}

function isFor(standpoint: Standpoint, event: StreamEvent): boolean {
  if (notesChanged.is(event)) return standpoint.attendee?.role === 'HOST' || standpoint.attendee?.role === 'ADVISOR';
  if (reportsChanged.is(event)) return seesAll(standpoint);
  const question = questionIn(event);
  if (question !== null) return canReceive(standpoint, question);
  const news = pollNewsIn(event);
  return news === null ? isForAttendee(standpoint.attendee, event) : canReceivePoll(standpoint, news.poll);
}
