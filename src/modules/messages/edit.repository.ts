import type { Db, Tx } from '../../persistence/database';

/** What a message said before one of its edits. */
export interface EditRecord {
  /** 1 for the first. */
  readonly number: number;
  readonly body: string;
  readonly editedAt: Date;
}

export class EditRepository {
  /** As one of the transaction's last acts, after the edit: who edits holds the message's row, so numbers have no gaps. */
  insertAtCommit(tx: Tx, messageId: string, { body, editedAt }: Omit<EditRecord, 'number'>): void {
    tx.atCommit(
      `INSERT INTO message_edits (message_id, number, body, edited_at)
       SELECT $1::text, coalesce(max(number), 0) + 1, $2::text, $3::timestamptz FROM message_edits WHERE message_id = $1`,
      [messageId, body, editedAt],
    );
  }

  /** Oldest first, strictly after the number. */
  list(db: Db, messageId: string, after: number, limit: number): Promise<EditRecord[]> {
    return db.sql(
      `SELECT number, body, edited_at AS "editedAt" FROM message_edits WHERE message_id = $1 AND number > $2 ORDER BY number LIMIT $3`,
      [messageId, after, limit],
    );
  }

  deleteOfMessageAtCommit(tx: Tx, messageId: string): void {
    tx.atCommit(`DELETE FROM message_edits WHERE message_id = $1`, [messageId]);
  }
}
