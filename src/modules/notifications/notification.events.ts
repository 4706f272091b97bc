import type { NewEvent, StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { Json } from '../../realtime/event';
import type { NotificationPriority, NotificationRecord } from './notification.repository';

/** What one user is told, and has read. */
export function notificationsStream(userId: string): StreamId {
  return `notifications:${userId}`;
}

const dates = ['notification.createdAt', 'notification.updatedAt', 'notification.readAt'];

/** Something new, or something that had been read and has news. */
export const notificationAdded = defineEvent<{ notification: NotificationRecord }>('notification.added', { dates });

/** One that was not read yet says something more. */
export const notificationUpdated = defineEvent<{ notification: NotificationRecord }>('notification.updated', { dates });

/** These were read. */
export const notificationsRead = defineEvent<{ notificationIds: readonly string[] }>('notification.read');

/** What one event names at most. */
const NAMED_TOGETHER = 500;

/** As many events as it takes. Each is named: what is told meanwhile was not read, wherever it stands in the stream. */
export function readingOf(ids: readonly string[]): NewEvent[] {
  const parts = Array.from({ length: Math.ceil(ids.length / NAMED_TOGETHER) }, (_, index) =>
    ids.slice(index * NAMED_TOGETHER, (index + 1) * NAMED_TOGETHER),
  );
  return parts.map((notificationIds) => notificationsRead.record({ notificationIds }));
}

/** What the applications of an organization have to tell, in the order in which they said it. For the consumer: nobody subscribes to it. */
export function applicationsStream(organizationId: string): StreamId {
  return `applications:${organizationId}`;
}

interface ApplicationNotice {
  readonly organizationId: string;
  readonly userIds: readonly string[];
  /** The application's own name of the type, with a dot in it. */
  readonly applicationType: string;
  /** The same again is the same notification. */
  readonly key: string;
  readonly title: string;
  readonly body: string | null;
  readonly link: string | null;
}

export const noticePublished = defineEvent<ApplicationNotice & { readonly priority: NotificationPriority; readonly data: Json }>(
  'application.notice_published',
);

export const progressReported = defineEvent<
  ApplicationNotice & { readonly done: number; readonly total: number | null; readonly state: ProgressState }
>('application.progress_reported');

export type ProgressState = 'RUNNING' | 'SUCCEEDED' | 'FAILED';
