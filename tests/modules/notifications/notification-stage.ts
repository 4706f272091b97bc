import type { DeliveryPort } from '../../../src/modules/notifications/delivery-port';
import type { NotificationsRoom } from '../../../src/modules/notifications/notifications.module';
import { createNotificationsRoom } from '../../../src/modules/notifications/notifications.module';
import type { NotificationRecord } from '../../../src/modules/notifications';
import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import type { Database } from '../../../src/persistence/database';
import { Consumers } from '../../../src/realtime/consumers';
import { by } from '../by';
import type { Stage } from '../stage';
import { setStage } from '../stage';

export interface NotificationStage extends Stage {
  readonly room: NotificationsRoom;
  /** Lets the consumer come up with what has happened. */
  tellAll(): Promise<void>;
  /** Lets it read everything anew. */
  rebuild(): Promise<boolean>;
  /** What they are told, the newest first. */
  toldTo(viewer: Viewer): Promise<NotificationRecord[]>;
  /** Two users, and a channel of both. */
  pair(): Promise<{ ann: UserViewer; ben: UserViewer; channelId: string }>;
}

/** A stage with its notifications; they are told when the test says so. */
export async function setNotificationStage(database: Database, ports: readonly DeliveryPort[] = []): Promise<NotificationStage> {
  const stage = setStage(database);
  const { kernel } = stage;
  const room = createNotificationsRoom({ ...stage, ports });
  const consumers = new Consumers(database, kernel.unitOfWork);
  consumers.add([room.consumer]);
  await consumers.register();
  return {
    ...stage,
    room,
    tellAll: () => consumers.run(),
    rebuild: () => consumers.rebuild(room.consumer),
    toldTo: (viewer) => room.notifications.list(viewer, { unreadOnly: false, types: null }, null, 100),
    pair: async () => {
      const [ann, ben] = [await stage.user('Ann'), await stage.user('Ben')];
      const draft = { name: 'customer:ann:talk', type: 'SHARED' as const, memberIds: [ben.userId] };
      const channel = await stage.channels.create(by(ann), draft);
      return { ann, ben, channelId: channel.id };
    },
    close: async () => {
      await consumers.close();
      await room.close();
      await stage.close();
    },
  };
}
