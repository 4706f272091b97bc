import type { Tx } from '../../persistence/database';

export class ReminderRepository {
  /** One for each session: the newest. */
  async set(tx: Tx, sessionId: string, dueAt: Date): Promise<void> {
    await tx.sql(
      `INSERT INTO session_reminders (session_id, due_at) SELECT id, $2 FROM sessions WHERE id = $1
       ON CONFLICT (session_id) DO UPDATE SET due_at = excluded.due_at`,
      [sessionId, dueAt],
    );
  }

  async delete(tx: Tx, sessionId: string): Promise<void> {
    await tx.sql('DELETE FROM session_reminders WHERE session_id = $1', [sessionId]);
  }

  /** Takes what is due away, at most `limit`: nobody else gets the same unless the transaction fails. */
  async takeDue(tx: Tx, limit: number): Promise<string[]> {
    const rows = await tx.sql<{ sessionId: string }>(
      `DELETE FROM session_reminders WHERE session_id IN (
         SELECT session_id FROM session_reminders WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING session_id AS "sessionId"`,
      [limit],
    );
    return rows.map(({ sessionId }) => sessionId);
  }
}
