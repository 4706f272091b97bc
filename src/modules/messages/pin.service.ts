import type { Keyset } from '../../lib/keyset';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { ChannelAccess, KnownChannel } from '../channels';
import { channelStream } from '../channels';
import { mayNotPin, messageDeletedAlready, tooManyPins } from './message.errors';
import { pinChanged } from './message.events';
import type { MessageSnapshot } from './message.repository';
import type { MessageService } from './message.service';
import type { PinRepository } from './pin.repository';

/** Pinned messages of one channel, at most. */
export const MAX_PINS = 50;

export interface PinServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly access: ChannelAccess;
  readonly messages: MessageService;
  readonly pins: PinRepository;
}

/** What whoever moderates a channel keeps in sight, also after its session. */
export class PinService {
  constructor(private readonly deps: PinServiceDeps) {}

  pin(viewer: Viewer, messageId: string): Promise<MessageSnapshot> {
    return this.set(viewer, messageId, true);
  }

  unpin(viewer: Viewer, messageId: string): Promise<MessageSnapshot> {
    return this.set(viewer, messageId, false);
  }

  /** Last pinned first. */
  async list(viewer: Viewer, channel: KnownChannel, beyond: Keyset | null, limit: number): Promise<MessageSnapshot[]> {
    const database = this.deps.kernel.database.as(viewerIds(viewer));
    await this.deps.access.requireReader(database, viewer, channel);
    return this.deps.pins.list(database, channel.id, beyond, limit);
  }

  /** Doing it again changes nothing and records nothing. */
  private async set(viewer: Viewer, messageId: string, pinned: boolean): Promise<MessageSnapshot> {
    return this.deps.kernel.unitOfWork.as(viewerIds(viewer)).run(async (tx) => {
      const { message, place } = await this.deps.messages.require(tx, viewer, messageId, 'read');
      if (!place.moderates) throw mayNotPin();
      const changed = await this.deps.pins.set(tx, messageId, pinned);
      if (changed === null) return this.unchanged(tx, viewer, messageId, pinned);
      if (pinned) await this.requireRoom(tx, message.channelId);
      tx.record(channelStream(message.channelId), pinChanged.record({ messageId, pinnedAt: changed.pinnedAt }));
      return changed;
    });
  }

  private async unchanged(tx: RecordingTx, viewer: Viewer, messageId: string, pinned: boolean): Promise<MessageSnapshot> {
    const { message } = await this.deps.messages.require(tx, viewer, messageId, 'read');
    if (pinned && message.deletedAt !== null) throw messageDeletedAlready();
    return message;
  }

  /** Under the stream's lock: whoever else pins is counted, or waits. The message's row is held before it, as for edits and deletions. */
  private async requireRoom(tx: RecordingTx, channelId: string): Promise<void> {
    await tx.lock(channelStream(channelId));
    if ((await this.deps.pins.count(tx, channelId)) > MAX_PINS) throw tooManyPins(MAX_PINS);
  }
}
