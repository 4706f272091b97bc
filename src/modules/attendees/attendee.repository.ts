import type { Keyset } from '../../lib/keyset';
import type { Database, Db, SqlValue, Tx } from '../../persistence/database';
import type { Attendee } from '../../persistence/generated/client';
import { AttendeeRole, AttendeeStatus, LeaveReason } from '../../persistence/generated/enums';

export { AttendeeRole, AttendeeStatus, LeaveReason };

/** Without the e-mail address: it is stored when given, and never read into events or answers. */
export type AttendeeRecord = Omit<Attendee, 'email'>;

/** Somebody who comes to a session, for the first time or again. */
export interface Arrival {
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string | null;
  readonly displayName: string;
  readonly email?: string | null;
  readonly role: AttendeeRole;
}

const COLUMNS = `id, session_id AS "sessionId", user_id AS "userId", display_name AS "displayName", role, status,
  hand_raised AS "handRaised", banned, joined_at AS "joinedAt", left_at AS "leftAt",
  leave_reason AS "leaveReason", created_at AS "createdAt"`;

export class AttendeeRepository {
  /** Makes them PRESENT: a new row, or the row they had (which keeps its name and role). */
  async arrive(tx: Tx, { id, sessionId, userId, displayName, email, role }: Arrival): Promise<AttendeeRecord> {
    const rows = await tx.sql<AttendeeRecord>(
      `INSERT INTO attendees (id, session_id, user_id, display_name, email, role, status, joined_at)
       VALUES ($1, $2, $3, $4, $5, $6::"AttendeeRole", 'PRESENT', now())
       ON CONFLICT (id) DO UPDATE SET status = 'PRESENT', joined_at = now(), left_at = NULL, leave_reason = NULL
       RETURNING ${COLUMNS}`,
      [id, sessionId, userId, displayName, email ?? null, role],
    );
    return rows[0] as AttendeeRecord;
  }

  /** Keeps a place for them: WAITING until they come. */
  async expect(tx: Tx, { id, sessionId, userId, displayName, role }: Arrival): Promise<void> {
    await tx.sql(
      `INSERT INTO attendees (id, session_id, user_id, display_name, role, status) VALUES ($1, $2, $3, $4, $5::"AttendeeRole", 'WAITING')`,
      [id, sessionId, userId, displayName, role],
    );
  }

  find(db: Db, id: string): Promise<AttendeeRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM attendees WHERE id = $1`, [id]);
  }

  findByUser(db: Db, sessionId: string, userId: string): Promise<AttendeeRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM attendees WHERE session_id = $1 AND user_id = $2`, [sessionId, userId]);
  }

  /** Of each of these users the place in the session beside their name, in no order. */
  listByUsers(db: Db, places: readonly { sessionId: string; userId: string }[]): Promise<AttendeeRecord[]> {
    return db.sql(`SELECT ${COLUMNS} FROM attendees WHERE (session_id, user_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`, [
      places.map(({ sessionId }) => sessionId),
      places.map(({ userId }) => userId),
    ]);
  }

  listByIds(db: Db, ids: readonly string[]): Promise<AttendeeRecord[]> {
    return db.sql(`SELECT ${COLUMNS} FROM attendees WHERE id = ANY($1)`, [ids]);
  }

  /** Those of a session with one of these ids, attendees' own or their users', by either. */
  async listAmong(db: Db, sessionId: string, ids: readonly (string | null)[]): Promise<ReadonlyMap<string | null, AttendeeRecord>> {
    const found = await db.sql<AttendeeRecord>(
      `SELECT ${COLUMNS} FROM attendees WHERE session_id = $1 AND (id = ANY($2) OR user_id = ANY($2))`,
      [sessionId, ids],
    );
    return new Map(found.flatMap((place) => [[place.id, place] as const, [place.userId ?? place.id, place] as const]));
  }

  /** At most `limit`, in no order; null: all. */
  listPresent(db: Db, sessionId: string, limit: number | null): Promise<AttendeeRecord[]> {
    return db.sql(`SELECT ${COLUMNS} FROM attendees WHERE session_id = $1 AND status = 'PRESENT' LIMIT $2`, [sessionId, limit]);
  }

  /** The accounts that had a place in the session by then, but for those who were removed. */
  async listUserIds(db: Db, sessionId: string, by: Date): Promise<string[]> {
    const rows = await db.sql<{ userId: string }>(
      `SELECT user_id AS "userId" FROM attendees WHERE session_id = $1 AND user_id IS NOT NULL AND status <> 'REMOVED' AND created_at <= $2`,
      [sessionId, by],
    );
    return rows.map(({ userId }) => userId);
  }

  async listSessionIdsByUser(db: Db, userId: string): Promise<string[]> {
    const rows = await db.sql<{ sessionId: string }>(
      `SELECT session_id AS "sessionId" FROM attendees WHERE user_id = $1 AND status <> 'REMOVED'`,
      [userId],
    );
    return rows.map(({ sessionId }) => sessionId);
  }

  /** Each of these changes nothing, and answers null, when the attendee is not in a status it starts from. */
  leave(tx: Tx, id: string): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `UPDATE attendees SET status = 'LEFT', left_at = now(), leave_reason = 'left', hand_raised = false
       WHERE id = $1 AND status = 'PRESENT' RETURNING ${COLUMNS}`,
      [id],
    );
  }

  remove(tx: Tx, id: string): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `UPDATE attendees SET status = 'REMOVED', left_at = CASE WHEN status = 'PRESENT' THEN now() ELSE left_at END,
         leave_reason = CASE WHEN status = 'PRESENT' THEN 'removed' ELSE leave_reason END, hand_raised = false
       WHERE id = $1 AND status <> 'REMOVED' RETURNING ${COLUMNS}`,
      [id],
    );
  }

  ban(tx: Tx, id: string): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `UPDATE attendees SET banned = true, status = 'REMOVED', left_at = CASE WHEN status = 'PRESENT' THEN now() ELSE left_at END,
         leave_reason = CASE WHEN status = 'PRESENT' THEN 'removed' ELSE leave_reason END, hand_raised = false
       WHERE id = $1 AND NOT banned RETURNING ${COLUMNS}`,
      [id],
    );
  }

  /** As if they had left; WAITING for who never came. Null for who was not sent away. */
  readmit(tx: Tx, id: string): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `UPDATE attendees SET banned = false, status = CASE WHEN joined_at IS NULL THEN 'WAITING' ELSE 'LEFT' END::"AttendeeStatus"
       WHERE id = $1 AND status = 'REMOVED' RETURNING ${COLUMNS}`,
      [id],
    );
  }

  /** Null when it is theirs already. */
  setRole(tx: Tx, id: string, role: AttendeeRole): Promise<AttendeeRecord | null> {
    return one(tx, `UPDATE attendees SET role = $2::"AttendeeRole" WHERE id = $1 AND role <> $2::"AttendeeRole" RETURNING ${COLUMNS}`, [
      id,
      role,
    ]);
  }

  /** Everybody who is PRESENT leaves with the end of the session. One statement. */
  async leaveAll(tx: Tx, sessionId: string): Promise<void> {
    await tx.sql(
      `UPDATE attendees SET status = 'LEFT', left_at = now(), leave_reason = 'ended', hand_raised = false
       WHERE session_id = $1 AND status = 'PRESENT'`,
      [sessionId],
    );
  }

  raiseHand(tx: Tx, id: string, raised: boolean): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `UPDATE attendees SET hand_raised = $2 WHERE id = $1 AND status = 'PRESENT' AND hand_raised <> $2 RETURNING ${COLUMNS}`,
      [id, raised],
    );
  }

  /** In the order in which they came to the session. */
  list(
    database: Database,
    { sessionId, status, after, limit }: { sessionId: string; status: readonly AttendeeStatus[]; after: Keyset | null; limit: number },
  ): Promise<AttendeeRecord[]> {
    return database.orm.attendee.findMany({
      where: {
        sessionId,
        status: { in: [...status] },
        ...(after && { OR: [{ createdAt: { gt: after.createdAt } }, { createdAt: after.createdAt, id: { gt: after.id } }] }),
      },
      omit: { email: true },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: limit,
    });
  }

  count(database: Database, sessionId: string, status: readonly AttendeeStatus[]): Promise<number> {
    return database.orm.attendee.count({ where: { sessionId, status: { in: [...status] } } });
  }
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<AttendeeRecord | null> {
  const [attendee] = await db.sql<AttendeeRecord>(text, values);
  return attendee ?? null;
}
