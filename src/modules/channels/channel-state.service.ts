import type { Actor } from '../../lib/actor';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { AuditTrail } from '../audit';
import type { OrganizationService } from '../organizations';
import type { ChannelAccess } from './channel-access';
import { channelStream } from './channel-access';
import { channelLimitReached, channelNotFound } from './channel.errors';
import { channelChanged } from './channel.events';
import type { ChannelRecord, ChannelRepository, ChannelState } from './channel.repository';
import { holdOwnChannel } from './held-channel';

export interface ChannelStateServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly organizations: OrganizationService;
  readonly channels: ChannelRepository;
  readonly access: ChannelAccess;
}

/**
 * What changes of a channel: whether it is in use, and how fast it may be written in. Told on its stream, whose lock every writer of a message
 * holds before it asks: what was told before a message held for it. They act as the server: who may is decided here.
 */
export class ChannelStateService {
  constructor(private readonly deps: ChannelStateServiceDeps) {}

  /** Nobody writes in it any more, and it counts no longer against the plan. Archiving twice is the same as once. */
  async archive(actor: Actor, channelId: string): Promise<ChannelRecord> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel } = await holdOwnChannel(this.deps.channels, tx, actor.viewer, channelId);
      if (await this.setArchived(tx, channelId, true)) this.record(tx, actor, channel, 'channel.archived', { reason: 'requested' });
      return channel;
    });
  }

  /** Under the organization's lock, as making a channel is: it counts again. */
  async unarchive(actor: Actor, channelId: string): Promise<ChannelRecord> {
    const { organizations, channels, access, kernel } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const known = await access.findChannel(tx, channelId);
      if (known === null) throw channelNotFound();
      const { channels: most } = await organizations.lock(tx, known.organizationId);
      const { channel } = await holdOwnChannel(channels, tx, actor.viewer, channelId);
      if (!(await this.setArchived(tx, channelId, false))) return channel;
      if ((await channels.count(tx, channel.organizationId)) > most) throw channelLimitReached(most);
      this.record(tx, actor, channel, 'channel.unarchived');
      return channel;
    });
  }

  async setSlowMode(actor: Actor, channelId: string, seconds: number): Promise<ChannelRecord> {
    return this.deps.kernel.unitOfWork.as('system').run(async (tx) => {
      const { channel } = await holdOwnChannel(this.deps.channels, tx, actor.viewer, channelId);
      const [before] = await this.deps.channels.listStates(tx, [channelId]);
      if (before?.slowModeSeconds === seconds) return channel;
      this.tell(tx, await this.deps.channels.setSlowMode(tx, channelId, seconds));
      return channel;
    });
  }

  /** Those of the channels that the viewer has a place in, in no order. */
  listStates(viewer: Viewer, ids: readonly string[]): Promise<ChannelState[]> {
    return this.deps.channels.listStates(this.deps.kernel.database.as(viewerIds(viewer)), ids);
  }

  /** The ids of channels in use in which nothing was written for so long, in their order, after this one. */
  listInactive(after: string, forMs: number, limit: number): Promise<string[]> {
    return this.deps.channels.listInactive(this.deps.kernel.database.as('system'), after, forMs, limit);
  }

  /** Archives the channel if it is such a one still: of many who try at once one does. Answers whether it did. */
  async archiveInactive(id: string, forMs: number): Promise<boolean> {
    const { kernel, channels, audit } = this.deps;
    return kernel.unitOfWork.as('system').run(async (tx) => {
      const channel = await channels.lock(tx, id);
      await tx.lock(channelStream(id));
      if (channel === null || !(await channels.isInactive(tx, id, forMs)) || !(await this.setArchived(tx, id, true))) return false;
      const { organizationId } = channel;
      audit.recordOwn(tx, { action: 'channel.archived', organizationId, targetId: id, details: { reason: 'inactive' } });
      return true;
    });
  }

  private async setArchived(tx: RecordingTx, id: string, archived: boolean): Promise<boolean> {
    return this.tell(tx, await this.deps.channels.setArchived(tx, id, archived));
  }

  private tell(tx: RecordingTx, state: ChannelState | null): boolean {
    if (state === null) return false;
    const { id, ...told } = state;
    tx.record(channelStream(id), channelChanged.record({ state: told }));
    return true;
  }

  private record(
    tx: RecordingTx,
    actor: Actor,
    { id, organizationId }: ChannelRecord,
    action: 'channel.archived' | 'channel.unarchived',
    details?: { readonly reason: string },
  ): void {
    this.deps.audit.record(tx, actor, { action, organizationId, targetId: id, details });
  }
}
