import type { Db, Tx } from '../../persistence/database';
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

  /** One change of its members at a time; readers, writers of messages and foreign keys are not held up. */
  async lock(tx: Tx, id: string): Promise<ChannelRecord | null> {
    const [channel] = await tx.sql<ChannelRecord>(`SELECT ${COLUMNS} FROM channels WHERE id = $1 FOR NO KEY UPDATE`, [id]);
    return channel ?? null;
  }

  /** An organization's channels that this user is a member of, held in the order of their ids. */
  lockOfMember(tx: Tx, organizationId: string, userId: string): Promise<ChannelRecord[]> {
    return tx.sql<ChannelRecord>(
      `SELECT ${COLUMNS} FROM channels WHERE organization_id = $1 AND id IN (SELECT channel_id FROM channel_members WHERE user_id = $2)
       ORDER BY id FOR NO KEY UPDATE`,
      [organizationId, userId],
    );
  }

  /** Sessions' own channels are not counted. */
  async count(db: Db, organizationId: string): Promise<number> {
    const [counted] = await db.sql<{ total: number }>(
      `SELECT count(*)::int AS total FROM channels WHERE organization_id = $1 AND session_id IS NULL`,
      [organizationId],
    );
    return counted?.total ?? 0;
  }

  async setRole(tx: Tx, channelId: string, userId: string, role: ChannelRole): Promise<void> {
    await tx.sql(`UPDATE channel_members SET role = $3::"ChannelRole" WHERE channel_id = $1 AND user_id = $2`, [channelId, userId, role]);
  }

  async deleteMember(tx: Tx, channelId: string, userId: string): Promise<void> {
    await tx.sql(`DELETE FROM channel_members WHERE channel_id = $1 AND user_id = $2`, [channelId, userId]);
  }

  async findMember(db: Db, channelId: string, userId: string): Promise<MemberRecord | null> {
    const [member] = await this.listMembers(db, channelId, [userId]);
    return member ?? null;
  }

  listBySessions(db: Db, sessionIds: readonly string[]): Promise<ChannelRecord[]> {
    return db.sql<ChannelRecord>(`SELECT ${COLUMNS} FROM channels WHERE session_id = ANY($1)`, [sessionIds]);
  }

  /** All members; none of a session's own channel. */
  async listMemberIds(db: Db, channelId: string): Promise<string[]> {
    const rows = await db.sql<{ userId: string }>('SELECT user_id AS "userId" FROM channel_members WHERE channel_id = $1', [channelId]);
    return rows.map(({ userId }) => userId);
  }

  listMembers(db: Db, channelId: string, userIds: readonly string[]): Promise<MemberRecord[]> {
    return db.sql<MemberRecord>(
      `SELECT m.user_id AS "userId", m.role, u.display_name AS "displayName"
       FROM channel_members m JOIN users u ON u.id = m.user_id WHERE m.channel_id = $1 AND m.user_id = ANY($2)`,
      [channelId, userIds],
    );
  }
}
