import type { Ending } from '../../lib/ending';
import type { Viewer } from '../../lib/viewer';
import type { Position, StreamItem } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { MessageService } from '../messages';
import { requireUser } from '../users';
import type { PreferenceRecord } from './notification-defaults';
import { withDefaults } from './notification-defaults';
import { notificationNotFound } from './notification.errors';
import { notificationsStream, readingOf } from './notification.events';
import type { NotificationFilter, NotificationPlace, NotificationRecord, NotificationRepository } from './notification.repository';
import { notificationIds } from './notifier';
import type { PreferenceRepository } from './preference.repository';

/** Nobody counts further. */
export const MAX_UNREAD = 999;

export interface NotificationServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut'>;
  readonly notifications: NotificationRepository;
  readonly preferences: PreferenceRepository;
  readonly messages: MessageService;
}

/** What somebody is told, for themselves alone. */
export class NotificationService {
  constructor(private readonly deps: NotificationServiceDeps) {}

  async list(viewer: Viewer, filter: NotificationFilter, beyond: NotificationPlace | null, limit: number): Promise<NotificationRecord[]> {
    const { userId } = requireUser(viewer);
    await this.settleAcknowledged(userId);
    return this.deps.notifications.list(this.deps.kernel.database.as([userId]), userId, filter, beyond, limit);
  }

  async countUnread(viewer: Viewer): Promise<number> {
    const { userId } = requireUser(viewer);
    await this.settleAcknowledged(userId);
    return this.deps.notifications.countUnread(this.deps.kernel.database.as([userId]), userId, MAX_UNREAD);
  }

  /** Reading twice is the same as once. */
  async markRead(viewer: Viewer, id: string): Promise<NotificationRecord> {
    const { userId } = requireUser(viewer);
    const { kernel, notifications } = this.deps;
    return kernel.unitOfWork.as([userId]).run(async (tx) => {
      if (!notificationIds.is(id)) throw notificationNotFound();
      const read = await notifications.markRead(tx, userId, id);
      if (read !== null) tx.record(notificationsStream(userId), ...readingOf([id]));
      const found = read ?? (await notifications.find(tx, userId, id));
      if (found === null) throw notificationNotFound();
      return found;
    });
  }

  /** Answers how many were unread. */
  async markAllRead(viewer: Viewer): Promise<number> {
    const { userId } = requireUser(viewer);
    const { kernel, notifications } = this.deps;
    return kernel.unitOfWork.as([userId]).run(async (tx) => {
      const ids = await notifications.markAllRead(tx, userId);
      tx.record(notificationsStream(userId), ...readingOf(ids));
      return ids.length;
    });
  }

  async listPreferences(viewer: Viewer): Promise<PreferenceRecord[]> {
    const { userId } = requireUser(viewer);
    const chosen = await this.deps.preferences.listOf(this.deps.kernel.database, [userId]);
    return withDefaults(chosen.get(userId) ?? []);
  }

  async setPreference(viewer: Viewer, preference: PreferenceRecord): Promise<PreferenceRecord> {
    await this.deps.preferences.set(this.deps.kernel.database, requireUser(viewer).userId, preference);
    return preference;
  }

  async follow(viewer: Viewer, after: Position | null, signal: Ending): Promise<AsyncIterableIterator<StreamItem>> {
    return this.deps.kernel.fanOut.follow(notificationsStream(requireUser(viewer).userId), { after, signal });
  }

  async listEvents(viewer: Viewer, after: Position | null, first: number): Promise<StreamItem[]> {
    return this.deps.kernel.fanOut.page(notificationsStream(requireUser(viewer).userId), { after, first });
  }

  /** Messages that somebody has acknowledged in their channel are read here too, as soon as anybody looks. */
  async settleAcknowledged(userId: string): Promise<void> {
    const { kernel, notifications, messages } = this.deps;
    const database = kernel.database.as([userId]);
    const unread = await notifications.listUnreadMessages(database, userId);
    if (unread.length === 0) return;
    const channelIds = unread.map(({ channelId }) => channelId);
    const markers = await messages.listMarkers(database, channelIds, [userId]);
    const seen = new Map(markers.map(({ channelId, offset }) => [channelId, offset]));
    const settled = unread.filter(({ channelId, lastOffset }) => (seen.get(channelId) ?? 0) >= lastOffset);
    if (settled.length === 0) return;
    await kernel.unitOfWork.as([userId]).run(async (tx) => {
      for (const { id, lastOffset } of settled) {
        const read = await notifications.markRead(tx, userId, id, lastOffset);
        if (read !== null) tx.record(notificationsStream(userId), ...readingOf([id]));
      }
    });
  }
}
