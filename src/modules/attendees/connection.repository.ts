import type { Db, Tx } from '../../persistence/database';
import type { AttendeeRecord } from './attendee.repository';
import { COLUMNS, leaving } from './attendee.repository';

/**
 * Who was connected since they joined, and since when nobody knows of a connection of theirs, by the database's clock. What is here now is
 * in the presence store; this outlives it.
 */
export class ConnectionRepository {
  /** These are connected now. Those who are not PRESENT do not matter. */
  async seen(db: Db, attendeeIds: readonly string[]): Promise<void> {
    await db.sql(
      `INSERT INTO attendee_connections (attendee_id, session_id)
       SELECT id, session_id FROM unnest($1::text[]) AS here(id) JOIN attendees USING (id) WHERE status = 'PRESENT' ORDER BY id
       ON CONFLICT (attendee_id) DO UPDATE SET absent_since = NULL WHERE attendee_connections.absent_since IS NOT NULL`,
      [attendeeIds],
    );
  }

  /** The same for those alone who were seen before: costs no write where nobody was missed. */
  async stillSeen(db: Db, attendeeIds: readonly string[]): Promise<void> {
    await db.sql('UPDATE attendee_connections SET absent_since = NULL WHERE attendee_id = ANY($1) AND absent_since IS NOT NULL', [
      attendeeIds,
    ]);
  }

  /** Who has just come in without having asked at this moment must show themselves within so many milliseconds and the grace. */
  async expect(tx: Tx, attendees: readonly AttendeeRecord[], withinMs: number): Promise<void> {
    await tx.sql(
      `INSERT INTO attendee_connections (attendee_id, session_id, absent_since)
       SELECT id, session_id, now() + $2 * interval '1 millisecond' FROM attendees WHERE id = ANY($1)
       ON CONFLICT (attendee_id) DO UPDATE SET absent_since = excluded.absent_since`,
      [attendees.map(({ id }) => id), withinMs],
    );
  }

  /** Sessions in which somebody is, or was lately, connected; in the order of their ids, after this one. */
  async listSessionIds(db: Db, after: string, limit: number): Promise<string[]> {
    const rows = await db.sql<{ id: string }>(
      'SELECT DISTINCT session_id AS id FROM attendee_connections WHERE session_id > $1 ORDER BY session_id LIMIT $2',
      [after, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Takes down who is here of the session and who is not. Answers whether somebody has not been for so long. */
  async compare(db: Db, sessionId: string, here: readonly string[], graceMs: number): Promise<boolean> {
    await db.sql(
      `UPDATE attendee_connections SET absent_since = CASE WHEN attendee_id = ANY($2) THEN NULL ELSE clock_timestamp() END
       WHERE session_id = $1 AND (absent_since IS NULL) <> (attendee_id = ANY($2))`,
      [sessionId, here],
    );
    const lost = await db.sql(
      `SELECT 1 FROM attendee_connections WHERE session_id = $1 AND absent_since <= clock_timestamp() - $2 * interval '1 millisecond' LIMIT 1`,
      [sessionId, graceMs],
    );
    return lost.length > 0;
  }

  /** Whoever has been missed for so long leaves. The caller holds the session. */
  lose(tx: Tx, sessionId: string, graceMs: number): Promise<AttendeeRecord[]> {
    return tx.sql<AttendeeRecord>(
      `WITH lost AS (
         DELETE FROM attendee_connections WHERE session_id = $1 AND absent_since <= clock_timestamp() - $2 * interval '1 millisecond'
         RETURNING attendee_id)
       UPDATE attendees SET status = 'LEFT', ${leaving('lost')} WHERE status = 'PRESENT' AND id IN (SELECT attendee_id FROM lost)
       RETURNING ${COLUMNS}`,
      [sessionId, graceMs],
    );
  }

  /** Those of the given who are PRESENT, with when they connected, the longest first; of who came a moment ago that may not be known yet. */
  async listOnline(db: Db, attendeeIds: readonly string[], limit: number): Promise<{ attendee: AttendeeRecord; since: Date }[]> {
    const rows = await db.sql<AttendeeRecord & { since: Date }>(
      `SELECT ${COLUMNS}, since FROM (
         SELECT attendees.*, COALESCE(since, joined_at, created_at) AS since
         FROM attendees LEFT JOIN attendee_connections ON attendee_id = attendees.id
         WHERE attendees.id = ANY($1) AND status = 'PRESENT') AS online
       ORDER BY since, id LIMIT $2`,
      [attendeeIds, limit],
    );
    return rows.map(({ since, ...attendee }) => ({ attendee, since }));
  }
}
