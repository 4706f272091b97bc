import type { Db } from '../../persistence/database';
import { ReportReason } from '../../persistence/generated/enums';

export { ReportReason };

export interface NewReport {
  readonly sessionId: string;
  readonly questionId: string;
  readonly attendeeId: string;
  readonly reason: ReportReason;
}

/** What is said against one question. */
export interface ReportCount {
  readonly questionId: string;
  readonly reports: number;
  readonly byReason: Readonly<Partial<Record<ReportReason, number>>>;
}

/** Reports that nobody has dismissed, on questions that everybody sees: what was taken out of sight needs no more attention. */
const STANDING = `r.session_id = $1 AND r.dismissed_at IS NULL AND q.status IN ('OPEN', 'ANSWERED')`;

export class ReportRepository {
  /** Nobody reports a question twice: the first time stands, and this is false. */
  async insert(db: Db, { sessionId, questionId, attendeeId, reason }: NewReport): Promise<boolean> {
    const rows = await db.sql(
      `INSERT INTO question_reports (question_id, attendee_id, session_id, reason) VALUES ($1, $2, $3, $4::"ReportReason")
       ON CONFLICT (question_id, attendee_id) DO NOTHING RETURNING 1 AS one`,
      [questionId, attendeeId, sessionId, reason],
    );
    return rows.length > 0;
  }

  /** How many there were to dismiss. */
  async dismiss(db: Db, questionId: string): Promise<number> {
    const rows = await db.sql(
      'UPDATE question_reports SET dismissed_at = now() WHERE question_id = $1 AND dismissed_at IS NULL RETURNING 1 AS one',
      [questionId],
    );
    return rows.length;
  }

  /** What nobody has dismissed, wherever the question is. */
  async countOf(db: Db, questionId: string): Promise<ReportCount> {
    const [counted] = await db.sql<Omit<ReportCount, 'questionId'>>(
      `SELECT coalesce(sum(n), 0)::int AS reports, coalesce(jsonb_object_agg(reason, n), '{}') AS "byReason" FROM (
         SELECT reason, count(*)::int AS n FROM question_reports WHERE question_id = $1 AND dismissed_at IS NULL GROUP BY reason
       ) AS counted`,
      [questionId],
    );
    return { questionId, reports: counted?.reports ?? 0, byReason: counted?.byReason ?? {} };
  }

  /** The most reported questions first, then those reported first. */
  list(db: Db, sessionId: string, limit: number): Promise<ReportCount[]> {
    return db.sql<ReportCount>(
      `SELECT "questionId", sum(n)::int AS reports, jsonb_object_agg(reason, n) AS "byReason" FROM (
         SELECT r.question_id AS "questionId", r.reason, count(*)::int AS n, min(r.created_at) AS since
         FROM question_reports r JOIN questions q ON q.id = r.question_id WHERE ${STANDING} GROUP BY r.question_id, r.reason
       ) AS counted GROUP BY "questionId" ORDER BY reports DESC, min(since), "questionId" LIMIT $2`,
      [sessionId, limit],
    );
  }

  /** How many questions are reported. */
  async count(db: Db, sessionId: string): Promise<number> {
    const [counted] = await db.sql<{ reported: number }>(
      `SELECT count(DISTINCT r.question_id)::int AS reported
       FROM question_reports r JOIN questions q ON q.id = r.question_id WHERE ${STANDING}`,
      [sessionId],
    );
    return counted?.reported ?? 0;
  }
}
