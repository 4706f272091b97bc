import type { Db, Tx } from '../../persistence/database';
import type { MessageRecord } from './message.repository';

type Mentioning = Pick<MessageRecord, 'channelId' | 'offset' | 'mentions'>;

/** Which messages mention whom: an index that is kept by hand, because row security keeps the database's own from being used. */
export class MentionRepository {
  /** Of new messages of one channel, as the transaction's last act. */
  insertAtCommit(tx: Tx, messages: readonly Mentioning[]): void {
    const mentions = messages.flatMap((message) => (message.mentions ?? []).map(({ id }) => ({ ...message, id })));
    const [first] = mentions;
    if (first === undefined) return;
    tx.atCommit(`INSERT INTO message_mentions (channel_id, participant_id, "offset") SELECT $1, * FROM unnest($2::text[], $3::int8[])`, [
      first.channelId,
      mentions.map(({ id }) => id),
      mentions.map(({ offset }) => offset),
    ]);
  }

  /** Of those whom the message mentioned before. */
  deleteAtCommit(tx: Tx, { channelId, offset, mentions }: Mentioning): void {
    const ids = (mentions ?? []).map(({ id }) => id);
    if (ids.length === 0) return;
    tx.atCommit(`DELETE FROM message_mentions WHERE channel_id = $1 AND "offset" = $2 AND participant_id = ANY($3)`, [
      channelId,
      offset,
      ids,
    ]);
  }

  /** After the participant's marker, at most `most`. */
  async countUnread(db: Db, channelId: string, participantId: string, most: number): Promise<number> {
    const [counted] = await db.sql<{ unread: number }>(
      `SELECT count(*)::int AS unread FROM (
         SELECT 1 FROM message_mentions WHERE channel_id = $1 AND participant_id = $2 AND "offset" >
           COALESCE((SELECT "offset" FROM read_markers WHERE channel_id = $1 AND participant_id = $2), 0)
         ORDER BY "offset" LIMIT $3
       ) AS unread_mentions`,
      [channelId, participantId, most],
    );
    return counted?.unread ?? 0;
  }
}
