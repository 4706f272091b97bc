import type { RoomParts } from '../../graphql/room';
import type { Consumer } from '../../realtime/consumer';
import type { Kernel } from '../../realtime/kernel';
import type { Attendance } from '../attendees';
import type { ChannelAccess } from '../channels';
import type { MessageService } from '../messages';
import type { OrganizationService } from '../organizations';
import type { SessionService } from '../sessions';
import type { UserService } from '../users';
import { ApplicationNoticeResolver } from './application-notice.resolver';
import { ApplicationNoticeService } from './application-notice.service';
import { ApplicationNotices } from './application-notices';
import type { DeliveryPort } from './delivery-port';
import { DeliveryRepository } from './delivery.repository';
import { DeliveryService } from './delivery.service';
import { MessageNotices } from './message-notices';
import { NotificationConsumer } from './notification-consumer';
import { NotificationRepository } from './notification.repository';
import { NotificationResolver } from './notification.resolver';
import { NotificationService } from './notification.service';
import { Notifier } from './notifier';
import { PreferenceRepository } from './preference.repository';
import { QuestionNotices } from './question-notices';
import { ReminderRepository } from './reminder.repository';
import { ReminderService } from './reminder.service';
import { Rounds } from './rounds';
import { SessionNotices } from './session-notices';

export const notificationsResolvers = [NotificationResolver, ApplicationNoticeResolver] as const;

/** A reminder comes this late at most; a letter too, beyond its own patience. */
const ROUND_MS = 5_000;
const SWEEP_MS = 60 * 60_000;

export interface NotificationsDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'fanOut' | 'rateLimiter'>;
  readonly users: UserService;
  readonly organizations: OrganizationService;
  readonly sessions: SessionService;
  readonly attendance: Attendance;
  readonly channelAccess: ChannelAccess;
  readonly messages: MessageService;
  /** The ways out that are set up, one for each port at most. */
  readonly ports: readonly DeliveryPort[];
  /** Told when reminding or delivering failed. */
  readonly onError?: (error: unknown) => void;
}

export interface NotificationsRoom extends RoomParts {
  readonly notifications: NotificationService;
  readonly applicationNotices: ApplicationNoticeService;
  readonly consumer: Consumer;
  /** They go round by themselves; `go` does so now. */
  readonly reminding: Rounds;
  readonly delivering: Rounds;
  /** Idempotent. */
  close(): Promise<void>;
}

export function createNotificationsRoom(deps: NotificationsDeps): NotificationsRoom {
  const { kernel, users, sessions, ports } = deps;
  const onError = deps.onError ?? (() => undefined);
  const repository = new NotificationRepository();
  const preferences = new PreferenceRepository();
  const deliveries = new DeliveryRepository();
  const reminders = new ReminderRepository();
  const notifier = new Notifier({ notifications: repository, preferences, deliveries, outward: ports.map(({ port }) => port) });
  const sessionNotices = new SessionNotices({ ...deps, reminders });
  const sources = [sessionNotices, new QuestionNotices(deps), new MessageNotices(deps), new ApplicationNotices()];
  const notifications = new NotificationService({ ...deps, notifications: repository, preferences });
  const applicationNotices = new ApplicationNoticeService(deps);
  const reminderService = new ReminderService({ kernel, sessions, reminders, notices: sessionNotices, notifier });
  const delivery = new DeliveryService({ kernel, users, notifications: repository, reading: notifications, deliveries, ports, onError });

  const reminding = new Rounds(() => reminderService.remind(), ROUND_MS, onError);
  const delivering = new Rounds(() => delivery.deliver(), ROUND_MS, onError);
  const sweeping = new Rounds(() => repository.sweep(kernel.database.as('system')), SWEEP_MS, onError);
  const isAvailable = (port: string): boolean => port === 'IN_APP' || ports.some((way) => way.port === port);
  const close = async (): Promise<void> => {
    await Promise.all([reminding, delivering, sweeping].map((rounds) => rounds.close()));
    await delivery.close();
  };
  return {
    notifications,
    applicationNotices,
    consumer: new NotificationConsumer(sources, notifier),
    reminding,
    delivering,
    resolvers: [new NotificationResolver(notifications, isAvailable), new ApplicationNoticeResolver(applicationNotices)],
    close,
  };
}
