import { idKind } from '../../lib/ids';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { DeliveryRepository } from './delivery.repository';
import { isEnabled } from './notification-defaults';
import { notificationAdded, notificationsStream, notificationUpdated } from './notification.events';
import type { NotificationDraft, NotificationRecord, NotificationRepository, Told } from './notification.repository';
import type { PreferenceRepository } from './preference.repository';

export const notificationIds = idKind('ntf');

type OutwardPort = 'EMAIL' | 'PUSH';

/** Whoever reads it here meanwhile gets no letter. */
const PATIENCE_MS = 60_000;

export interface NotifierDeps {
  readonly notifications: NotificationRepository;
  readonly preferences: PreferenceRepository;
  readonly deliveries: DeliveryRepository;
  /** The ports that are set up. */
  readonly outward: readonly OutwardPort[];
}

/** Tells people: makes the notifications, records them in their streams, and lets them go out where they are wanted. */
export class Notifier {
  constructor(private readonly deps: NotifierDeps) {}

  /** Repeating it with the same drafts changes nothing. */
  async tell(tx: RecordingTx, drafts: readonly NotificationDraft[]): Promise<void> {
    const { notifications, preferences, deliveries, outward } = this.deps;
    if (drafts.length === 0) return;
    const chosen = await preferences.listOf(tx, [...new Set(drafts.map(({ userId }) => userId))]);
    const wants = (userId: string, type: NotificationDraft['type'], port: OutwardPort | 'IN_APP'): boolean =>
      isEnabled(chosen.get(userId) ?? [], type, port);
    const told = await notifications.tellAll(
      tx,
      distinct(drafts).map((draft) => ({ ...draft, id: notificationIds.create(), silent: !wants(draft.userId, draft.type, 'IN_APP') })),
    );
    for (const one of told) if (wants(one.userId, one.type, 'IN_APP')) this.record(tx, one);
    await deliveries.schedule(
      tx,
      told
        .filter(({ isFresh }) => isFresh)
        .flatMap((one) => outward.filter((port) => wants(one.userId, one.type, port)).map((port) => ({ port, one })))
        .map(({ port, one }) => ({ notificationId: one.id, port, delayMs: patienceFor(one) })),
    );
  }

  private record(tx: RecordingTx, { isFresh, ...notification }: Told): void {
    const kind = isFresh ? notificationAdded : notificationUpdated;
    tx.record(notificationsStream(notification.userId), kind.record({ notification }));
  }
}

function patienceFor({ priority }: NotificationRecord): number {
  return priority === 'HIGH' || priority === 'URGENT' ? 0 : PATIENCE_MS;
}

/** Of those under one key the newest stands for all; what is told but once, the first. */
function distinct(drafts: readonly NotificationDraft[]): NotificationDraft[] {
  const byKey = new Map<string, NotificationDraft>();
  for (const draft of drafts) {
    const key = `${draft.userId} ${draft.key}`;
    const before = byKey.get(key);
    if (before === undefined) byKey.set(key, draft);
    else if (draft.lastOffset > before.lastOffset) byKey.set(key, joined(before, draft));
  }
  return [...byKey.values()];
}

function joined(before: NotificationDraft, after: NotificationDraft): NotificationDraft {
  return { ...after, count: before.count + after.count, reopens: before.reopens || after.reopens };
}
