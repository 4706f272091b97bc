import type { Actor } from '../../lib/actor';
import { viewerKey } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { SessionService } from '../sessions';
import { isWaiting } from './attendee.policy';
import type { AttendeeRecord, AttendeeRepository } from './attendee.repository';
import type { AttendeeService } from './attendee.service';

/** What somebody did in a session, counted from what is stored. */
export interface Engagement {
  readonly presentMs: number;
  readonly handRaises: number;
  readonly messages: number;
  readonly reactions: number;
  readonly questions: number;
  readonly votes: number;
}

export type Deed = 'messages' | 'reactions' | 'questions' | 'votes';

/** Asked of the rooms above: how often each of these attendees of one session did each thing, by attendee; who is left out never did. */
export interface EngagementSource {
  count(
    db: Db,
    sessionId: string,
    attendees: readonly AttendeeRecord[],
  ): Promise<Readonly<Partial<Record<Deed, ReadonlyMap<string, number>>>>>;
}

export interface EngagementServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly sessions: SessionService;
  readonly attendees: AttendeeRepository;
  readonly people: AttendeeService;
  /** Asked late: these rooms are built after this one. */
  readonly engagement: () => readonly EngagementSource[];
}

/** How much each takes part: for who keeps order, and of themselves for everybody. */
export class EngagementService {
  constructor(private readonly deps: EngagementServiceDeps) {}

  /** In the order asked; null where the viewer may not know. A few statements for each session. */
  async listFor(actor: Actor, attendees: readonly AttendeeRecord[]): Promise<(Engagement | null)[]> {
    const sessionIds = [...new Set(attendees.map(({ sessionId }) => sessionId))];
    const found = await Promise.all(
      sessionIds.map(async (sessionId) => {
        const known = await this.known(
          actor,
          sessionId,
          attendees.filter((attendee) => attendee.sessionId === sessionId),
        );
        return [...(await this.count(sessionId, known))];
      }),
    );
    const byId = new Map(found.flat());
    return attendees.map(({ id }) => byId.get(id) ?? null);
  }

  /** Those of whom the viewer may know. */
  private async known(actor: Actor, sessionId: string, attendees: readonly AttendeeRecord[]): Promise<readonly AttendeeRecord[]> {
    const own = viewerKey(actor.viewer);
    const isOwn = ({ id, userId }: AttendeeRecord): boolean => own !== null && (id === own || userId === own);
    if (attendees.every(isOwn)) return attendees;
    const session = await this.deps.sessions.get(this.deps.kernel.database, sessionId);
    const { waiting: keepsOrder } = await this.deps.people.sight(actor, session);
    return keepsOrder ? attendees : attendees.filter(isOwn);
  }

  private async count(sessionId: string, attendees: readonly AttendeeRecord[]): Promise<ReadonlyMap<string, Engagement>> {
    const came = attendees.filter((attendee) => !isWaiting(attendee));
    if (came.length === 0) return new Map();
    const { kernel, engagement } = this.deps;
    const db = kernel.database.as('system');
    const [stays, ...deeds] = await Promise.all([
      this.deps.attendees.listStays(
        db,
        came.map(({ id }) => id),
      ),
      ...engagement().map((source) => source.count(db, sessionId, came)),
    ]);
    const counts = Object.assign({}, ...deeds) as Partial<Record<Deed, ReadonlyMap<string, number>>>;
    const of = (deed: Deed, id: string): number => counts[deed]?.get(id) ?? 0;
    return new Map(
      stays.map(({ id, presentMs, handRaises }) => [
        id,
        {
          presentMs,
          handRaises,
          messages: of('messages', id),
          reactions: of('reactions', id),
          questions: of('questions', id),
          votes: of('votes', id),
        },
      ]),
    );
  }
}
