/**
 * What people with accounts are told of what happened: a consumer of the log makes notifications of events, nobody calls it. Each stands in its
 * user's stream, and goes out by the ports that are set up.
 */
export { notificationsStream } from './notification.events';
export type { NotificationRecord } from './notification.repository';
export { NotificationService } from './notification.service';
