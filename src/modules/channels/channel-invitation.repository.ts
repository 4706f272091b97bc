import type { Keyset } from '../../lib/keyset';
import type { Db } from '../../persistence/database';
import type { ChannelRecord } from './channel.repository';
import type { Participant } from './channel-access';

/** A channel that somebody may become a member of. */
export interface ChannelInvitationRecord extends Pick<ChannelRecord, 'name' | 'type'> {
  readonly channelId: string;
  readonly inviterId: string;
  readonly inviterName: string;
  readonly createdAt: Date;
}

export class ChannelInvitationRepository {
  /** Whether there was none yet. */
  async insert(db: Db, channelId: string, userId: string, inviter: Participant): Promise<boolean> {
    const rows = await db.sql(
      `INSERT INTO channel_invitations (channel_id, user_id, inviter_id, inviter_name) VALUES ($1, $2, $3, $4)
       ON CONFLICT (channel_id, user_id) DO NOTHING RETURNING user_id`,
      [channelId, userId, inviter.id, inviter.displayName],
    );
    return rows.length > 0;
  }

  /** Whether there was one: of two who end it at once, one did. */
  async delete(db: Db, channelId: string, userId: string): Promise<boolean> {
    const rows = await db.sql(`DELETE FROM channel_invitations WHERE channel_id = $1 AND user_id = $2 RETURNING user_id`, [
      channelId,
      userId,
    ]);
    return rows.length > 0;
  }

  async count(db: Db, channelId: string): Promise<number> {
    const [counted] = await db.sql<{ total: number }>(`SELECT count(*)::int AS total FROM channel_invitations WHERE channel_id = $1`, [
      channelId,
    ]);
    return counted?.total ?? 0;
  }

  /** Newest first. By the server: whom it is for does not see the channel yet. */
  listOf(db: Db, userId: string, olderThan: Keyset | null, limit: number): Promise<ChannelInvitationRecord[]> {
    return db.sql(
      `SELECT i.channel_id AS "channelId", c.name, c.type, i.inviter_id AS "inviterId", i.inviter_name AS "inviterName", i.created_at AS "createdAt"
       FROM channel_invitations i JOIN channels c ON c.id = i.channel_id
       WHERE i.user_id = $1 AND ($2::timestamptz IS NULL OR i.created_at < $2 OR (i.created_at = $2 AND i.channel_id > $3))
       ORDER BY i.created_at DESC, i.channel_id LIMIT $4`,
      [userId, olderThan?.createdAt ?? null, olderThan?.id ?? null, limit],
    );
  }
}
