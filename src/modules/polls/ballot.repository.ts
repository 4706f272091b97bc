import type { Keyset } from '../../lib/keyset';
import type { Db } from '../../persistence/database';
import type { Choices } from './choices';

/** What somebody wants their ballot in a poll to be; without choices it is taken back. */
export interface Ballot {
  readonly pollId: string;
  readonly attendeeId: string;
  readonly choices: Choices;
}

/** A ballot that became another than it was. */
export interface BallotChange extends Ballot {
  readonly previous: Choices;
}

export interface CastBallot extends Ballot {
  readonly votedAt: Date;
}

/** Who asks for their own ballot: an attendee, or a user who may have a place in the session; nobody, when both are null. */
export interface OwnBallot {
  readonly pollId: string;
  readonly sessionId: string;
  readonly attendeeId: string | null;
  readonly userId: string | null;
}

export class BallotRepository {
  /**
   * Makes the ballots what they are to be and answers those that were not so before, in the order given. At most one for each person and
   * poll in one call. The caller holds the session's ballots, so nobody changes them in between.
   */
  async cast(db: Db, ballots: readonly Ballot[]): Promise<BallotChange[]> {
    return db.sql<BallotChange>(CAST, [
      ballots.map(({ pollId }) => pollId),
      ballots.map(({ attendeeId }) => attendeeId),
      ballots.map(({ choices }) => choices),
    ]);
  }

  /** How many there were. */
  async deleteOf(db: Db, pollId: string): Promise<number> {
    const rows = await db.sql('DELETE FROM poll_ballots WHERE poll_id = $1 RETURNING 1 AS one', [pollId]);
    return rows.length;
  }

  /** In the order in which they were cast, or last changed; the keyset's id is the attendee's. */
  page(db: Db, pollId: string, beyond: Keyset | null, limit: number): Promise<CastBallot[]> {
    return db.sql<CastBallot>(
      `SELECT poll_id AS "pollId", attendee_id AS "attendeeId", choices, voted_at AS "votedAt" FROM poll_ballots
       WHERE poll_id = $1 AND ($2::timestamptz IS NULL OR (voted_at, attendee_id) > ($2::timestamptz, $3::text))
       ORDER BY voted_at, attendee_id LIMIT $4`,
      [pollId, beyond?.createdAt ?? null, beyond?.id ?? null, limit],
    );
  }

  /** In the order asked; 0 for none. */
  async listOwn(db: Db, asked: readonly OwnBallot[]): Promise<Choices[]> {
    const rows = await db.sql<{ choices: Choices }>(LIST_OWN, [
      asked.map(({ pollId }) => pollId),
      asked.map(({ sessionId }) => sessionId),
      asked.map(({ attendeeId }) => attendeeId),
      asked.map(({ userId }) => userId),
    ]);
    return rows.map(({ choices }) => choices);
  }
}

const LIST_OWN = `
SELECT COALESCE(b.choices, 0)::int AS choices
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS o(poll_id, session_id, attendee_id, user_id, place)
LEFT JOIN attendees a ON a.session_id = o.session_id AND a.user_id = o.user_id
LEFT JOIN poll_ballots b ON b.poll_id = o.poll_id AND b.attendee_id = COALESCE(o.attendee_id, a.id)
ORDER BY o.place`;

const CAST = `
WITH casts AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::int[]) WITH ORDINALITY AS c(poll_id, attendee_id, choices, place)
), changes AS (
  SELECT c.poll_id, c.attendee_id, c.choices, c.place, COALESCE(b.choices, 0) AS previous
  FROM casts c LEFT JOIN poll_ballots b USING (poll_id, attendee_id)
  WHERE c.choices <> COALESCE(b.choices, 0)
), given AS (
  INSERT INTO poll_ballots (poll_id, attendee_id, choices)
  SELECT poll_id, attendee_id, choices FROM changes WHERE choices <> 0
  ON CONFLICT (poll_id, attendee_id) DO UPDATE SET choices = excluded.choices, voted_at = now()
), retracted AS (
  DELETE FROM poll_ballots USING changes
  WHERE changes.choices = 0 AND poll_ballots.poll_id = changes.poll_id AND poll_ballots.attendee_id = changes.attendee_id
)
SELECT poll_id AS "pollId", attendee_id AS "attendeeId", choices::int AS choices, previous::int AS previous FROM changes ORDER BY place`;
