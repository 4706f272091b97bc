/**
 * What people with accounts are told of what happened: a consumer of the log makes notifications of events, nobody calls it. Each stands in its
 * user's stream, and goes out by the ports that are set up.
 */
export { notificationsStream } from './notification.events';
export type { NotificationRecord } from './notification.repository';
export type { DeliveryPort, Parcel } from './delivery-port';
export { Undeliverable } from './delivery-port';
export { SmtpMailer } from './smtp-mailer';
export { NotificationService } from './notification.service';
