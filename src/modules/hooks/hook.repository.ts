import type { Tx } from '../../persistence/database';

/** So many at once, so that nobody waits for the sweeping of a backlog. */
const SWEPT_AT_ONCE = 100;

export class HookRepository {
  /** False when it is there already. Of two at once the second waits until the first has committed, or takes its place. */
  async insert(tx: Tx, source: string, messageId: string): Promise<boolean> {
    const rows = await tx.sql(`INSERT INTO hook_receipts (source, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1`, [
      source,
      messageId,
    ]);
    return rows.length > 0;
  }

  /** Forgets what is older. */
  sweep(tx: Tx, keepMs: number): void {
    tx.atCommit(
      `DELETE FROM hook_receipts WHERE (source, message_id) IN (
         SELECT source, message_id FROM hook_receipts WHERE received_at < now() - $1::float8 * interval '1 millisecond'
         ORDER BY received_at LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED)`,
      [keepMs],
    );
  }
}
