import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import type { Position, StreamEvent, StreamItem } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { Audience } from '../../realtime/subscription';
import type { Attendance, AttendeeRecord } from '../attendees';
import { canModerate } from '../attendees';
import { canReceive, isPublic, questionIn, reportsChanged } from '../questions';
import { sessionStream } from '../sessions';

/** An item together with whose eyes it is for; null where it is the same for everyone. */
export interface SeenItem {
  readonly item: StreamItem;
  readonly attendee: AttendeeRecord | null;
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
    const [mark, { latest, end }] = await Promise.all([fanOut.mark(stream), this.attendance.watch(actor, sessionId, signal)]);
    return fanOut.follow(stream, { after, mark, signal: end, accept: (event) => isFor(latest(), event), audience: PRESENT });
  }

  async list(actor: Actor, sessionId: string, after: Position | null, first: number): Promise<SeenItem[]> {
    const { attendee } = await this.attendance.requireStandpoint(actor, sessionId, 'session.followed');
    if (attendee !== null) this.attendance.see(attendee);
    const accept = (event: StreamEvent): boolean => isFor(attendee, event);
    const items = await this.kernel.fanOut.page(sessionStream(sessionId), { after, first, accept });
    return items.map((item) => ({ item, attendee }));
  }

  /**
   * A followed item for these eyes. Nearly all events are the same for everyone; only for a question that not everybody may read the
   * viewer's place is looked up, as it is now: in one statement for all who are told in one turn.
   */
  async see(viewer: Viewer, sessionId: string, item: StreamItem): Promise<SeenItem> {
    const personal = item.kind === 'event' && isPersonal(item.event);
    return { item, attendee: personal ? await this.attendance.ask({ viewer, sessionId }) : null };
  }
}

/** Whoever may follow sees the same of everything else: a role changes only what is personal. */
const PRESENT: Audience = { key: 'present', shares: (event) => !isPersonal(event) };

/** A question that not everybody may read, and what is said against one. */
function isPersonal(event: StreamEvent): boolean {
  if (reportsChanged.is(event)) return true;
  const question = questionIn(event);
  return question !== null && !isPublic(question);
}

function isFor(attendee: AttendeeRecord | null, event: StreamEvent): boolean {
  if (reportsChanged.is(event)) return attendee !== null && canModerate(attendee);
  const question = questionIn(event);
  return question === null || canReceive(attendee, question);
}
