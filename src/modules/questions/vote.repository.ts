import type { Db } from '../../persistence/database';

/** 1 up, -1 down, 0 none (and then no row). */
export type Ballot = 1 | 0 | -1;

/** What somebody wants their vote on a question to be. At most one for each person and question in one call. */
export interface Cast {
  readonly questionId: string;
  readonly attendeeId: string;
  readonly value: Ballot;
}

/** A vote that became another than it was. */
export interface CastChange extends Cast {
  readonly previous: Ballot;
}

/** Who asks for their own vote: an attendee, or a user who may have a place in the session; nobody, when both are null. */
export interface OwnVote {
  readonly questionId: string;
  readonly sessionId: string;
  readonly attendeeId: string | null;
  readonly userId: string | null;
}

const COLUMNS = `question_id AS "questionId", attendee_id AS "attendeeId", value::int AS value`;

export class VoteRepository {
  /**
   * Makes the votes what they are to be and answers those that were not so before, in the order given. What was before is read from
   * the vote rows by the same statement that changes them. The caller holds the lock of the session's votes, so nobody changes them
   * in between.
   */
  async cast(db: Db, casts: readonly Cast[]): Promise<CastChange[]> {
    return db.sql<CastChange>(CAST, [
      casts.map(({ questionId }) => questionId),
      casts.map(({ attendeeId }) => attendeeId),
      casts.map(({ value }) => value),
    ]);
  }

  listByQuestion(db: Db, questionId: string): Promise<Cast[]> {
    return db.sql<Cast>(`SELECT ${COLUMNS} FROM votes WHERE question_id = $1 ORDER BY attendee_id`, [questionId]);
  }

  /** The votes on one question of those who did not vote on the other. */
  listOfOthers(db: Db, questionId: string, otherId: string): Promise<Cast[]> {
    return db.sql<Cast>(
      `SELECT ${COLUMNS} FROM votes v WHERE question_id = $1
       AND NOT EXISTS (SELECT 1 FROM votes o WHERE o.question_id = $2 AND o.attendee_id = v.attendee_id) ORDER BY attendee_id`,
      [questionId, otherId],
    );
  }

  /** In the order asked; 0 for none. */
  async listOwn(db: Db, asked: readonly OwnVote[]): Promise<Ballot[]> {
    const rows = await db.sql<{ value: Ballot }>(LIST_OWN, [
      asked.map(({ questionId }) => questionId),
      asked.map(({ sessionId }) => sessionId),
      asked.map(({ attendeeId }) => attendeeId),
      asked.map(({ userId }) => userId),
    ]);
    return rows.map(({ value }) => value);
  }
}

const LIST_OWN = `
SELECT COALESCE(v.value, 0)::int AS value
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS o(question_id, session_id, attendee_id, user_id, place)
LEFT JOIN attendees a ON a.session_id = o.session_id AND a.user_id = o.user_id
LEFT JOIN votes v ON v.question_id = o.question_id AND v.attendee_id = COALESCE(o.attendee_id, a.id)
ORDER BY o.place`;

const CAST = `
WITH casts AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[]) WITH ORDINALITY AS c(question_id, attendee_id, value, place)
), changes AS (
  SELECT c.question_id, c.attendee_id, c.value, c.place, COALESCE(v.value, 0) AS previous
  FROM casts c LEFT JOIN votes v USING (question_id, attendee_id)
  WHERE c.value <> COALESCE(v.value, 0)
), given AS (
  INSERT INTO votes (question_id, attendee_id, value)
  SELECT question_id, attendee_id, value FROM changes WHERE value <> 0
  ON CONFLICT (question_id, attendee_id) DO UPDATE SET value = excluded.value, updated_at = now()
), retracted AS (
  DELETE FROM votes USING changes
  WHERE changes.value = 0 AND votes.question_id = changes.question_id AND votes.attendee_id = changes.attendee_id
)
SELECT question_id AS "questionId", attendee_id AS "attendeeId", value::int AS value, previous::int AS previous FROM changes ORDER BY place`;
