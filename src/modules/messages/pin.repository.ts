import type { Keyset } from '../../lib/keyset';
import type { Db } from '../../persistence/database';
import type { MessageSnapshot } from './message.repository';
import { SNAPSHOT } from './message.repository';

export class PinRepository {
  /** Null when it was so already, or the message is deleted. */
  async set(db: Db, messageId: string, pinned: boolean): Promise<MessageSnapshot | null> {
    const [message] = await db.sql<MessageSnapshot>(
      `UPDATE messages SET pinned_at = CASE WHEN $2 THEN now() END
       WHERE id = $1 AND deleted_at IS NULL AND (pinned_at IS NULL) = $2 RETURNING ${SNAPSHOT}`,
      [messageId, pinned],
    );
    return message ?? null;
  }

  async count(db: Db, channelId: string): Promise<number> {
    const [counted] = await db.sql<{ pinned: number }>(
      `SELECT count(*)::int AS pinned FROM messages WHERE channel_id = $1 AND pinned_at IS NOT NULL`,
      [channelId],
    );
    return counted?.pinned ?? 0;
  }

  /** Last pinned first, strictly beyond the place: its time is that of pinning. */
  list(db: Db, channelId: string, beyond: Keyset | null, limit: number): Promise<MessageSnapshot[]> {
    return db.sql(
      `SELECT ${SNAPSHOT} FROM messages
       WHERE channel_id = $1 AND pinned_at IS NOT NULL AND ($2::timestamptz IS NULL OR (pinned_at, id) < ($2::timestamptz, $3::text))
       ORDER BY pinned_at DESC, id DESC LIMIT $4`,
      [channelId, beyond?.createdAt ?? null, beyond?.id ?? null, limit],
    );
  }
}
