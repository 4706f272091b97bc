import type { Actor } from '../../lib/actor';
import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { SessionService } from '../sessions';
import { notACollaborator } from './collaboration.errors';
import { canCollaborate } from './collaboration.policy';
import type { PointerNews } from './pointer-frames';
import { PointerFrames } from './pointer-frames';

export interface PointerMove {
  readonly sessionId: string;
  readonly x: number;
  readonly y: number;
  readonly target?: string | null;
  readonly visible: boolean;
}

/** Who points at what: ephemeral, told to those who look at that moment, never stored. */
export class PointerService {
  constructor(
    private readonly kernel: Pick<Kernel, 'database' | 'ephemeral'>,
    private readonly sessions: SessionService,
    private readonly attendance: Attendance,
  ) {}

  async move(viewer: Viewer, { sessionId, x, y, target = null, visible }: PointerMove): Promise<void> {
    const { database, ephemeral } = this.kernel;
    const attendee = await this.attendance.require(database, viewer, sessionId);
    if (!canCollaborate(attendee, await this.sessions.requireOpen(database, sessionId))) throw notACollaborator();
    const news: PointerNews = { attendeeId: attendee.id, displayName: attendee.displayName, x, y, target, visible };
    ephemeral.publish(topicOf(sessionId), news);
  }

  /** Everybody's pointers but the viewer's own, until the viewer may not follow the session any more. */
  async follow(actor: Actor, sessionId: string, signal: Ending): Promise<AsyncIterableIterator<PointerNews[]>> {
    const { latest, end } = await this.attendance.watch(actor, sessionId, signal);
    const source = await this.kernel.ephemeral.follow<PointerNews>(topicOf(sessionId), end);
    return new PointerFrames({ source, readerId: latest()?.id ?? null });
  }
}

function topicOf(sessionId: string): string {
  return `pointers:${sessionId}`;
}
