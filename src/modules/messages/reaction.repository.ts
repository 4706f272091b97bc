import type { Db, Tx } from '../../persistence/database';
import type { Reaction, ReactionChange, Tallies } from './reaction-batch';

export interface MessageTallies {
  readonly messageId: string;
  readonly tallies: Tallies;
}

/** What must be known of a message to react to it. */
export interface ReactionTarget {
  readonly id: string;
  readonly deleted: boolean;
}

export class ReactionRepository {
  async findChannel(db: Db, messageId: string): Promise<string | null> {
    const [message] = await db.sql<{ channelId: string }>(`SELECT channel_id AS "channelId" FROM messages WHERE id = $1`, [messageId]);
    return message?.channelId ?? null;
  }

  listTargets(db: Db, messageIds: readonly string[]): Promise<ReactionTarget[]> {
    return db.sql(`SELECT id, deleted_at IS NOT NULL AS deleted FROM messages WHERE id = ANY($1)`, [messageIds]);
  }

  /** Of those messages that anybody reacts to, in no order. */
  listTallies(db: Db, messageIds: readonly string[]): Promise<MessageTallies[]> {
    return db.sql(`SELECT message_id AS "messageId", tallies FROM reaction_tallies WHERE message_id = ANY($1)`, [messageIds]);
  }

  /** Those of the reactions that are there. */
  listExisting(db: Db, reactions: readonly ReactionChange[]): Promise<Reaction[]> {
    return db.sql(
      `SELECT message_id AS "messageId", participant_id AS "participantId", emoji FROM message_reactions
       WHERE (message_id, participant_id, emoji) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
      columnsOf(reactions),
    );
  }

  /** What each of these people reacts with to each of these messages. */
  listOwn(db: Db, asked: readonly Omit<Reaction, 'emoji'>[]): Promise<Reaction[]> {
    return db.sql(
      `SELECT message_id AS "messageId", participant_id AS "participantId", emoji FROM message_reactions
       WHERE (message_id, participant_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      [asked.map(({ messageId }) => messageId), asked.map(({ participantId }) => participantId)],
    );
  }

  /** As the transaction's last acts. */
  insertAllAtCommit(tx: Tx, reactions: readonly Reaction[]): void {
    if (reactions.length === 0) return;
    tx.atCommit(
      `INSERT INTO message_reactions (message_id, participant_id, emoji) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])`,
      columnsOf(reactions),
    );
  }

  deleteAllAtCommit(tx: Tx, reactions: readonly Reaction[]): void {
    if (reactions.length === 0) return;
    tx.atCommit(
      `DELETE FROM message_reactions
       WHERE (message_id, participant_id, emoji) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
      columnsOf(reactions),
    );
  }

  storeTalliesAtCommit(tx: Tx, tallies: ReadonlyMap<string, Tallies>): void {
    if (tallies.size === 0) return;
    tx.atCommit(
      `INSERT INTO reaction_tallies (message_id, tallies) SELECT * FROM unnest($1::text[], $2::jsonb[])
       ON CONFLICT (message_id) DO UPDATE SET tallies = excluded.tallies`,
      [[...tallies.keys()], [...tallies.values()].map((value) => JSON.stringify(value))],
    );
  }

  /** Nobody reacts to what was taken back. */
  deleteOfMessageAtCommit(tx: Tx, messageId: string): void {
    tx.atCommit(`DELETE FROM message_reactions WHERE message_id = $1`, [messageId]);
    tx.atCommit(`DELETE FROM reaction_tallies WHERE message_id = $1`, [messageId]);
  }
}

function columnsOf(reactions: readonly Reaction[]): string[][] {
  return [
    reactions.map(({ messageId }) => messageId),
    reactions.map(({ participantId }) => participantId),
    reactions.map(({ emoji }) => emoji),
  ];
}
