import type { Database, Db } from '../../persistence/database';

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

  /** The votes of these attendees on these questions. */
  async list(database: Database, questionIds: readonly string[], attendeeIds: readonly string[]): Promise<Cast[]> {
    const votes = await database.orm.vote.findMany({
      where: { questionId: { in: [...questionIds] }, attendeeId: { in: [...attendeeIds] } },
      select: { questionId: true, attendeeId: true, value: true },
    });
    return votes.map((vote) => ({ ...vote, value: vote.value > 0 ? 1 : -1 }));
  }
}

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
