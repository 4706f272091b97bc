import type { Db } from '../../persistence/database';
import type { MessageSnapshot } from './message.repository';
import { SNAPSHOT } from './message.repository';

/** More replies than this are not counted one by one. */
export const MAX_REPLIES_COUNTED = 1_000;

export interface ReplyCount {
  readonly messageId: string;
  readonly replies: number;
}

export class ReplyRepository {
  /** In no order. */
  listByIds(db: Db, ids: readonly string[]): Promise<MessageSnapshot[]> {
    return db.sql(`SELECT ${SNAPSHOT} FROM messages WHERE id = ANY($1)`, [ids]);
  }

  /** Oldest first, strictly after the offset. Deleted ones keep their place, as in the channel. */
  list(db: Db, messageId: string, after: number, limit: number): Promise<MessageSnapshot[]> {
    return db.sql(`SELECT ${SNAPSHOT} FROM messages WHERE reply_to_id = $1 AND "offset" > $2 ORDER BY "offset" LIMIT $3`, [
      messageId,
      after,
      limit,
    ]);
  }

  /** Replies that still say something, at most MAX_REPLIES_COUNTED for each. */
  count(db: Db, messageIds: readonly string[]): Promise<ReplyCount[]> {
    return db.sql(
      `SELECT parent.id AS "messageId", counted.replies
       FROM unnest($1::text[]) AS parent(id) CROSS JOIN LATERAL (
         SELECT count(*)::int AS replies FROM (
           SELECT 1 FROM messages WHERE reply_to_id = parent.id AND deleted_at IS NULL LIMIT ${MAX_REPLIES_COUNTED}
         ) AS replies
       ) AS counted`,
      [messageIds],
    );
  }
}
