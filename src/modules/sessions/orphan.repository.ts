import type { Db, Tx } from '../../persistence/database';

const UNDER_WAY = `status IN ('LIVE', 'PAUSED')`;

/**
 * Since when sessions under way are without anybody, as far as is known. Times are the database's. Rows are locked in one order; a session
 * that is being changed at this moment is not deserted.
 */
export class OrphanRepository {
  /** In the order of their ids, after this one. */
  async listUnderWay(db: Db, after: string, limit: number): Promise<string[]> {
    return ids(await db.sql(`SELECT id FROM sessions WHERE ${UNDER_WAY} AND id > $1 ORDER BY id LIMIT $2`, [after, limit]));
  }

  async unmark(db: Db, sessionIds: readonly string[]): Promise<void> {
    await db.sql(
      `UPDATE sessions SET deserted_since = NULL WHERE id IN (
         SELECT id FROM sessions WHERE id = ANY($1) AND deserted_since IS NOT NULL ORDER BY id FOR NO KEY UPDATE)`,
      [sessionIds],
    );
  }

  /** Marks those that are not marked yet; answers those that have been for so long. */
  async mark(db: Db, sessionIds: readonly string[], afterMs: number): Promise<string[]> {
    const rows = await db.sql<{ id: string }>(
      `WITH marked AS (
         UPDATE sessions SET deserted_since = now() WHERE id IN (
           SELECT id FROM sessions WHERE id = ANY($1) AND ${UNDER_WAY} AND deserted_since IS NULL ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
       )
       SELECT id FROM sessions WHERE id = ANY($1) AND ${UNDER_WAY} AND deserted_since <= now() - $2 * interval '1 millisecond'`,
      [sessionIds, afterMs],
    );
    return ids(rows);
  }

  /** Whether it is under way and has been deserted for so long; if so, it stays so until the transaction ends. */
  async lock(tx: Tx, id: string, afterMs: number): Promise<boolean> {
    const rows = await tx.sql(
      `SELECT 1 FROM sessions
       WHERE id = $1 AND ${UNDER_WAY} AND deserted_since <= now() - $2 * interval '1 millisecond' FOR NO KEY UPDATE`,
      [id, afterMs],
    );
    return rows.length > 0;
  }

  /** Moves the mark of a session that is locked up to this moment. Whether it has been deserted for so long all the same. */
  async moveMark(tx: Tx, id: string, to: Date, afterMs: number): Promise<boolean> {
    const rows = await tx.sql(
      `UPDATE sessions SET deserted_since = GREATEST(deserted_since, $2::timestamptz) WHERE id = $1
       RETURNING deserted_since <= now() - $3 * interval '1 millisecond' AS due`,
      [id, to, afterMs],
    );
    return rows.some((row) => 'due' in row && row.due === true);
  }
}

function ids(rows: { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
