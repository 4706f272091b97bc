import type { Keyset } from '../../lib/keyset';
import type { Db, SqlValue } from '../../persistence/database';
import type { Poll } from '../../persistence/generated/client';
import { PollResultsVisibility, PollStatus } from '../../persistence/generated/enums';
import type { StreamId } from '../../realtime/event';

export { PollResultsVisibility, PollStatus };
export type PollRecord = Poll;

export type NewPoll = Pick<
  PollRecord,
  | 'id'
  | 'sessionId'
  | 'creatorId'
  | 'creatorName'
  | 'title'
  | 'options'
  | 'maxChoices'
  | 'anonymous'
  | 'resultsVisibility'
  | 'clientId'
  | 'clientDigest'
>;

/** What the votes of a poll come to. */
export type PollCounts = Pick<PollRecord, 'counts' | 'voters'>;

export interface PollPage {
  readonly sessionId: string;
  /** Drafts too. */
  readonly all: boolean;
  /** Strictly beyond this place; null from the newest on. */
  readonly beyond: Keyset | null;
  readonly limit: number;
}

const COLUMNS = `id, session_id AS "sessionId", creator_id AS "creatorId", creator_name AS "creatorName", title, options,
  max_choices AS "maxChoices", anonymous, results_visibility AS "resultsVisibility", status, counts, voters, client_id AS "clientId",
  client_digest AS "clientDigest", created_at AS "createdAt", opened_at AS "openedAt", closed_at AS "closedAt", voted_at AS "votedAt"`;

export class PollRepository {
  /** A draft. Null when its maker used this client id in the session before: told by the constraint, so retries at once have one winner. */
  insert(db: Db, poll: NewPoll): Promise<PollRecord | null> {
    const { id, sessionId, creatorId, creatorName, title, options, maxChoices, anonymous, resultsVisibility, clientId, clientDigest } =
      poll;
    return one(
      db,
      `INSERT INTO polls (id, session_id, creator_id, creator_name, title, options, max_choices, anonymous, results_visibility, client_id,
                          client_digest, status, counts)
       VALUES ($1, $2, $3, $4, $5, $6::text[], $7, $8, $9::"PollResultsVisibility", $10, $11, 'DRAFT', array_fill(0, ARRAY[cardinality($6::text[])]))
       ON CONFLICT (session_id, creator_id, client_id) DO NOTHING RETURNING ${COLUMNS}`,
      [id, sessionId, creatorId, creatorName, title, options, maxChoices, anonymous, resultsVisibility, clientId, clientDigest],
    );
  }

  findByClientId(db: Db, sessionId: string, creatorId: string, clientId: string): Promise<PollRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM polls WHERE session_id = $1 AND creator_id = $2 AND client_id = $3`, [
      sessionId,
      creatorId,
      clientId,
    ]);
  }

  find(db: Db, id: string): Promise<PollRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM polls WHERE id = $1`, [id]);
  }

  listByIds(db: Db, ids: readonly string[]): Promise<PollRecord[]> {
    return db.sql<PollRecord>(`SELECT ${COLUMNS} FROM polls WHERE id = ANY($1)`, [ids]);
  }

  listOpen(db: Db, sessionId: string): Promise<PollRecord[]> {
    return db.sql<PollRecord>(`SELECT ${COLUMNS} FROM polls WHERE session_id = $1 AND status = 'OPEN' ORDER BY id`, [sessionId]);
  }

  /** The caller holds the session's ballots; so do those of the statements below. */
  async setStatus(db: Db, id: string, status: 'OPEN' | 'CLOSED'): Promise<PollRecord> {
    const moved = await one(
      db,
      `UPDATE polls SET status = $2::"PollStatus", opened_at = CASE WHEN $2::text = 'OPEN' THEN COALESCE(opened_at, now()) ELSE opened_at END,
         closed_at = CASE WHEN $2::text = 'CLOSED' THEN now() END
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, status],
    );
    return required(moved);
  }

  async setCounts(db: Db, polls: readonly (Pick<PollRecord, 'id'> & PollCounts)[]): Promise<void> {
    for (const { id, counts, voters } of polls) {
      await db.sql('UPDATE polls SET counts = $2::int[], voters = $3, voted_at = now() WHERE id = $1', [id, counts, voters]);
    }
  }

  /** Takes away all that was written, and what was voted. */
  async erase(db: Db, id: string): Promise<PollRecord> {
    const erased = await one(
      db,
      `UPDATE polls SET status = 'DELETED', title = '', options = '{}', counts = '{}', voters = 0, client_digest = NULL
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id],
    );
    return required(erased);
  }

  /** Where the log holds what was written. Read only: the log's own tables belong to the kernel. */
  async listEventOffsets(db: Db, stream: StreamId, id: string): Promise<number[]> {
    const rows = await db.sql<{ offset: number }>(
      `SELECT "offset" FROM events WHERE stream_id = $1 AND type = 'poll.changed' AND payload->'poll'->>'id' = $2`,
      [stream, id],
    );
    return rows.map(({ offset }) => offset);
  }

  /** The newest first. */
  page(db: Db, { sessionId, all, beyond, limit }: PollPage): Promise<PollRecord[]> {
    return db.sql<PollRecord>(
      `SELECT ${COLUMNS} FROM polls
       WHERE session_id = $1 AND status <> 'DELETED' AND ($2::boolean OR status <> 'DRAFT')
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::text))
       ORDER BY created_at DESC, id DESC LIMIT $5`,
      [sessionId, all, beyond?.createdAt ?? null, beyond?.id ?? null, limit],
    );
  }

  /** Those that everybody sees whose counts changed within the last so many milliseconds, by the database's clock. */
  listVotedWithin(db: Db, sessionId: string, milliseconds: number): Promise<PollRecord[]> {
    return db.sql<PollRecord>(
      `SELECT ${COLUMNS} FROM polls WHERE session_id = $1 AND status IN ('OPEN', 'CLOSED') AND voted_at > now() - $2 * interval '1 millisecond'`,
      [sessionId, milliseconds],
    );
  }
}

function required(poll: PollRecord | null): PollRecord {
  if (poll === null) throw new Error('A poll vanished while it was held');
  return poll;
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<PollRecord | null> {
  const [poll] = await db.sql<PollRecord>(text, values);
  return poll ?? null;
}
