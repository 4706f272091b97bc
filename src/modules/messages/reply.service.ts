import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Db } from '../../persistence/database';
import type { Kernel } from '../../realtime/kernel';
import type { ChannelAccess } from '../channels';
import type { MessageSnapshot } from './message.repository';
import type { ReplyCount, ReplyRepository } from './reply.repository';

export interface ReplyServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly access: ChannelAccess;
  readonly replies: ReplyRepository;
}

/** Messages that answer others. A reply stands in the channel's order like any message; this looks at it from what it answers. */
export class ReplyService {
  constructor(private readonly deps: ReplyServiceDeps) {}

  /** Oldest first, strictly after the offset. */
  async list(
    viewer: Viewer,
    { id, channelId }: Pick<MessageSnapshot, 'id' | 'channelId'>,
    after: number,
    limit: number,
  ): Promise<MessageSnapshot[]> {
    const database = this.databaseFor(viewer);
    await this.deps.access.require(database, viewer, channelId, 'read');
    return this.deps.replies.list(database, id, after, limit);
  }

  /** Those of the messages that the viewer may read, in no order: row security decides. */
  listByIds(viewer: Viewer, ids: readonly string[]): Promise<MessageSnapshot[]> {
    return this.deps.replies.listByIds(this.databaseFor(viewer), ids);
  }

  /** Counts what the viewer may read: row security decides. */
  count(viewer: Viewer, messageIds: readonly string[]): Promise<ReplyCount[]> {
    return this.deps.replies.count(this.databaseFor(viewer), messageIds);
  }

  private databaseFor(viewer: Viewer): Db {
    return this.deps.kernel.database.as(viewerIds(viewer));
  }
}
