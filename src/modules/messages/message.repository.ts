import type { Db, SqlValue, Tx } from '../../persistence/database';
import type { Message } from '../../persistence/generated/client';
import type { StreamId } from '../../realtime/event';
import type { Participant } from '../channels';

export type MessageRecord = Omit<Message, 'offset' | 'mentions'> & {
  readonly offset: number;
  /** By the names they had then; null: nobody. */
  readonly mentions: readonly Participant[] | null;
};

/** What is told of a message: what makes retries harmless stays in the table. */
export type MessageSnapshot = Omit<MessageRecord, 'clientId' | 'clientDigest'>;

/** A message that was changed, and what it said before. */
export interface ChangedMessage {
  readonly message: MessageRecord;
  readonly before: Pick<MessageRecord, 'body' | 'mentions'>;
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
  /** Only those that mention this participant. */
  readonly mentioning?: string | null;
}

/** More unread messages than this are not counted one by one. */
export const MAX_UNREAD = 10_000;

export const SNAPSHOT = `id, channel_id AS "channelId", "offset", sender_id AS "senderId", sender_name AS "senderName", body, mentions, reply_to_id AS "replyToId",
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
      `INSERT INTO messages (channel_id, created_at, id, "offset", sender_id, sender_name, body, reply_to_id, client_id, client_digest, mentions)
       SELECT $1, $2::timestamptz, r.id, r."offset", r.sender_id, r.sender_name, r.body, r.reply_to_id, r.client_id, r.client_digest, r.mentions::jsonb
       FROM unnest($3::text[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
         AS r(id, "offset", sender_id, sender_name, body, reply_to_id, client_id, client_digest, mentions)
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
        messages.map(({ mentions }) => mentionsJson(mentions)),
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
  edit(db: Db, id: string, { body, mentions }: Pick<MessageRecord, 'body' | 'mentions'>): Promise<ChangedMessage | null> {
    return this.change(db, 'body = $2, mentions = $3::jsonb, edited_at = now()', [id, body, mentionsJson(mentions)]);
  }

  /** Null when it was deleted already. */
  delete(db: Db, id: string): Promise<ChangedMessage | null> {
    return this.change(db, `body = '', mentions = NULL, deleted_at = now(), pinned_at = NULL`, [id]);
  }

  /** In fetch order: for a backward range the newest first. */
  history(db: Db, channelId: string, { direction, beyond, limit, mentioning = null }: HistoryRange): Promise<MessageSnapshot[]> {
    const [range, start] =
      direction === 'forward'
        ? ['"offset" > $2 ORDER BY "offset"', beyond ?? 0]
        : ['"offset" < $2 ORDER BY "offset" DESC', beyond ?? Number.MAX_SAFE_INTEGER];
    if (mentioning === null)
      return db.sql(`SELECT ${SNAPSHOT} FROM messages WHERE channel_id = $1 AND ${range} LIMIT $3`, [channelId, start, limit]);
    const mentions = `SELECT "offset" FROM message_mentions WHERE channel_id = $1 AND participant_id = $4 AND ${range} LIMIT $3`;
    return db.sql(`SELECT ${SNAPSHOT} FROM messages WHERE channel_id = $1 AND "offset" IN (${mentions}) AND ${range} LIMIT $3`, [
      channelId,
      start,
      limit,
      mentioning,
    ]);
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

  private async change(db: Db, changes: string, values: readonly SqlValue[]): Promise<ChangedMessage | null> {
    const [changed] = await db.sql<MessageRecord & { before: ChangedMessage['before'] }>(
      `UPDATE messages SET ${changes}
       FROM (
         SELECT id AS held, jsonb_build_object('body', body, 'mentions', mentions) AS before
         FROM messages WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE
       ) AS previous
       WHERE id = held RETURNING ${COLUMNS}, before`,
      values,
    );
    if (changed === undefined) return null;
    const { before, ...message } = changed;
    return { message, before };
  }
}

function mentionsJson(mentions: MessageRecord['mentions']): string | null {
  return mentions && JSON.stringify(mentions);
}
