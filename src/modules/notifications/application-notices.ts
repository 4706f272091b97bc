import type { StreamEvent } from '../../realtime/event';
import type { NoticeSource } from './notice-source';
import { draft } from './notice-source';
import { noticePublished, progressReported } from './notification.events';
import type { NotificationDraft } from './notification.repository';

/** What applications tell, and how far their work has come. */
export class ApplicationNotices implements NoticeSource {
  readonly types = [noticePublished.type, progressReported.type];

  async draftsOf(_tx: unknown, events: readonly StreamEvent[]): Promise<NotificationDraft[]> {
    return events.flatMap((event) => (noticePublished.is(event) ? ofNotice(event) : ofProgress(event)));
  }
}

function ofNotice(event: StreamEvent): NotificationDraft[] {
  const { userIds, key, ...notice } = noticePublished.read(event);
  const subject = { ...notice, type: 'APPLICATION', key: `application:${notice.organizationId}:${notice.applicationType}:${key}` } as const;
  return userIds.map((userId) => draft({ userId, ...subject }));
}

/** One notification for each piece of work. Until that is done it stays read once it was. */
function ofProgress(event: StreamEvent): NotificationDraft[] {
  const { userIds, key, done, total, state, ...notice } = progressReported.read(event);
  const subject = { ...notice, type: 'PROGRESS', key: `progress:${notice.organizationId}:${notice.applicationType}:${key}` } as const;
  const data = { done, total, state };
  return userIds.map((userId) => draft({ userId, ...subject, data, lastOffset: event.offset, reopens: state !== 'RUNNING' }));
}
