import type { StreamEvent } from '../../realtime/event';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { Attendance } from '../attendees';
import { attendeeJoined } from '../attendees';
import type { SessionRecord, SessionService } from '../sessions';
import { sessionChanged } from '../sessions';
import type { NoticeSource } from './notice-source';
import { draft } from './notice-source';
import type { NotificationDraft } from './notification.repository';
import type { ReminderRepository } from './reminder.repository';

export const REMINDED_BEFORE_MS = 10 * 60_000;

export interface SessionNoticesDeps {
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly reminders: ReminderRepository;
}

/** Sessions that start, and the other party of a call that comes. */
export class SessionNotices implements NoticeSource {
  readonly types = [sessionChanged.type, attendeeJoined.type];

  constructor(private readonly deps: SessionNoticesDeps) {}

  async draftsOf(tx: RecordingTx, events: readonly StreamEvent[]): Promise<NotificationDraft[]> {
    const drafts: NotificationDraft[] = [];
    for (const event of events) {
      if (attendeeJoined.is(event)) drafts.push(...(await this.ofJoining(tx, event)));
      else if (sessionChanged.is(event)) drafts.push(...(await this.ofChange(tx, event)));
    }
    return drafts;
  }

  /** Of a session that is about to start. Its host is told too. */
  async ofStarting(tx: RecordingTx, session: SessionRecord): Promise<NotificationDraft[]> {
    const key = `starting:${session.id}:${session.scheduledFor?.getTime() ?? 0}`;
    const title = `“${session.title}” starts soon`;
    const data = { sessionId: session.id, scheduledFor: session.scheduledFor?.toISOString() ?? null };
    return (await this.listPeople(tx, session, new Date())).map((userId) =>
      draft({ userId, key, type: 'SESSION_STARTING', priority: 'HIGH', title, subjectId: session.id, data }),
    );
  }

  private async ofChange(tx: RecordingTx, event: StreamEvent): Promise<NotificationDraft[]> {
    const { session } = sessionChanged.read(event);
    await this.plan(tx, session, event.at);
    // The start itself: a session that was paused, or edited, started before.
    if (session.status !== 'LIVE' || session.startedAt?.getTime() !== event.at.getTime()) return [];
    const others = (await this.listPeople(tx, session, event.at)).filter((userId) => userId !== session.hostId);
    const title = `“${session.title}” has started`;
    return others.map((userId) =>
      draft({
        userId,
        key: `started:${session.id}`,
        type: 'SESSION_STARTED',
        priority: 'HIGH',
        title,
        subjectId: session.id,
        data: { sessionId: session.id },
      }),
    );
  }

  private async plan(tx: RecordingTx, { id, status, scheduledFor }: SessionRecord, now: Date): Promise<void> {
    const { reminders } = this.deps;
    if (status !== 'SCHEDULED' || scheduledFor === null || scheduledFor <= now) await reminders.delete(tx, id);
    else await reminders.set(tx, id, new Date(scheduledFor.getTime() - REMINDED_BEFORE_MS));
  }

  private async ofJoining(tx: RecordingTx, event: StreamEvent): Promise<NotificationDraft[]> {
    const { attendee } = attendeeJoined.read(event);
    const session = await this.deps.sessions.find(tx, attendee.sessionId);
    if (session?.kind !== 'CALL') return [];
    const others = [session.hostId, session.advisorId].flatMap((id) => (id === null || id === attendee.userId ? [] : [id]));
    return others.map((userId) =>
      draft({
        userId,
        key: `peer:${attendee.id}:${event.offset}`,
        type: 'PEER_CONNECTION',
        priority: 'URGENT',
        title: `${attendee.displayName} is waiting for you in “${session.title}”`,
        subjectId: session.id,
        data: { sessionId: session.id, attendeeId: attendee.id },
      }),
    );
  }

  /** Whoever runs it and whoever had a place in it by then, by their accounts. */
  private async listPeople(tx: RecordingTx, { id, hostId, advisorId }: SessionRecord, by: Date): Promise<string[]> {
    const attending = await this.deps.attendance.listUserIds(tx, id, by);
    return [...new Set([hostId, ...(advisorId === null ? [] : [advisorId]), ...attending])];
  }
}
