import type { Keyset } from '../../lib/keyset';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { ChannelPresence } from '../channels';
import type { OrganizationService } from '../organizations';
import type { ChannelTraffic, MonitorRepository } from './monitor.repository';

/** The same, with who is connected. */
export type ChannelActivityRecord = ChannelTraffic & { readonly online: number };

export interface MonitorServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly organizations: OrganizationService;
  readonly presence: Pick<ChannelPresence, 'list'>;
  readonly monitor: MonitorRepository;
}

/** What goes on in an organization's channels, for who runs it: numbers, never words. */
export class MonitorService {
  constructor(private readonly deps: MonitorServiceDeps) {}

  /** Newest channels first. */
  async list(viewer: Viewer, organizationId: string, olderThan: Keyset | null, limit: number): Promise<ChannelActivityRecord[]> {
    const { kernel, organizations, presence, monitor } = this.deps;
    const database = kernel.database.as(viewerIds(viewer));
    await organizations.requireRole(database, viewer, organizationId, 'ADMIN');
    const channels = await monitor.list(database, organizationId, olderThan, limit);
    return Promise.all(channels.map(async (channel) => ({ ...channel, online: (await presence.list(channel.id)).length })));
  }
}
