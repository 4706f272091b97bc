import type { Db } from '../../persistence/database';
import type { Channel, ChannelMember } from '../../persistence/generated/client';
import { ChannelType } from '../../persistence/generated/enums';

export { ChannelType };
export type ChannelRecord = Channel;
export type ChannelRole = ChannelMember['role'];

export interface NewChannel {
  readonly id: string;
  readonly organizationId: string;
  readonly sessionId: string | null;
  readonly name: string;
  readonly type: ChannelType;
}

/** A member with the name that others see. */
export interface MemberRecord {
  readonly userId: string;
  readonly role: ChannelRole;
  readonly displayName: string;
}

const COLUMNS = `id, organization_id AS "organizationId", session_id AS "sessionId", name, type, created_at AS "createdAt"`;

export class ChannelRepository {
  /** Null when the organization has a channel of this name: told by the constraint, so two makers at once have one winner. */
  async insert(db: Db, { id, organizationId, sessionId, name, type }: NewChannel): Promise<ChannelRecord | null> {
    const [channel] = await db.sql<ChannelRecord>(
      `INSERT INTO channels (id, organization_id, session_id, name, type) VALUES ($1, $2, $3, $4, $5::"ChannelType")
       ON CONFLICT (organization_id, name) DO NOTHING RETURNING ${COLUMNS}`,
      [id, organizationId, sessionId, name, type],
    );
    return channel ?? null;
  }

  async insertMembers(db: Db, channelId: string, userIds: readonly string[], role: ChannelRole): Promise<void> {
    await db.sql(`INSERT INTO channel_members (channel_id, user_id, role) SELECT $1, unnest($2::text[]), $3::"ChannelRole"`, [
      channelId,
      userIds,
      role,
    ]);
  }

  async find(db: Db, id: string): Promise<ChannelRecord | null> {
    const [channel] = await db.sql<ChannelRecord>(`SELECT ${COLUMNS} FROM channels WHERE id = $1`, [id]);
    return channel ?? null;
  }

  listBySessions(db: Db, sessionIds: readonly string[]): Promise<ChannelRecord[]> {
    return db.sql<ChannelRecord>(`SELECT ${COLUMNS} FROM channels WHERE session_id = ANY($1)`, [sessionIds]);
  }

  listMembers(db: Db, channelId: string, userIds: readonly string[]): Promise<MemberRecord[]> {
    return db.sql<MemberRecord>(
      `SELECT m.user_id AS "userId", m.role, u.display_name AS "displayName"
       FROM channel_members m JOIN users u ON u.id = m.user_id WHERE m.channel_id = $1 AND m.user_id = ANY($2)`,
      [channelId, userIds],
    );
  }
}
