import type { Db, SqlValue, Tx } from '../../persistence/database';
import type { Question } from '../../persistence/generated/client';
import { QuestionStatus } from '../../persistence/generated/enums';
import type { StreamId } from '../../realtime/event';
import { WALKS } from './question-order';
import type { QuestionListing } from './question-order';

export { QuestionStatus };
export type QuestionRecord = Question;

export type NewQuestion = Pick<
  QuestionRecord,
  | 'id'
  | 'sessionId'
  | 'askerId'
  | 'senderId'
  | 'senderName'
  | 'anonymous'
  | 'body'
  | 'status'
  | 'fingerprint'
  | 'heldFor'
  | 'shadowed'
  | 'clientId'
  | 'clientDigest'
>;

export type QuestionChanges = Partial<
  Pick<
    QuestionRecord,
    'body' | 'status' | 'answer' | 'pinned' | 'rejectionReason' | 'mergedIntoId' | 'fingerprint' | 'heldFor' | 'shadowed'
  >
>;

/** Which questions of a session somebody may see. */
export interface Visibility {
  readonly sessionId: string;
  /** All of them; otherwise those that are public, and their own. */
  readonly all: boolean;
  /** Null for who has no place in the session. */
  readonly attendeeId: string | null;
}

export interface QuestionPage extends Visibility {
  readonly order: QuestionListing;
  /** Strictly beyond this place in the order; null from its beginning. */
  readonly beyond: readonly SqlValue[] | null;
  readonly limit: number;
}

/** By how much a question's counts change, and the score they then give. */
export interface TallyChange {
  readonly questionId: string;
  readonly up: number;
  readonly down: number;
  readonly score: number;
}

const COLUMNS = `id, session_id AS "sessionId", asker_id AS "askerId", sender_id AS "senderId", sender_name AS "senderName", anonymous, body,
  status, upvotes, downvotes, score, pinned, answer, rejection_reason AS "rejectionReason", merged_into_id AS "mergedIntoId", held_for AS "heldFor", shadowed, fingerprint, client_id AS "clientId",
  client_digest AS "clientDigest", created_at AS "createdAt", published_at AS "publishedAt", voted_at AS "votedAt"`;

const VISIBLE = `session_id = $1 AND status <> 'DELETED' AND ($2::boolean OR status IN ('OPEN', 'ANSWERED') OR asker_id = $3)`;

export class QuestionRepository {
  /** Null when the asker used this client id in the session before: told by the constraint, so retries at once have one winner. */
  async insert(db: Db, question: NewQuestion, createdAt: Date, score: number): Promise<QuestionRecord | null> {
    const { id, sessionId, askerId, senderId, senderName, anonymous, body, status, fingerprint, clientId, clientDigest } = question;
    const { heldFor, shadowed } = question;
    return one(
      db,
      `INSERT INTO questions (id, session_id, asker_id, sender_id, sender_name, anonymous, body, status, score, client_id, client_digest,
                              created_at, published_at, fingerprint, held_for, shadowed)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8::"QuestionStatus", $9, $10, $11, $12::timestamptz, CASE WHEN $8::text = 'OPEN' THEN $12::timestamptz END, $13,
               $14::"ContentRule", $15)
       ON CONFLICT (session_id, asker_id, client_id) DO NOTHING RETURNING ${COLUMNS}`,
      [
        id,
        sessionId,
        askerId,
        senderId,
        senderName,
        anonymous,
        body,
        status,
        score,
        clientId,
        clientDigest,
        createdAt,
        fingerprint,
        heldFor,
        shadowed,
      ],
    );
  }

  /** The transaction's time, as rows keep it. */
  async now(db: Db): Promise<Date> {
    const [row] = await db.sql<{ now: Date }>(`SELECT date_trunc('milliseconds', now()) AS now`);
    return row?.now ?? new Date();
  }

  findByClientId(db: Db, sessionId: string, askerId: string, clientId: string): Promise<QuestionRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM questions WHERE session_id = $1 AND asker_id = $2 AND client_id = $3`, [
      sessionId,
      askerId,
      clientId,
    ]);
  }

  find(db: Db, id: string): Promise<QuestionRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM questions WHERE id = $1`, [id]);
  }

  /** One command on a question at a time. */
  lock(db: Db, id: string): Promise<QuestionRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM questions WHERE id = $1 FOR NO KEY UPDATE`, [id]);
  }

  listByIds(db: Db, ids: readonly string[]): Promise<QuestionRecord[]> {
    return db.sql<QuestionRecord>(`SELECT ${COLUMNS} FROM questions WHERE id = ANY($1)`, [ids]);
  }

  /** Counts change by what their votes changed, never to a value read before. */
  async updateTallies(db: Db, changes: readonly TallyChange[]): Promise<void> {
    await db.sql(
      `UPDATE questions q SET upvotes = q.upvotes + c.up, downvotes = q.downvotes + c.down, score = c.score, voted_at = now()
       FROM unnest($1::text[], $2::int[], $3::int[], $4::float8[]) AS c(id, up, down, score) WHERE q.id = c.id`,
      [
        changes.map(({ questionId }) => questionId),
        changes.map(({ up }) => up),
        changes.map(({ down }) => down),
        changes.map(({ score }) => score),
      ],
    );
  }

  /** The same for several, in one order. */
  lockEach(db: Db, ids: readonly string[]): Promise<QuestionRecord[]> {
    return db.sql<QuestionRecord>(`SELECT ${COLUMNS} FROM questions WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`, [ids]);
  }

  /** Of a question that the transaction holds. */
  async update(db: Db, id: string, changes: QuestionChanges): Promise<QuestionRecord> {
    const { body, status, answer, pinned, rejectionReason, mergedIntoId, fingerprint, heldFor, shadowed } = changes;
    const updated = await one(
      db,
      `UPDATE questions SET body = COALESCE($2, body), status = COALESCE($3::"QuestionStatus", status), pinned = COALESCE($4::boolean, pinned),
         answer = CASE WHEN $5::boolean THEN $6 ELSE answer END,
         rejection_reason = CASE WHEN $7::boolean THEN $8 ELSE rejection_reason END,
         merged_into_id = COALESCE($9, merged_into_id),
         fingerprint = COALESCE($10, fingerprint),
         held_for = CASE WHEN $11::boolean THEN $12::"ContentRule" ELSE held_for END, shadowed = COALESCE($13::boolean, shadowed),
         published_at = COALESCE(published_at, CASE WHEN $3::text IN ('OPEN', 'ANSWERED') THEN now() END)
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [
        id,
        body ?? null,
        status ?? null,
        pinned ?? null,
        answer !== undefined,
        answer ?? null,
        rejectionReason !== undefined,
        rejectionReason ?? null,
        mergedIntoId ?? null,
        fingerprint ?? null,
        heldFor !== undefined,
        heldFor ?? null,
        shadowed ?? null,
      ],
    );
    return required(updated);
  }

  /** Takes away all that was written. */
  async erase(db: Db, id: string): Promise<QuestionRecord> {
    const erased = await one(
      db,
      `UPDATE questions SET status = 'DELETED', body = '', answer = NULL, rejection_reason = NULL, client_digest = NULL, fingerprint = NULL, pinned = false
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    );
    return required(erased);
  }

  /**
   * Another question that asks the same and that its asker sees: open, answered, or one of their own that waits. Of questions that come at
   * once each but the first finds one: who looks waits for the others, once its own is there.
   */
  async findTwin(tx: Tx, { id, sessionId, askerId, fingerprint }: QuestionRecord): Promise<string | null> {
    await tx.sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [`${sessionId} ${fingerprint}`]);
    const [twin] = await tx.sql<{ id: string }>(
      `SELECT id FROM questions WHERE session_id = $1 AND fingerprint = $2 AND id <> $3
       AND (status IN ('OPEN', 'ANSWERED') OR (status = 'PENDING' AND asker_id = $4)) ORDER BY created_at, id LIMIT 1`,
      [sessionId, fingerprint, id, askerId],
    );
    return twin?.id ?? null;
  }

  /** Where the log holds what was written. Read only: the log's own tables belong to the kernel. */
  async listEventOffsets(db: Db, stream: StreamId, id: string): Promise<number[]> {
    const rows = await db.sql<{ offset: number }>(
      `SELECT "offset" FROM events WHERE stream_id = $1 AND type = 'question.changed' AND payload->'question'->>'id' = $2`,
      [stream, id],
    );
    return rows.map(({ offset }) => offset);
  }

  /** In the order asked for, by its index. */
  page(db: Db, page: QuestionPage): Promise<QuestionRecord[]> {
    return db.sql<QuestionRecord>(...pageStatement(page));
  }

  async count(db: Db, { sessionId, all, attendeeId }: Visibility, order: QuestionListing): Promise<number> {
    const [counted] = await db.sql<{ total: number }>(
      `SELECT count(*)::int AS total FROM questions WHERE ${VISIBLE} AND ${WALKS[order].only ?? 'true'}`,
      [sessionId, all, attendeeId],
    );
    return counted?.total ?? 0;
  }

  /** Of those that wait for approval, the ones that a content policy holds. */
  async countHeld(db: Db, sessionId: string): Promise<number> {
    const [counted] = await db.sql<{ held: number }>(
      `SELECT count(*)::int AS held FROM questions WHERE session_id = $1 AND status = 'PENDING' AND held_for IS NOT NULL`,
      [sessionId],
    );
    return counted?.held ?? 0;
  }

  async countByStatus(db: Db, sessionId: string): Promise<Record<QuestionStatus, number>> {
    const rows = await db.sql<{ status: QuestionStatus; n: number }>(
      'SELECT status, count(*)::int AS n FROM questions WHERE session_id = $1 GROUP BY status',
      [sessionId],
    );
    const none = Object.fromEntries(Object.values(QuestionStatus).map((status) => [status, 0]));
    return { ...none, ...Object.fromEntries(rows.map(({ status, n }) => [status, n])) } as Record<QuestionStatus, number>;
  }

  /** Those anybody may see that were voted on within the last so many milliseconds, by the database's clock. */
  listVotedWithin(db: Db, sessionId: string, milliseconds: number): Promise<QuestionRecord[]> {
    return db.sql<QuestionRecord>(
      `SELECT ${COLUMNS} FROM questions WHERE session_id = $1 AND status IN ('OPEN', 'ANSWERED') AND voted_at > now() - $2 * interval '1 millisecond'`,
      [sessionId, milliseconds],
    );
  }
}

export function pageStatement({ sessionId, all, attendeeId, order, beyond, limit }: QuestionPage): [text: string, values: SqlValue[]] {
  const walk = WALKS[order];
  const conditions = [VISIBLE, walk.only, beyond && `(${walk.beyond})`].filter((condition) => condition !== null);
  const text = `SELECT ${COLUMNS} FROM questions WHERE ${conditions.join(' AND ')} ORDER BY ${walk.orderBy} LIMIT $4`;
  return [text, [sessionId, all, attendeeId, limit, ...(beyond ?? [])]];
}

function required(question: QuestionRecord | null): QuestionRecord {
  if (question === null) throw new Error('A question vanished while it was held');
  return question;
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<QuestionRecord | null> {
  const [question] = await db.sql<QuestionRecord>(text, values);
  return question ?? null;
}
