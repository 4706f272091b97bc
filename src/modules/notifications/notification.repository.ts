import type { Db, Tx } from '../../persistence/database';
import type { Notification } from '../../persistence/generated/client';
import { NotificationPort, NotificationPriority, NotificationType } from '../../persistence/generated/enums';
import type { Json } from '../../realtime/event';

export { NotificationPort, NotificationPriority, NotificationType };

export type NotificationRecord = Omit<Notification, 'lastOffset' | 'data'> & { readonly data: Json };

/** Something that somebody is to be told. */
export interface NotificationDraft extends Omit<NotificationRecord, 'id' | 'createdAt' | 'updatedAt' | 'readAt'> {
  /** Higher than that of whatever was told under the same key before; 0: told once and never again. */
  readonly lastOffset: number;
  /** Whether it is unread again when it says something new. */
  readonly reopens: boolean;
}

export interface NewNotification extends NotificationDraft {
  readonly id: string;
  /** Filed as read, and not told in the application. */
  readonly silent: boolean;
}

/** A notification that was made, or says something new. */
export interface Told extends NotificationRecord {
  /** Whether it was not there, or had been read. */
  readonly isFresh: boolean;
}

export interface NotificationFilter {
  readonly unreadOnly: boolean;
  readonly types: readonly NotificationType[] | null;
}

/** A place in the list: what said something new last stands first. */
export interface NotificationPlace {
  readonly updatedAt: Date;
  readonly id: string;
}

const COLUMNS = `id, user_id AS "userId", key, type, application_type AS "applicationType", organization_id AS "organizationId", priority, title, body,
  link, subject_id AS "subjectId", data, count, created_at AS "createdAt", updated_at AS "updatedAt", read_at AS "readAt"`;
const KEPT = '90 days';
const SWEPT_AT_ONCE = 500;

export class NotificationRepository {
  /** Makes them, or lets those of the same key say what is new; answers those that say something now, each once however often this is repeated. */
  async tellAll(tx: Tx, notifications: readonly NewNotification[]): Promise<Told[]> {
    if (notifications.length === 0) return [];
    return tx.sql<Told>(TELL, [JSON.stringify(notifications)]);
  }

  async find(db: Db, userId: string, id: string): Promise<NotificationRecord | null> {
    const [found] = await db.sql<NotificationRecord>(`SELECT ${COLUMNS} FROM notifications WHERE user_id = $1 AND id = $2`, [userId, id]);
    return found ?? null;
  }

  list(
    db: Db,
    userId: string,
    { unreadOnly, types }: NotificationFilter,
    beyond: NotificationPlace | null,
    limit: number,
  ): Promise<NotificationRecord[]> {
    return db.sql<NotificationRecord>(
      `SELECT ${COLUMNS} FROM notifications WHERE user_id = $1 AND (NOT $2::boolean OR read_at IS NULL)
         AND ($3::text[] IS NULL OR type::text = ANY($3::text[]))
         AND ($4::timestamptz IS NULL OR (updated_at, id) < ($4::timestamptz, $5))
       ORDER BY updated_at DESC, id DESC LIMIT $6`,
      [userId, unreadOnly, types, beyond?.updatedAt ?? null, beyond?.id ?? '', limit],
    );
  }

  /** At most `limit`. */
  async countUnread(db: Db, userId: string, limit: number): Promise<number> {
    const [counted] = await db.sql<{ unread: number }>(
      'SELECT count(*)::int AS unread FROM (SELECT 1 FROM notifications WHERE user_id = $1 AND read_at IS NULL LIMIT $2) AS unread',
      [userId, limit],
    );
    return counted?.unread ?? 0;
  }

  /** Null when it is read already, or not theirs; with `upTo` also when it tells of more than that offset. */
  async markRead(tx: Tx, userId: string, id: string, upTo: number | null = null): Promise<NotificationRecord | null> {
    const [read] = await tx.sql<NotificationRecord>(
      `UPDATE notifications SET read_at = now()
       WHERE user_id = $1 AND id = $2 AND read_at IS NULL AND ($3::int8 IS NULL OR last_offset <= $3) RETURNING ${COLUMNS}`,
      [userId, id, upTo],
    );
    return read ?? null;
  }

  /** Which were unread. */
  async markAllRead(tx: Tx, userId: string): Promise<string[]> {
    const rows = await tx.sql<{ id: string }>(
      'UPDATE notifications SET read_at = now() WHERE user_id = $1 AND read_at IS NULL RETURNING id',
      [userId],
    );
    return rows.map(({ id }) => id);
  }

  /** Of messages in channels: which are unread, and as far as which offset each goes. */
  listUnreadMessages(db: Db, userId: string): Promise<{ id: string; channelId: string; lastOffset: number }[]> {
    return db.sql(
      `SELECT id, subject_id AS "channelId", last_offset AS "lastOffset" FROM notifications
       WHERE user_id = $1 AND type = 'NEW_MESSAGE' AND read_at IS NULL`,
      [userId],
    );
  }

  /** Forgets what has said nothing new for 90 days. */
  async sweep(db: Db): Promise<void> {
    await db.sql(
      `DELETE FROM notifications WHERE id IN (
         SELECT id FROM notifications WHERE updated_at < now() - interval '${KEPT}' LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED)`,
    );
  }
}

const TELL = `
WITH input AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id text, "userId" text, key text, type "NotificationType", "applicationType" text,
    "organizationId" text, priority "NotificationPriority", title text, body text, link text, "subjectId" text, data jsonb, count int,
    "lastOffset" int8, reopens boolean, silent boolean)
)
INSERT INTO notifications AS n (id, user_id, key, type, application_type, organization_id, priority, title, body, link, subject_id, data, count,
  last_offset, read_at)
SELECT id, "userId", key, type, "applicationType", "organizationId", priority, title, body, link, "subjectId", data, count, "lastOffset",
  CASE WHEN silent THEN now() END
FROM input ORDER BY "userId", key
ON CONFLICT (user_id, key) DO UPDATE SET
  priority = excluded.priority, title = excluded.title, body = excluded.body, link = excluded.link, data = excluded.data,
  count = CASE WHEN n.read_at IS NULL THEN n.count + excluded.count ELSE excluded.count END,
  last_offset = excluded.last_offset, updated_at = now(),
  read_at = CASE WHEN excluded.read_at IS NOT NULL THEN excluded.read_at
    WHEN (SELECT reopens FROM input WHERE "userId" = n.user_id AND key = n.key) THEN NULL ELSE n.read_at END
WHERE n.last_offset < excluded.last_offset
RETURNING ${COLUMNS}, count = (SELECT i.count FROM input i WHERE i."userId" = n.user_id AND i.key = n.key) AS "isFresh"`;
