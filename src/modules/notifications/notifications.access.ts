import type { AccessTable } from '../../graphql/access';
import { allow, AS_PARENT } from '../../graphql/access';

/** What somebody is told is theirs alone; keys tell people of their organization, and read nothing. */
export const notificationsAccess: AccessTable = {
  Query: {
    notifications: allow('user'),
    unreadNotificationCount: allow('user'),
    notificationPreferences: allow('user'),
    notificationEvents: allow('user'),
  },
  Mutation: {
    markNotificationRead: allow('user'),
    markAllNotificationsRead: allow('user'),
    setNotificationPreference: allow('user'),
    publishNotification: allow('organizationAdmin', 'notifications:write'),
    reportProgress: allow('organizationAdmin', 'notifications:write'),
  },
  Subscription: { notificationEvents: allow('user') },
  Notification: AS_PARENT,
  NotificationProgress: AS_PARENT,
  NotificationConnection: AS_PARENT,
  NotificationEdge: AS_PARENT,
  NotificationPayload: AS_PARENT,
  NotificationPreference: AS_PARENT,
  NotificationPreferencePayload: AS_PARENT,
  NotificationAdded: AS_PARENT,
  NotificationUpdated: AS_PARENT,
  NotificationsRead: AS_PARENT,
  MarkAllNotificationsReadPayload: AS_PARENT,
  PublishNotificationPayload: AS_PARENT,
};
