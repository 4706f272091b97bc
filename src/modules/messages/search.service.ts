import { prefixOf } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import type { Kernel } from '../../realtime/kernel';
import type { ChannelAccess, KnownChannel } from '../channels';
import type { FoundMessage, SearchPlace, SearchRepository, SearchTerms } from './search.repository';

export interface SearchServiceDeps {
  readonly kernel: Pick<Kernel, 'database'>;
  readonly access: ChannelAccess;
  readonly searches: SearchRepository;
}

/** Finds messages of one channel by their words (docs/search.md). */
export class SearchService {
  constructor(private readonly deps: SearchServiceDeps) {}

  /** Best first, then newest first. Later pages search what the first one searched, without what was written or deleted since. */
  async search(
    viewer: Viewer,
    channel: KnownChannel,
    terms: SearchTerms,
    beyond: SearchPlace | null,
    limit: number,
  ): Promise<FoundMessage[]> {
    const database = this.deps.kernel.database.as(viewerIds(viewer));
    await this.deps.access.requireReader(database, viewer, channel);
    if (terms.senderId !== null && prefixOf(terms.senderId) === null) return [];
    return this.deps.searches.search(database, channel.id, terms, beyond, limit);
  }
}
