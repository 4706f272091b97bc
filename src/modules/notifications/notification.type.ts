import { createUnionType, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { DateTime, JsonScalar } from '../../graphql/scalars';
import { placeOf, StreamEventBase, StreamOpened, toStreamOpened } from '../../graphql/stream-event';
import type { Json, StreamEvent, StreamItem } from '../../realtime/event';
import type { PreferenceRecord } from './notification-defaults';
import { notificationAdded, notificationsRead, notificationUpdated } from './notification.events';
import type { ProgressState as ProgressStateName } from './notification.events';
import { NotificationPort, NotificationPriority, NotificationType } from './notification.repository';
import type { NotificationRecord } from './notification.repository';

export { NotificationPort, NotificationPriority, NotificationType };

registerEnumType(NotificationType, {
  name: 'NotificationType',
  description: 'What a notification is about.',
  valuesConfig: {
    NEW_MESSAGE: { description: 'Messages in a channel that somebody is a member of: one notification for each channel.' },
    MENTION: { description: 'Somebody named them in a message.' },
    SESSION_STARTING: { description: 'A session that they host, or have a place in, starts in ten minutes.' },
    SESSION_STARTED: { description: 'A session that they have a place in has started.' },
    QUESTION_ANSWERED: { description: 'Their question was answered.' },
    PEER_CONNECTION: { description: 'The other party of a call has come.' },
    INVOICE_READY: { description: 'An invoice can be read.' },
    SYSTEM_UPDATE: { description: 'News of the platform itself.' },
    PROGRESS: { description: 'How far a long piece of work has come.' },
    APPLICATION: { description: 'What an application of their organization tells, of a type of its own.' },
  },
});

registerEnumType(NotificationPriority, {
  name: 'NotificationPriority',
  description: 'How much a notification presses.',
  valuesConfig: {
    LOW: { description: 'It can wait.' },
    NORMAL: { description: 'As most do.' },
    HIGH: { description: 'It goes out at once.' },
    URGENT: { description: 'The same, and somebody is waiting.' },
  },
});

registerEnumType(NotificationPort, {
  name: 'NotificationPort',
  description: 'A way by which somebody is told.',
  valuesConfig: {
    IN_APP: { description: 'As a notification of this API. What is not wanted here is filed as read, without an event.' },
    EMAIL: { description: 'By letter, to an address that somebody has vouched for.' },
    PUSH: { description: 'To a device.' },
  },
});

export enum ProgressState {
  RUNNING = 'RUNNING',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
}

registerEnumType(ProgressState, {
  name: 'ProgressState',
  description: 'Where a piece of work stands.',
  valuesConfig: {
    RUNNING: { description: 'It goes on.' },
    SUCCEEDED: { description: 'It is done.' },
    FAILED: { description: 'It ended without being done.' },
  },
});

@ObjectType({ description: 'How far a piece of work has come.' })
export class NotificationProgress {
  @Field(() => Int, { description: 'How much is done, in units of the application.' })
  done!: number;

  @Field(() => Int, { nullable: true, description: 'Of how much; null when nobody knows.' })
  total!: number | null;

  @Field(() => ProgressState, { description: 'Where it stands.' })
  state!: ProgressStateName;
}

@ObjectType({ description: 'Something that the caller is told.' })
export class Notification {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => NotificationType, { description: 'What it is about.' })
  type!: NotificationType;

  @Field(() => String, { nullable: true, description: 'Of an application: the type by its own name.' })
  applicationType!: string | null;

  @Field(() => NotificationPriority, { description: 'How much it presses.' })
  priority!: NotificationPriority;

  @Field({ description: 'In a line, as text; what people have written in it stands as they wrote it.' })
  title!: string;

  @Field(() => String, { nullable: true, description: 'More of it, as text.' })
  body!: string | null;

  @Field(() => String, { nullable: true, description: 'Where an application shows more: an http or https URL.' })
  link!: string | null;

  @Field(() => ID, { nullable: true, description: 'What it is about: the id of a session, a channel, a question.' })
  subjectId!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: 'Facts for a client that has its own words: ids and names.' })
  data!: Json;

  @Field(() => NotificationProgress, { nullable: true, description: 'Of PROGRESS: how far it has come.' })
  progress!: NotificationProgress | null;

  @Field(() => Int, { description: 'How many facts it stands for, such as messages since it was last read.' })
  count!: number;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it last said something new.' })
  updatedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was read; null while it is not.' })
  readAt!: Date | null;
}

export function toNotification(record: NotificationRecord): Notification {
  const { id, type, applicationType, priority, title, body, link, subjectId, data, count, createdAt, updatedAt, readAt } = record;
  const told = { id, type, applicationType, priority, title, body, link, subjectId, data, count, createdAt, updatedAt, readAt };
  return Object.assign(new Notification(), told, { progress: type === 'PROGRESS' ? toProgress(data) : null });
}

function toProgress(data: Json): NotificationProgress {
  return Object.assign(new NotificationProgress(), data);
}

const { ConnectionType } = connectionTypes('Notification', () => Notification);

@ObjectType({ description: 'Notifications, what said something new last first.' })
export class NotificationConnection extends ConnectionType {}

@ObjectType({ description: 'A notification after what was done with it.' })
export class NotificationPayload {
  @Field(() => Notification, { description: 'The notification.' })
  notification!: Notification;
}

@ObjectType({ description: 'What came of reading all.' })
export class MarkAllNotificationsReadPayload {
  @Field(() => Int, { description: 'How many were unread.' })
  count!: number;
}

@ObjectType({ description: 'That a notice was taken in: it reaches people a moment later.' })
export class PublishNotificationPayload {
  @Field(() => Int, { description: 'To how many people it goes.' })
  recipientCount!: number;
}

@ObjectType({ description: 'Whether the caller wants to be told of something by one way.' })
export class NotificationPreference {
  @Field(() => NotificationType, { description: 'Of what.' })
  type!: NotificationType;

  @Field(() => NotificationPort, { description: 'By which way.' })
  port!: NotificationPort;

  @Field({ description: 'Whether it is wanted.' })
  enabled!: boolean;

  @Field({ description: 'Whether this server has that way at all.' })
  available!: boolean;
}

@ObjectType({ description: 'A preference after it was set.' })
export class NotificationPreferencePayload {
  @Field(() => NotificationPreference, { description: 'The preference.' })
  preference!: NotificationPreference;
}

export function toPreference(record: PreferenceRecord & { readonly available: boolean }): NotificationPreference {
  return Object.assign(new NotificationPreference(), record);
}

@ObjectType({ implements: StreamEventBase, description: 'A notification that is new, or had been read and has news.' })
export class NotificationAdded extends StreamEventBase {
  @Field(() => Notification, { description: 'The notification.' })
  notification!: Notification;
}

@ObjectType({ implements: StreamEventBase, description: 'A notification says more than it did.' })
export class NotificationUpdated extends StreamEventBase {
  @Field(() => Notification, { description: 'The notification as it now is.' })
  notification!: Notification;
}

@ObjectType({ implements: StreamEventBase, description: 'Notifications were read, here or on another device.' })
export class NotificationsRead extends StreamEventBase {
  @Field(() => [ID], { description: 'Which ones; of very many at once several events tell.' })
  notificationIds!: string[];
}

export const NotificationEvent = createUnionType({
  name: 'NotificationEvent',
  description: "What becomes of the caller's notifications, in order.",
  types: () => [StreamOpened, NotificationAdded, NotificationUpdated, NotificationsRead] as const,
});

export function toNotificationEvent(item: StreamItem): typeof NotificationEvent {
  if (item.kind === 'opened') return toStreamOpened(item);
  const { event } = item;
  if (notificationsRead.is(event)) return Object.assign(new NotificationsRead(), placeOf(event), notificationsRead.read(event));
  return toTelling(event);
}

function toTelling(event: StreamEvent): NotificationAdded | NotificationUpdated {
  const isNew = notificationAdded.is(event);
  const { notification } = (isNew ? notificationAdded : notificationUpdated).read(event);
  const told = { ...placeOf(event), notification: toNotification(notification) };
  return isNew ? Object.assign(new NotificationAdded(), told) : Object.assign(new NotificationUpdated(), told);
}
