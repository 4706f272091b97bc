import type { Keyset } from '../../lib/keyset';
import type { Database, Db, SqlValue, Tx } from '../../persistence/database';
import type { Session } from '../../persistence/generated/client';
import {
  AttendeesVisible,
  DuplicateIdentity,
  SessionEndReason,
  SessionKind,
  SessionMedium,
  SessionStatus,
} from '../../persistence/generated/enums';

export { AttendeesVisible, DuplicateIdentity, SessionEndReason, SessionKind, SessionMedium, SessionStatus };

/** Without the bookkeeping of the search for orphans. */
export type SessionRecord = Omit<Session, 'desertedSince'>;

/** What the host lets happen in a session. */
export type SessionSettings = Pick<
  SessionRecord,
  | 'questionApproval'
  | 'anonymousQuestions'
  | 'refuseDuplicates'
  | 'chatEnabled'
  | 'slowModeSeconds'
  | 'lobby'
  | 'waitingList'
  | 'duplicateIdentity'
  | 'attendeesVisible'
  | 'reactionEmojis'
>;

export type NewSession = Omit<
  SessionRecord,
  'status' | 'startedAt' | 'endedAt' | 'endReason' | 'attendeeCount' | 'createdAt' | keyof SessionSettings
>;

/** Undefined leaves a value as it is. */
export type SessionChanges = Partial<Pick<SessionRecord, 'title' | 'description' | 'scheduledFor' | 'capacity'> & SessionSettings>;

export interface Move {
  readonly id: string;
  readonly from: readonly SessionStatus[];
  readonly to: SessionStatus;
  readonly endReason: SessionEndReason | null;
}

export interface SessionSearch {
  readonly hostId: string | null;
  readonly organizationIds: readonly string[];
  readonly ids: readonly string[];
  /** None but of this organization; null: of any. */
  readonly within: string | null;
  readonly status?: readonly SessionStatus[] | null;
  readonly kind?: SessionKind | null;
  readonly olderThan: Keyset | null;
  readonly limit: number;
}

const COLUMNS = `id, organization_id AS "organizationId", host_id AS "hostId", code, title, description, kind, medium, status,
  scheduled_for AS "scheduledFor", started_at AS "startedAt", ended_at AS "endedAt", end_reason AS "endReason",
  capacity, attendee_count AS "attendeeCount",
  advisor_id AS "advisorId", rate_per_minute_minor AS "ratePerMinuteMinor", currency,
  question_approval AS "questionApproval", anonymous_questions AS "anonymousQuestions",
  refuse_duplicates AS "refuseDuplicates", chat_enabled AS "chatEnabled", slow_mode_seconds AS "slowModeSeconds", lobby,
   waiting_list AS "waitingList", duplicate_identity AS "duplicateIdentity", attendees_visible AS "attendeesVisible",
   reaction_emojis AS "reactionEmojis", created_at AS "createdAt"`;

export class SessionRepository {
  /** Null when the code is taken. */
  insert(tx: Tx, session: NewSession): Promise<SessionRecord | null> {
    return one(
      tx,
      `INSERT INTO sessions (id, organization_id, host_id, code, title, description, kind, medium, scheduled_for, capacity,
                             advisor_id, rate_per_minute_minor, currency)
       VALUES ($1, $2, $3, $4, $5, $6, $7::"SessionKind", $8::"SessionMedium", $9, $10, $11, $12, $13)
       ON CONFLICT (code) DO NOTHING RETURNING ${COLUMNS}`,
      [
        session.id,
        session.organizationId,
        session.hostId,
        session.code,
        session.title,
        session.description,
        session.kind,
        session.medium,
        session.scheduledFor,
        session.capacity,
        session.advisorId,
        session.ratePerMinuteMinor,
        session.currency,
      ],
    );
  }

  find(db: Db, id: string): Promise<SessionRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM sessions WHERE id = $1`, [id]);
  }

  findByCode(db: Db, code: string): Promise<SessionRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM sessions WHERE code = $1`, [code]);
  }

  /** Nobody else changes the session until the transaction ends; readers and foreign keys are not held up. */
  lock(tx: Tx, id: string): Promise<SessionRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM sessions WHERE id = $1 FOR NO KEY UPDATE`, [id]);
  }

  lockByCode(tx: Tx, code: string): Promise<SessionRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM sessions WHERE code = $1 FOR NO KEY UPDATE`, [code]);
  }

  /** The session stays as it is until the transaction ends, but others may hold it like this too. */
  lockShared(tx: Tx, id: string): Promise<SessionRecord | null> {
    return one(tx, `SELECT ${COLUMNS} FROM sessions WHERE id = $1 FOR SHARE`, [id]);
  }

  /** Of two commands at once one finds the status it needs, the other finds the row changed: null. Who is over has no seats taken. */
  transition(tx: Tx, { id, from, to, endReason }: Move): Promise<SessionRecord | null> {
    return one(
      tx,
      `UPDATE sessions SET status = $3::"SessionStatus",
         started_at = CASE WHEN $3::text = 'LIVE' THEN COALESCE(started_at, now()) ELSE started_at END,
         ended_at = CASE WHEN $3::text IN ('COMPLETED', 'CANCELLED') THEN now() ELSE ended_at END,
         attendee_count = CASE WHEN $3::text IN ('COMPLETED', 'CANCELLED') THEN 0 ELSE attendee_count END,
         end_reason = $4::"SessionEndReason"
       WHERE id = $1 AND status = ANY($2::"SessionStatus"[]) RETURNING ${COLUMNS}`,
      [id, from, to, endReason],
    );
  }

  /** Null when it is not in one of these statuses, or more people are in it than the capacity allows. */
  update(tx: Tx, id: string, changes: SessionChanges, within: readonly SessionStatus[]): Promise<SessionRecord | null> {
    const { title, description, scheduledFor, capacity, questionApproval, anonymousQuestions, refuseDuplicates } = changes;
    const { chatEnabled, slowModeSeconds, reactionEmojis } = changes;
    const { lobby, waitingList, duplicateIdentity, attendeesVisible } = changes;
    return one(
      tx,
      `UPDATE sessions SET title = COALESCE($3, title), capacity = COALESCE($4::int, capacity),
         description = CASE WHEN $5::boolean THEN $6 ELSE description END,
         scheduled_for = CASE WHEN $7::boolean THEN $8::timestamptz ELSE scheduled_for END,
         question_approval = COALESCE($9::boolean, question_approval), anonymous_questions = COALESCE($10::boolean, anonymous_questions),
         refuse_duplicates = COALESCE($11::boolean, refuse_duplicates), chat_enabled = COALESCE($12::boolean, chat_enabled),
         slow_mode_seconds = COALESCE($13::int, slow_mode_seconds),
         lobby = COALESCE($14::boolean, lobby), waiting_list = COALESCE($15::boolean, waiting_list),
         duplicate_identity = COALESCE($16::"DuplicateIdentity", duplicate_identity),
         attendees_visible = COALESCE($17::"AttendeesVisible", attendees_visible),
         reaction_emojis = COALESCE($18::text[], reaction_emojis)
       WHERE id = $1 AND status = ANY($2::"SessionStatus"[]) AND attendee_count <= COALESCE($4::int, capacity) RETURNING ${COLUMNS}`,
      [
        id,
        within,
        title ?? null,
        capacity ?? null,
        description !== undefined,
        description ?? null,
        scheduledFor !== undefined,
        scheduledFor ?? null,
        questionApproval ?? null,
        anonymousQuestions ?? null,
        refuseDuplicates ?? null,
        chatEnabled ?? null,
        slowModeSeconds ?? null,
        lobby ?? null,
        waitingList ?? null,
        duplicateIdentity ?? null,
        attendeesVisible ?? null,
        reactionEmojis ?? null,
      ],
    );
  }

  /** Null when all seats are taken. */
  takeSeat(tx: Tx, id: string): Promise<SessionRecord | null> {
    return one(
      tx,
      `UPDATE sessions SET attendee_count = attendee_count + 1 WHERE id = $1 AND attendee_count < capacity RETURNING ${COLUMNS}`,
      [id],
    );
  }

  /** Takes so many seats that are known to be free, or gives them back when negative. Null when it would be too many, or too few. */
  moveSeats(tx: Tx, id: string, seats: number): Promise<SessionRecord | null> {
    return one(
      tx,
      `UPDATE sessions SET attendee_count = attendee_count + $2::int
       WHERE id = $1 AND attendee_count + $2::int BETWEEN 0 AND capacity RETURNING ${COLUMNS}`,
      [id, seats],
    );
  }

  /** Newest first. */
  search(
    database: Database,
    { hostId, organizationIds, ids, within, status, kind, olderThan, limit }: SessionSearch,
  ): Promise<SessionRecord[]> {
    return database.orm.session.findMany({
      where: {
        status: status ? { in: [...status] } : undefined,
        kind: kind ?? undefined,
        organizationId: within ?? undefined,
        AND: [
          { OR: [...(hostId === null ? [] : [{ hostId }]), { organizationId: { in: [...organizationIds] } }, { id: { in: [...ids] } }] },
          olderThan === null
            ? {}
            : { OR: [{ createdAt: { lt: olderThan.createdAt } }, { createdAt: olderThan.createdAt, id: { lt: olderThan.id } }] },
        ],
      },
      omit: { desertedSince: true },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
    });
  }
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<SessionRecord | null> {
  const [session] = await db.sql<SessionRecord>(text, values);
  return session ?? null;
}
