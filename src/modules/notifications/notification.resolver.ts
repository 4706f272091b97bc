import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import { listCost, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { PageRequest } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { StreamCursor } from '../../graphql/scalars';
import { source } from '../../graphql/subscription';
import type { Position, StreamItem } from '../../realtime/event';
import { NotificationFilter, NotificationPreferenceInput } from './notification.input';
import type { NotificationPlace } from './notification.repository';
import type { NotificationService } from './notification.service';
import { MAX_UNREAD } from './notification.service';
import {
  MarkAllNotificationsReadPayload,
  NotificationConnection,
  NotificationEvent,
  NotificationPayload,
  NotificationPreference,
  NotificationPreferencePayload,
  toNotification,
  toNotificationEvent,
  toPreference,
} from './notification.type';
import { notificationIds } from './notifier';

const LIST = 'notifications';
const AFTER = 'The last cursor received.';
/** Every type by every port. */
const PREFERENCES = 30;

@Resolver()
export class NotificationResolver {
  constructor(
    private readonly service: NotificationService,
    private readonly isAvailable: (port: NotificationPreference['port']) => boolean,
  ) {}

  @Query(() => NotificationConnection, {
    complexity: pageCost,
    description: "The caller's notifications of the last 90 days, what said something new last first.",
  })
  async notifications(
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
    @Arg('filter', () => NotificationFilter, { nullable: true, description: 'Which; all when left out.' })
    filter?: NotificationFilter | null,
  ): Promise<NotificationConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const which = { unreadOnly: filter?.unreadOnly ?? false, types: filter?.types ?? null };
    const rows = await this.service.list(viewer, which, placeOf(request), request.size + 1);
    return toConnection(request, LIST, rows, ({ updatedAt, id }) => [updatedAt.getTime(), id], toNotification);
  }

  @Query(() => Int, { description: `How many of the caller's notifications are unread, at most ${MAX_UNREAD}.` })
  unreadNotificationCount(@Ctx() { viewer }: Context): Promise<number> {
    return this.service.countUnread(viewer);
  }

  @Query(() => [NotificationPreference], {
    complexity: listCost(PREFERENCES),
    description: 'Of what the caller wants to be told by which way: every type by every way, as chosen or by default.',
  })
  async notificationPreferences(@Ctx() { viewer }: Context): Promise<NotificationPreference[]> {
    const preferences = await this.service.listPreferences(viewer);
    return preferences.map((preference) => toPreference({ ...preference, available: this.isAvailable(preference.port) }));
  }

  @Mutation(() => NotificationPreferencePayload, {
    description: 'Chooses whether to be told of something by one way. What is told already stays as it is.',
  })
  async setNotificationPreference(
    @Arg('input', () => NotificationPreferenceInput, { description: 'The choice.' }) input: NotificationPreferenceInput,
    @Ctx() { viewer }: Context,
  ): Promise<NotificationPreferencePayload> {
    const set = await this.service.setPreference(viewer, input);
    const preference = toPreference({ ...set, available: this.isAvailable(set.port) });
    return Object.assign(new NotificationPreferencePayload(), { preference });
  }

  @Mutation(() => NotificationPayload, { description: 'Marks a notification as read. Repeating it changes nothing.' })
  async markNotificationRead(
    @Arg('notificationId', () => ID, { description: 'Which one.' }) notificationId: string,
    @Ctx() { viewer }: Context,
  ): Promise<NotificationPayload> {
    const notification = toNotification(await this.service.markRead(viewer, notificationId));
    return Object.assign(new NotificationPayload(), { notification });
  }

  @Mutation(() => MarkAllNotificationsReadPayload, { description: 'Marks everything as read that the caller has been told until now.' })
  async markAllNotificationsRead(@Ctx() { viewer }: Context): Promise<MarkAllNotificationsReadPayload> {
    return Object.assign(new MarkAllNotificationsReadPayload(), { count: await this.service.markAllRead(viewer) });
  }

  @Query(() => [NotificationEvent], {
    name: 'notificationEvents',
    complexity: pageCost,
    description: "The same events by polling, oldest first; the last one's cursor is where to go on.",
  })
  async listNotificationEvents(
    @Ctx() { viewer }: Context,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) after?: Position | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many at most, 1 to 100; 25 when left out.' }) first?: number | null,
  ): Promise<(typeof NotificationEvent)[]> {
    const { size } = pageRequest({ first }, 'notificationEvents', 0);
    const items = await this.service.listEvents(viewer, after ?? null, size);
    return items.map(toNotificationEvent);
  }

  @Subscription(() => NotificationEvent, {
    description: "What becomes of the caller's notifications: from now on, or after a cursor without a gap.",
    subscribe: source(
      () => NotificationResolver,
      (resolver, { after }: { after?: Position | null }, { viewer, signal }) => resolver.service.follow(viewer, after ?? null, signal),
    ),
  })
  notificationEvents(
    @Root() item: StreamItem,
    @Arg('after', () => StreamCursor, { nullable: true, description: AFTER }) _after?: Position | null,
  ): typeof NotificationEvent {
    return toNotificationEvent(item);
  }
}

function placeOf({ beyond }: PageRequest): NotificationPlace | null {
  if (beyond === null) return null;
  const [milliseconds = '', id = ''] = beyond;
  if (!/^\d{1,13}$/.test(milliseconds) || !notificationIds.is(id)) throw badInput('after', 'is not a cursor of this list');
  return { updatedAt: new Date(Number(milliseconds)), id };
}
