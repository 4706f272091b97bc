import type { Kernel } from '../../realtime/kernel';
import type { UserService } from '../users';
import type { DeliveryPort, Parcel } from './delivery-port';
import { Undeliverable } from './delivery-port';
import type { ClaimedDelivery, DeliveryRepository, Settlement } from './delivery.repository';
import type { NotificationRecord, NotificationRepository } from './notification.repository';
import type { NotificationService } from './notification.service';

const AT_ONCE = 20;
const MAX_ATTEMPTS = 8;

export interface DeliveryServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly users: UserService;
  readonly notifications: NotificationRepository;
  readonly reading: Pick<NotificationService, 'settleAcknowledged'>;
  readonly deliveries: DeliveryRepository;
  readonly ports: readonly DeliveryPort[];
  readonly onError: (error: unknown) => void;
}

/**
 * Hands notifications over to the ports. Each delivery is claimed in a transaction of its own, tried outside of any, and settled; who dies in
 * between leaves it claimed for a minute. So each is tried at least once, and by one instance at a time.
 */
export class DeliveryService {
  constructor(private readonly deps: DeliveryServiceDeps) {}

  /** Everything that is due. */
  async deliver(): Promise<void> {
    const { kernel, deliveries, ports } = this.deps;
    if (ports.length === 0) return;
    const names = ports.map(({ port }) => port);
    let claimed: ClaimedDelivery[];
    do {
      claimed = await deliveries.claim(kernel.database.as('system'), names, AT_ONCE);
      await Promise.all(claimed.map((delivery) => this.attempt(delivery)));
    } while (claimed.length === AT_ONCE);
  }

  async close(): Promise<void> {
    await Promise.all(this.deps.ports.map((port) => port.close()));
  }

  private async attempt(delivery: ClaimedDelivery): Promise<void> {
    const { kernel, deliveries, ports, onError } = this.deps;
    const settle = (settlement: Settlement, error: string | null = null): Promise<void> =>
      deliveries.settle(kernel.database.as('system'), delivery, settlement, error);
    try {
      const parcel = await this.pack(delivery);
      if (parcel === null) return await settle('NOT_NEEDED');
      await ports.find(({ port }) => port === delivery.port)?.deliver(parcel);
      await settle('SENT');
    } catch (error) {
      const isLast = error instanceof Undeliverable || delivery.attempts >= MAX_ATTEMPTS;
      await settle(isLast ? 'FAILED' : null, error instanceof Error ? error.message : String(error)).catch(onError);
    }
  }

  /** Null when it has been read meanwhile. */
  private async pack({ notificationId, userId }: ClaimedDelivery): Promise<Parcel | null> {
    const { kernel, users, notifications, reading } = this.deps;
    await reading.settleAcknowledged(userId);
    const notification = await notifications.find(kernel.database.as([userId]), userId, notificationId);
    const [user] = await users.listByIds([userId]);
    if (notification === null || user === undefined || isRead(notification)) return null;
    // Anybody may have typed an address that nobody has vouched for: strangers get no letters.
    return { notification, recipient: { displayName: user.displayName, email: user.emailVerifiedAt === null ? null : user.email } };
  }
}

/** By somebody. What was filed as read at once, because it is not wanted here, is for the other ports. */
function isRead({ readAt, updatedAt }: NotificationRecord): boolean {
  return readAt !== null && readAt > updatedAt;
}
