import type { Db } from '../../persistence/database';
import type { MessageSnapshot } from './message.repository';
import { SNAPSHOT } from './message.repository';

/** Of more matches than this, the newest are ranked. */
export const MAX_RANKED = 500;

/** What is looked for in a channel. */
export interface SearchTerms {
  readonly query: string;
  readonly senderId: string | null;
  readonly since: Date | null;
  readonly until: Date | null;
}

/** Where a page of a search goes on: strictly beyond this rank and place, among what had been written up to another place. */
export interface SearchPlace {
  readonly searchedTo: number;
  readonly rank: number;
  readonly offset: number;
}

export interface FoundMessage extends MessageSnapshot {
  readonly rank: number;
  readonly searchedTo: number;
}

export class SearchRepository {
  /** Best first, then newest first. Nothing for whoever may not read the channel: the function decides, because it looks past row security. */
  search(db: Db, channelId: string, terms: SearchTerms, beyond: SearchPlace | null, limit: number): Promise<FoundMessage[]> {
    const { query, senderId, since, until } = terms;
    return db.sql(
      `SELECT ${SNAPSHOT}, found.rank, found.searched_to AS "searchedTo"
       FROM (
         SELECT id AS found_id, place, rank, searched_to
         FROM search_messages($1, websearch_to_tsquery('simple', $2), $3, $4::timestamptz, $5::timestamptz, $6::int8, ${MAX_RANKED})
         WHERE $7::float4 IS NULL OR (rank, place) < ($7::float4, $8::int8)
         ORDER BY rank DESC, place DESC LIMIT $9
       ) AS found JOIN messages ON messages.id = found_id
       ORDER BY found.rank DESC, found.place DESC`,
      [channelId, query, senderId, since, until, beyond?.searchedTo ?? null, beyond?.rank ?? null, beyond?.offset ?? null, limit],
    );
  }
}
