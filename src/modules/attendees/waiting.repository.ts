import type { Db, Tx } from '../../persistence/database';
import type { Arrival, AttendeeRecord, WaitReason } from './attendee.repository';
import { COLUMNS, leaving } from './attendee.repository';

/**
 * Who waits in a session, and in which order. Tickets are drawn while the session's row is held, so that nobody comes between. Every write
 * answers with whom it changed, in that order.
 */
export class WaitingRepository {
  /** Puts them at the end of the line: a new row, or the row they had. */
  async enqueue(
    tx: Tx,
    { id, sessionId, userId, displayName, email, role, device }: Arrival,
    waitFor: WaitReason,
  ): Promise<AttendeeRecord> {
    const rows = await tx.sql<AttendeeRecord>(
      `INSERT INTO attendees (id, session_id, user_id, display_name, email, role, status, waiting_for, ticket, device)
       SELECT $1, $2, $3, $4, $5, $6::"AttendeeRole", 'WAITING', $7::"WaitReason", COALESCE(max(ticket), 0) + 1, $8
       FROM attendees WHERE session_id = $2 AND waiting_for = $7::"WaitReason"
       ON CONFLICT (id) DO UPDATE SET status = 'WAITING', waiting_for = excluded.waiting_for, ticket = excluded.ticket,
         device = COALESCE($8, attendees.device)
       RETURNING ${COLUMNS}`,
      [id, sessionId, userId, displayName, email ?? null, role, waitFor, device ?? null],
    );
    return rows[0] as AttendeeRecord;
  }

  /** The first of those who wait for a seat sit down: as many as there are, at most `seats`. */
  async seat(tx: Tx, sessionId: string, seats: number): Promise<AttendeeRecord[]> {
    return inLine(
      await tx.sql<AttendeeRecord>(
        `UPDATE attendees SET status = 'PRESENT', joined_at = now(), left_at = NULL, leave_reason = NULL, waiting_for = NULL
         WHERE id IN (SELECT id FROM attendees WHERE session_id = $1 AND waiting_for = 'SEAT' ORDER BY ticket LIMIT $2)
         RETURNING ${COLUMNS}`,
        [sessionId, seats],
      ),
    );
  }

  /** Waits no longer, and has not come in. Null when they did not wait. */
  async leave(tx: Tx, id: string): Promise<AttendeeRecord | null> {
    const [left] = await tx.sql<AttendeeRecord>(
      `UPDATE attendees SET status = 'LEFT', ${leaving('left')} WHERE id = $1 AND waiting_for IS NOT NULL RETURNING ${COLUMNS}`,
      [id],
    );
    return left ?? null;
  }

  /** Those of the given who wait to be let in; null: all of them. At most `limit`, the first of them. */
  async deny(tx: Tx, sessionId: string, ids: readonly string[] | null, limit: number): Promise<AttendeeRecord[]> {
    return inLine(
      await tx.sql<AttendeeRecord>(
        `UPDATE attendees SET status = 'REMOVED', waiting_for = NULL, leave_reason = 'denied' WHERE id IN (
           SELECT id FROM attendees WHERE session_id = $1 AND waiting_for IS NOT NULL AND ($2::text[] IS NULL AND waiting_for = 'ADMISSION' OR id = ANY($2))
           ORDER BY ticket LIMIT $3)
         RETURNING ${COLUMNS}`,
        [sessionId, ids, limit],
      ),
    );
  }

  /** Who waits for this, in order. */
  list(
    db: Db,
    { sessionId, waitFor, after, limit }: { sessionId: string; waitFor: WaitReason; after: number; limit: number },
  ): Promise<AttendeeRecord[]> {
    return db.sql(
      `SELECT ${COLUMNS} FROM attendees WHERE session_id = $1 AND waiting_for = $2::"WaitReason" AND ticket > $3 ORDER BY ticket LIMIT $4`,
      [sessionId, waitFor, after, limit],
    );
  }

  async count(db: Db, sessionId: string, waitFor: WaitReason): Promise<number> {
    const rows = await db.sql<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM attendees WHERE session_id = $1 AND waiting_for = $2::"WaitReason"`,
      [sessionId, waitFor],
    );
    return rows[0]?.waiting ?? 0;
  }

  /** How many stand in the line up to this ticket. */
  async placeOf(db: Db, { sessionId, waitingFor, ticket }: AttendeeRecord): Promise<number | null> {
    if (waitingFor === null || ticket === null) return null;
    const rows = await db.sql<{ place: number }>(
      `SELECT count(*)::int AS place FROM attendees WHERE session_id = $1 AND waiting_for = $2::"WaitReason" AND ticket <= $3`,
      [sessionId, waitingFor, ticket],
    );
    return rows[0]?.place ?? null;
  }
}

/** RETURNING has no order. Who came in keeps the ticket they came in with. */
function inLine(attendees: AttendeeRecord[]): AttendeeRecord[] {
  return attendees.sort((one, other) => (one.ticket ?? 0) - (other.ticket ?? 0));
}
