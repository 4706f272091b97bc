import type { Db, Tx } from '../../persistence/database';
import type { Message } from '../../persistence/generated/client';
import type { StreamId } from '../../realtime/event';

export type MessageRecord = Omit<Message, 'offset'> & { readonly offset: number };

/** What is told of a message: what makes retries harmless stays in the table. */
export type MessageSnapshot = Omit<MessageRecord, 'clientId' | 'clientDigest'>;

export interface EditedMessage {
  readonly message: MessageRecord;
  readonly bodyBefore: string;
}

export interface ClientKey {
  readonly senderId: string;
  readonly clientId: string;
}

export interface HistoryRange {
  readonly direction: 'forward' | 'backward';
  /** Strictly beyond this offset, in the direction; null from the end. */
  readonly beyond: number | null;
  readonly limit: number;
}

/** More unread messages than this are not counted one by one. */
export const MAX_UNREAD = 10_000;

export const SNAPSHOT = `id, channel_id AS "channelId", "offset", sender_id AS "senderId", sender_name AS "senderName", body, reply_to_id AS "replyToId",
  created_at AS "createdAt", edited_at AS "editedAt", deleted_at AS "deletedAt", pinned_at AS "pinnedAt"`;
const COLUMNS = `${SNAPSHOT}, client_id AS "clientId", client_digest AS "clientDigest"`;

/** How far somebody has acknowledged a channel. */
export interface ReadMark {
  readonly channelId: string;
  readonly participantId: string;
  readonly offset: number;
}

export class MessageRepository {
  /** Adds new messages of one channel as the transaction's last act; each sender's together, for row security remembers the last it allowed. */
  insertAllAtCommit(tx: Tx, messages: readonly MessageRecord[]): void {
    const [first] = messages;
    if (first === undefined) return;
    tx.atCommit(
      `INSERT INTO messages (channel_id, created_at, id, "offset", sender_id, sender_name, body, reply_to_id, client_id, client_digest)
       SELECT $1, $2::timestamptz, r.*
       FROM unnest($3::text[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
         AS r(id, "offset", sender_id, sender_name, body, reply_to_id, client_id, client_digest)
       ORDER BY r.sender_id`,
      [
        first.channelId,
        first.createdAt,
        messages.map(({ id }) => id),
        messages.map(({ offset }) => offset),
        messages.map(({ senderId }) => senderId),
        messages.map(({ senderName }) => senderName),
        messages.map(({ body }) => body),
        messages.map(({ replyToId }) => replyToId),
        messages.map(({ clientId }) => clientId),
        messages.map(({ clientDigest }) => clientDigest),
      ],
    );
  }

  listByClientIds(db: Db, channelId: string, keys: readonly ClientKey[]): Promise<MessageRecord[]> {
    return db.sql<MessageRecord>(
      `SELECT ${COLUMNS} FROM messages WHERE channel_id = $1
       AND (sender_id, client_id) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
      [channelId, keys.map(({ senderId }) => senderId), keys.map(({ clientId }) => clientId)],
    );
  }

  /** Those of the ids that are messages of this channel. */
  async listIds(db: Db, channelId: string, ids: readonly string[]): Promise<string[]> {
    const rows = await db.sql<{ id: string }>(`SELECT id FROM messages WHERE channel_id = $1 AND id = ANY($2)`, [channelId, ids]);
    return rows.map(({ id }) => id);
  }

  async find(db: Db, id: string): Promise<MessageRecord | null> {
    const [message] = await db.sql<MessageRecord>(`SELECT ${COLUMNS} FROM messages WHERE id = $1`, [id]);
    return message ?? null;
  }

  /** Null when it was deleted meanwhile: of an edit and a deletion at once, the deletion stays. */
  async edit(db: Db, id: string, body: string): Promise<EditedMessage | null> {
    const [edited] = await db.sql<MessageRecord & { bodyBefore: string }>(
      `UPDATE messages SET body = $2, edited_at = now()
       FROM (SELECT id AS held, body AS before FROM messages WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE) AS previous
       WHERE id = held RETURNING ${COLUMNS}, before AS "bodyBefore"`,
      [id, body],
    );
    if (edited === undefined) return null;
    const { bodyBefore, ...message } = edited;
    return { message, bodyBefore };
  }

  /** Null when it was deleted already. */
  async delete(db: Db, id: string): Promise<MessageRecord | null> {
    const [message] = await db.sql<MessageRecord>(
      `UPDATE messages SET body = '', deleted_at = now(), pinned_at = NULL WHERE id = $1 AND deleted_at IS NULL RETURNING ${COLUMNS}`,
      [id],
    );
    return message ?? null;
  }

  /** In fetch order: for a backward range the newest first. */
  history(db: Db, channelId: string, { direction, beyond, limit }: HistoryRange): Promise<MessageSnapshot[]> {
    const [range, start] =
      direction === 'forward'
        ? ['"offset" > $2 ORDER BY "offset"', beyond ?? 0]
        : ['"offset" < $2 ORDER BY "offset" DESC', beyond ?? Number.MAX_SAFE_INTEGER];
    return db.sql(`SELECT ${SNAPSHOT} FROM messages WHERE channel_id = $1 AND ${range} LIMIT $3`, [channelId, start, limit]);
  }

  /** Where the log holds this message's text besides the event of its sending. Read only: the log's own tables belong to the kernel. */
  async listEditOffsets(db: Db, stream: StreamId, { id, offset }: Pick<MessageRecord, 'id' | 'offset'>): Promise<number[]> {
    const rows = await db.sql<{ offset: number }>(
      `SELECT "offset" FROM events
       WHERE stream_id = $1 AND "offset" > $2 AND type = 'message.edited' AND payload->'message'->>'id' = $3`,
      [stream, offset, id],
    );
    return rows.map((row) => row.offset);
  }

  /** Never moves a marker back. Answers where it now stands. */
  async moveMarker(db: Db, channelId: string, participantId: string, offset: number): Promise<number> {
    const [marker] = await db.sql<{ offset: number }>(
      `INSERT INTO read_markers (channel_id, participant_id, "offset") VALUES ($1, $2, $3)
       ON CONFLICT (channel_id, participant_id)
       DO UPDATE SET "offset" = GREATEST(read_markers."offset", excluded."offset"), updated_at = now()
       RETURNING "offset"`,
      [channelId, participantId, offset],
    );
    return marker?.offset ?? offset;
  }

  /** How far each of these people has acknowledged each of these channels; left out where nothing was. */
  listMarkers(db: Db, channelIds: readonly string[], participantIds: readonly string[]): Promise<ReadMark[]> {
    return db.sql<ReadMark>(
      `SELECT channel_id AS "channelId", participant_id AS "participantId", "offset" FROM read_markers
       WHERE channel_id = ANY($1) AND participant_id = ANY($2)`,
      [channelIds, participantIds],
    );
  }

  /** Others' messages after the participant's marker that still say something, at most MAX_UNREAD. */
  async countUnread(db: Db, channelId: string, participantId: string): Promise<number> {
    const [counted] = await db.sql<{ unread: number }>(
      `SELECT count(*)::int AS unread FROM (
         SELECT 1 FROM messages WHERE channel_id = $1 AND sender_id <> $2 AND deleted_at IS NULL AND "offset" >
           COALESCE((SELECT "offset" FROM read_markers WHERE channel_id = $1 AND participant_id = $2), 0)
         ORDER BY "offset" LIMIT ${MAX_UNREAD}
       ) AS unread_messages`,
      [channelId, participantId],
    );
    return counted?.unread ?? 0;
  }
}
