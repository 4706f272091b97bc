import type { Keyset } from '../../lib/keyset';
import type { Db, Tx } from '../../persistence/database';
import type { Channel } from '../../persistence/generated/client';
import { ChannelRole, ChannelType } from '../../persistence/generated/enums';

export { ChannelRole, ChannelType };
/** What of a channel never changes. */
export type ChannelRecord = Omit<Channel, 'archivedAt' | 'openSince' | 'slowModeSeconds'>;
/** What of it does; the slow mode of a session's own channel is the session's. */
export type ChannelState = Pick<Channel, 'id' | 'archivedAt' | 'slowModeSeconds'>;

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

/** A member, and since when. */
export type JoinedMember = MemberRecord & { readonly joinedAt: Date };

export interface ChannelSearch {
  readonly userId: string;
  readonly organizationId?: string | null;
  readonly type?: ChannelType | null;
  /** Null: archived or not. */
  readonly archived: boolean | null;
  readonly namePrefix?: string | null;
  readonly olderThan: Keyset | null;
  readonly limit: number;
}

export interface MemberPage {
  /** None but these; null: all. */
  readonly among: readonly string[] | null;
  /** Strictly after this one in the order of joining. */
  readonly after: Keyset | null;
  readonly limit: number;
}

const STATE = 'id, archived_at AS "archivedAt", slow_mode_seconds AS "slowModeSeconds"';
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

  /** Sessions' own channels are not counted, nor are archived ones. */
  async count(db: Db, organizationId: string): Promise<number> {
    const [counted] = await db.sql<{ total: number }>(
      `SELECT count(*)::int AS total FROM channels WHERE organization_id = $1 AND session_id IS NULL AND archived_at IS NULL`,
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

  listStates(db: Db, ids: readonly string[]): Promise<ChannelState[]> {
    return db.sql(
      `SELECT c.id, c.archived_at AS "archivedAt", COALESCE(s.slow_mode_seconds, c.slow_mode_seconds) AS "slowModeSeconds"
       FROM channels c LEFT JOIN sessions s ON s.id = c.session_id WHERE c.id = ANY($1)`,
      [ids],
    );
  }

  /** Null when it is archived, or in use, already. */
  async setArchived(tx: Tx, id: string, archived: boolean): Promise<ChannelState | null> {
    const [state] = await tx.sql<ChannelState>(
      `UPDATE channels SET archived_at = CASE WHEN $2::boolean THEN now() END, open_since = CASE WHEN $2::boolean THEN open_since ELSE now() END
       WHERE id = $1 AND (archived_at IS NOT NULL) <> $2::boolean RETURNING ${STATE}`,
      [id, archived],
    );
    return state ?? null;
  }

  async setSlowMode(tx: Tx, id: string, seconds: number): Promise<ChannelState | null> {
    const [state] = await tx.sql<ChannelState>(`UPDATE channels SET slow_mode_seconds = $2 WHERE id = $1 RETURNING ${STATE}`, [
      id,
      seconds,
    ]);
    return state ?? null;
  }

  /** In use, but nothing was written in them, and nobody brought them back, for so long. In the order of their ids, after this one. */
  async listInactive(db: Db, after: string, forMs: number, limit: number): Promise<string[]> {
    const rows = await db.sql<{ id: string }>(`SELECT id FROM channels WHERE ${INACTIVE} AND id > $2 ORDER BY id LIMIT $3`, [
      forMs,
      after,
      limit,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Whether it is such a channel still. */
  async isInactive(tx: Tx, id: string, forMs: number): Promise<boolean> {
    return (await tx.sql(`SELECT 1 FROM channels WHERE ${INACTIVE} AND id = $2`, [forMs, id])).length > 0;
  }

  /** A user's channels but those of sessions, newest first. */
  search(db: Db, { userId, organizationId, type, archived, namePrefix, olderThan, limit }: ChannelSearch): Promise<ChannelRecord[]> {
    return db.sql(
      `SELECT ${COLUMNS} FROM channels
       WHERE id IN (SELECT channel_id FROM channel_members WHERE user_id = $1) AND session_id IS NULL
         AND ($2::text IS NULL OR organization_id = $2) AND ($3::text IS NULL OR type::text = $3)
         AND ($4::boolean IS NULL OR (archived_at IS NOT NULL) = $4) AND ($5::text IS NULL OR starts_with(name, $5))
         AND ($6::timestamptz IS NULL OR (created_at, id) < ($6, $7))
       ORDER BY created_at DESC, id DESC LIMIT $8`,
      [
        userId,
        organizationId ?? null,
        type ?? null,
        archived,
        namePrefix ?? null,
        olderThan?.createdAt ?? null,
        olderThan?.id ?? null,
        limit,
      ],
    );
  }

  /** In the order of joining. */
  pageMembers(db: Db, channelId: string, { among, after, limit }: MemberPage): Promise<JoinedMember[]> {
    return db.sql(
      `SELECT m.user_id AS "userId", m.role, u.display_name AS "displayName", m.created_at AS "joinedAt"
       FROM channel_members m JOIN users u ON u.id = m.user_id
       WHERE m.channel_id = $1 AND ($2::text[] IS NULL OR m.user_id = ANY($2))
         AND ($3::timestamptz IS NULL OR (m.created_at, m.user_id) > ($3, $4))
       ORDER BY m.created_at, m.user_id LIMIT $5`,
      [channelId, among, after?.createdAt ?? null, after?.id ?? null, limit],
    );
  }

  /** How many there are; of those named, when somebody is. */
  async countMembers(db: Db, channelId: string, among: readonly string[] | null): Promise<number> {
    const [counted] = await db.sql<{ total: number }>(
      `SELECT count(*)::int AS total FROM channel_members WHERE channel_id = $1 AND ($2::text[] IS NULL OR user_id = ANY($2))`,
      [channelId, among],
    );
    return counted?.total ?? 0;
  }
}

/** For so many milliseconds, $1. The newest message is the one with the greatest offset. */
const INACTIVE = `session_id IS NULL AND archived_at IS NULL AND open_since <= now() - $1 * interval '1 millisecond'
  AND COALESCE((SELECT m.created_at FROM messages m WHERE m.channel_id = channels.id ORDER BY m."offset" DESC LIMIT 1), open_since)
    <= now() - $1 * interval '1 millisecond'`;
