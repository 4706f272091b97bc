import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { ChannelAccess } from '../channels';
import type { EditRecord, EditRepository } from './edit.repository';
import type { MessageSnapshot } from './message.repository';

export interface EditServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly access: ChannelAccess;
  readonly edits: EditRepository;
}

/** What messages said before: for everybody who reads the channel, as they might have read it then. */
export class EditService {
  constructor(private readonly deps: EditServiceDeps) {}

  /** Oldest first, strictly after the number. */
  async list(
    viewer: Viewer,
    { id, channelId }: Pick<MessageSnapshot, 'id' | 'channelId'>,
    after: number,
    limit: number,
  ): Promise<EditRecord[]> {
    const database = this.deps.kernel.database.as(viewerIds(viewer));
    await this.deps.access.require(database, viewer, channelId, 'read');
    return this.deps.edits.list(database, id, after, limit);
  }
}
