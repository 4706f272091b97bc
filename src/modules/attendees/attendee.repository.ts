import type { Keyset } from '../../lib/keyset';
import type { Database, Db, SqlValue, Tx } from '../../persistence/database';
import type { Attendee } from '../../persistence/generated/client';
import type { AttendeeWhereInput } from '../../persistence/generated/models';
import { AttendeeRole, AttendeeStatus, LeaveReason, WaitReason } from '../../persistence/generated/enums';

export { AttendeeRole, AttendeeStatus, LeaveReason, WaitReason };

/** Without the e-mail address: it is stored when given, and never read into events or answers. Nor is what only counts. */
export type AttendeeRecord = Omit<Attendee, 'email' | 'device' | 'presentMs' | 'handRaises'>;

/** Somebody who comes to a session, for the first time or again. */
export interface Arrival {
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string | null;
  readonly displayName: string;
  readonly email?: string | null;
  readonly role: AttendeeRole;
  /** By which sign-in, or key, they come. */
  readonly device?: string | null;
}

/** Which rows of the list somebody may see. */
export interface Sight {
  /** Null: all. */
  readonly roles: readonly AttendeeRole[] | null;
  /** Whether those are among them who wait. */
  readonly waiting: boolean;
  /** Seen whatever else. */
  readonly self: string | null;
}

export const COLUMNS = `id, session_id AS "sessionId", user_id AS "userId", display_name AS "displayName", role, status,
  hand_raised AS "handRaised", hand_raised_at AS "handRaisedAt", waiting_for AS "waitingFor", ticket, muted, silenced, banned, joined_at AS "joinedAt", left_at AS "leftAt",
  leave_reason AS "leaveReason", created_at AS "createdAt"`;

/** `readsSession` of the policy, as the database says it. */
const READING = `(status = 'PRESENT' OR (status = 'LEFT' AND joined_at IS NOT NULL)
  OR (status = 'WAITING' AND waiting_for IS NULL AND role IN ('HOST', 'CLIENT', 'ADVISOR')))`;

/** What goes with leaving for who was PRESENT; the others keep when and why they last left. */
export const leaving = (reason: LeaveReason): string => `
  left_at = CASE WHEN status = 'PRESENT' THEN now() ELSE left_at END,
  present_ms = present_ms + CASE WHEN status = 'PRESENT' THEN (extract(epoch FROM now() - joined_at) * 1000)::bigint ELSE 0 END,
  leave_reason = CASE WHEN status = 'PRESENT' THEN '${reason}' ELSE leave_reason END::"LeaveReason",
  hand_raised = false, hand_raised_at = NULL, waiting_for = NULL`;

const DISCONNECTED = 'WITH gone AS (DELETE FROM attendee_connections WHERE attendee_id = $1)';

export class AttendeeRepository {
  /** Makes them PRESENT: a new row, or the row they had (which keeps its name and role). */
  async arrive(tx: Tx, { id, sessionId, userId, displayName, email, role, device }: Arrival): Promise<AttendeeRecord> {
    const rows = await tx.sql<AttendeeRecord>(
      `${DISCONNECTED} INSERT INTO attendees (id, session_id, user_id, display_name, email, role, status, joined_at, device)
       VALUES ($1, $2, $3, $4, $5, $6::"AttendeeRole", 'PRESENT', now(), $7)
       ON CONFLICT (id) DO UPDATE SET status = 'PRESENT', joined_at = now(), left_at = NULL, leave_reason = NULL, waiting_for = NULL,
         device = COALESCE($7, attendees.device)
       RETURNING ${COLUMNS}`,
      [id, sessionId, userId, displayName, email ?? null, role, device ?? null],
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

  /** The two of a call, in no order. */
  listParties(db: Db, sessionId: string): Promise<AttendeeRecord[]> {
    return db.sql(`SELECT ${COLUMNS} FROM attendees WHERE session_id = $1 AND role IN ('CLIENT', 'ADVISOR')`, [sessionId]);
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
    const rows = await db.sql<{ sessionId: string }>(`SELECT session_id AS "sessionId" FROM attendees WHERE user_id = $1 AND ${READING}`, [
      userId,
    ]);
    return rows.map(({ sessionId }) => sessionId);
  }

  /** Each of these changes nothing, and answers null, when the attendee is not in a status it starts from. */
  leave(tx: Tx, id: string, reason: LeaveReason): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `${DISCONNECTED} UPDATE attendees SET status = 'LEFT', ${leaving(reason)} WHERE id = $1 AND status = 'PRESENT' RETURNING ${COLUMNS}`,
      [id],
    );
  }

  remove(tx: Tx, id: string): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `${DISCONNECTED} UPDATE attendees SET status = 'REMOVED', ${leaving('removed')}
       WHERE id = $1 AND status <> 'REMOVED' RETURNING ${COLUMNS}`,
      [id],
    );
  }

  ban(tx: Tx, id: string): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `${DISCONNECTED} UPDATE attendees SET banned = true, status = 'REMOVED', ${leaving('banned')}
       WHERE id = $1 AND NOT banned RETURNING ${COLUMNS}`,
      [id],
    );
  }

  /** Undefined leaves it as it is. Null when nothing is different. */
  restrict(tx: Tx, id: string, { muted, silenced }: { muted?: boolean; silenced?: boolean }): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `UPDATE attendees SET muted = COALESCE($2::boolean, muted), silenced = COALESCE($3::boolean, silenced)
       WHERE id = $1 AND (muted <> COALESCE($2::boolean, muted) OR silenced <> COALESCE($3::boolean, silenced)) RETURNING ${COLUMNS}`,
      [id, muted ?? null, silenced ?? null],
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

  /** Everybody who is PRESENT leaves with the end of the session, and nobody waits any longer. One statement. */
  async leaveAll(tx: Tx, sessionId: string): Promise<void> {
    await tx.sql(
      `WITH gone AS (DELETE FROM attendee_connections WHERE session_id = $1)
       UPDATE attendees SET status = 'LEFT', ${leaving('ended')}
       WHERE session_id = $1 AND (status = 'PRESENT' OR waiting_for IS NOT NULL)`,
      [sessionId],
    );
  }

  /** Whoever has a place in it, or had one, is out: what is deleted cannot be read. One statement. */
  async outOfDeleted(tx: Tx, sessionId: string): Promise<void> {
    await tx.sql(`UPDATE attendees SET status = 'LEFT', leave_reason = 'deleted' WHERE session_id = $1 AND status <> 'REMOVED'`, [
      sessionId,
    ]);
  }

  raiseHand(tx: Tx, id: string, raised: boolean): Promise<AttendeeRecord | null> {
    return one(
      tx,
      `UPDATE attendees SET hand_raised = $2, hand_raised_at = CASE WHEN $2 THEN clock_timestamp() END,
         hand_raises = hand_raises + CASE WHEN $2 THEN 1 ELSE 0 END
       WHERE id = $1 AND status = 'PRESENT' AND hand_raised <> $2 RETURNING ${COLUMNS}`,
      [id, raised],
    );
  }

  /** How long each of these has been in, up to now, and how often they raised their hand. */
  listStays(db: Db, ids: readonly string[]): Promise<{ id: string; presentMs: number; handRaises: number }[]> {
    return db.sql(
      `SELECT id, hand_raises AS "handRaises",
         (present_ms + CASE WHEN status = 'PRESENT' THEN extract(epoch FROM now() - joined_at) * 1000 ELSE 0 END)::float8 AS "presentMs"
       FROM attendees WHERE id = ANY($1)`,
      [ids],
    );
  }

  /** Who has a hand raised, longest first. */
  listRaisedHands(db: Db, sessionId: string, limit: number): Promise<AttendeeRecord[]> {
    return db.sql(`SELECT ${COLUMNS} FROM attendees WHERE session_id = $1 AND hand_raised ORDER BY hand_raised_at, id LIMIT $2`, [
      sessionId,
      limit,
    ]);
  }

  /** In the order in which they came to the session. */
  list(
    database: Database,
    { sessionId, status, sight, after, limit }: AttendeePage & { readonly sessionId: string; readonly sight: Sight },
  ): Promise<AttendeeRecord[]> {
    return database.orm.attendee.findMany({
      where: {
        sessionId,
        status: { in: [...status] },
        AND: [
          seenBy(sight),
          after === null ? {} : { OR: [{ createdAt: { gt: after.createdAt } }, { createdAt: after.createdAt, id: { gt: after.id } }] },
        ],
      },
      omit: { email: true, device: true, presentMs: true, handRaises: true },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: limit,
    });
  }

  /** How many there are, whether they are seen one by one or not. */
  count(database: Database, sessionId: string, status: readonly AttendeeStatus[], { waiting, self }: Sight): Promise<number> {
    const sight: Sight = { roles: null, waiting, self };
    return database.orm.attendee.count({ where: { sessionId, status: { in: [...status] }, AND: [seenBy(sight)] } });
  }
}

export interface AttendeePage {
  readonly status: readonly AttendeeStatus[];
  readonly after: Keyset | null;
  readonly limit: number;
}

function seenBy({ roles, waiting, self }: Sight): AttendeeWhereInput {
  const others = { ...(roles && { role: { in: [...roles] } }), ...(!waiting && CAME) };
  return self === null ? others : { OR: [{ id: self }, others] };
}

/** Who was let in, and got a seat; or is expected. */
const CAME: AttendeeWhereInput = {
  waitingFor: null,
  OR: [{ joinedAt: { not: null } }, { role: { in: ['HOST', 'CLIENT', 'ADVISOR'] } }],
};

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<AttendeeRecord | null> {
  const [attendee] = await db.sql<AttendeeRecord>(text, values);
  return attendee ?? null;
}
