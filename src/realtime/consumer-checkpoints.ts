import type { Db, Tx } from '../persistence/database';
import type { Consumer, ConsumerStanding } from './consumer';
import type { StreamEvent } from './event';

/** How far a consumer has come. Snapshots are PostgreSQL's own: which transactions were over at a moment. */
export interface Checkpoint {
  /** Everything that was visible then is read. */
  readonly seen: string;
  /** What became visible until then is being read … */
  readonly upto: string;
  /** … up to this `seq`. */
  readonly seq: number;
  /** The database's transactions are counted from an earlier number than when this was written: it came out of a dump. */
  readonly isForeign: boolean;
}

export interface LoggedEvent extends StreamEvent {
  /** Its place among the events of all streams, as far as there is one: within each stream it follows the offsets. */
  readonly seq: number;
}

/** Nobody's transaction is older. */
const NOTHING_SEEN = '3:3:';
/** Trimming waits for consumers (`EventLog.trim`): they move on this often even when nothing is for them. */
const MOVED_AT_LEAST_EVERY = '10 seconds';
const MAX_ERROR = 500;

/**
 * What is kept of consumers: a row for each, and which events they have parked.
 *
 * A checkpoint is a snapshot, not a number, because transactions commit in another order than they begin in. What is visible now and was not
 * in `seen` has not been read, whatever its numbers are; so nothing is skipped, and nothing waits for the oldest transaction that runs. And
 * as the events of a stream become visible in their order, each read holds them in their order.
 */
export class ConsumerCheckpoints {
  /** Idempotent. */
  async register(db: Db, { name, begins }: Pick<Consumer, 'name' | 'begins'>): Promise<void> {
    await db.sql(
      `INSERT INTO consumers (name, seen) VALUES ($1, CASE WHEN $2::boolean THEN pg_current_snapshot() ELSE '${NOTHING_SEEN}'::pg_snapshot END)
       ON CONFLICT (name) DO NOTHING`,
      [name, begins === 'now'],
    );
  }

  /** Null while another transaction holds it. Held until the transaction ends. */
  async hold(tx: Tx, name: string): Promise<Checkpoint | null> {
    const [place] = await tx.sql<Checkpoint>(
      `SELECT seen::text AS seen, coalesce(upto, pg_current_snapshot())::text AS upto, seq,
         pg_snapshot_xmax(seen) > pg_snapshot_xmax(pg_current_snapshot()) AS "isForeign"
       FROM consumers WHERE name = $1 FOR NO KEY UPDATE SKIP LOCKED`,
      [name],
    );
    return place ?? null;
  }

  /** The next events of these types, at most `limit`. */
  read(tx: Tx, { seen, upto, seq }: Checkpoint, types: readonly string[], limit: number): Promise<LoggedEvent[]> {
    return tx.sql<LoggedEvent>(READ, [seen, upto, seq, types, limit]);
  }

  /** These are read; `more`: there may be others as far as `upto`. Left for the end of the transaction. */
  moveAtCommit(tx: Tx, name: string, { upto }: Checkpoint, events: readonly LoggedEvent[], more: boolean): void {
    const last = events.at(-1);
    if (last !== undefined && more) {
      tx.atCommit(`UPDATE consumers SET upto = $2::pg_snapshot, seq = $3, moved_at = now() WHERE name = $1`, [name, upto, last.seq]);
    } else {
      tx.atCommit(
        `UPDATE consumers SET seen = $2::pg_snapshot, upto = NULL, seq = 0, moved_at = now()
         WHERE name = $1 AND ($3::boolean OR upto IS NOT NULL OR moved_at < now() - interval '${MOVED_AT_LEAST_EVERY}')`,
        [name, upto, last !== undefined],
      );
    }
  }

  async park(tx: Tx, name: string, { stream, offset, type }: StreamEvent, error: string): Promise<void> {
    await tx.sql(
      `INSERT INTO parked_events (consumer_name, stream_id, "offset", type, error) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (consumer_name, stream_id, "offset") DO UPDATE SET error = excluded.error, parked_at = now()`,
      [name, stream, offset, type, error.slice(0, MAX_ERROR)],
    );
  }

  /** The oldest event that it has parked and that the log still holds; not parked any more unless the transaction fails. */
  async takeParked(tx: Tx, name: string): Promise<StreamEvent | null> {
    const [event] = await tx.sql<StreamEvent>(TAKE_PARKED, [name]);
    return event ?? null;
  }

  /** It has read nothing, and parked nothing. Events out of a dump count as recorded before everything else. False when there is none. */
  async rewind(tx: Tx, name: string): Promise<boolean> {
    const rows = await tx.sql(
      `UPDATE consumers SET seen = '${NOTHING_SEEN}'::pg_snapshot, upto = NULL, seq = 0, moved_at = now() WHERE name = $1 RETURNING 1`,
      [name],
    );
    await tx.sql('DELETE FROM parked_events WHERE consumer_name = $1', [name]);
    await tx.sql(`UPDATE events SET tx_id = '3'::xid8 WHERE tx_id >= pg_snapshot_xmax(pg_current_snapshot())`);
    return rows.length > 0;
  }

  /** Nothing waits for it any more. False when there is none. */
  async forget(tx: Tx, name: string): Promise<boolean> {
    const rows = await tx.sql('DELETE FROM consumers WHERE name = $1 RETURNING 1', [name]);
    return rows.length > 0;
  }

  /** Null when there is none. */
  async standing(db: Db, name: string, types: readonly string[]): Promise<ConsumerStanding | null> {
    const [standing] = await db.sql<ConsumerStanding>(STANDING, [name, types]);
    return standing ?? null;
  }

  async listNames(db: Db): Promise<string[]> {
    const rows = await db.sql<{ name: string }>('SELECT name FROM consumers ORDER BY name');
    return rows.map(({ name }) => name);
  }
}

const READ = `
SELECT e.stream_id AS stream, s.epoch, e."offset", e.type, e.version, e.payload, e.at, e.seq
FROM (
  SELECT * FROM events
  WHERE tx_id >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(tx_id, $1::pg_snapshot)
    AND tx_id < pg_snapshot_xmax($2::pg_snapshot) AND pg_visible_in_snapshot(tx_id, $2::pg_snapshot)
    AND seq > $3 AND type = ANY($4::text[])
  ORDER BY seq LIMIT $5
) e JOIN streams s ON s.id = e.stream_id
ORDER BY e.seq`;

const TAKE_PARKED = `
WITH taken AS (
  DELETE FROM parked_events p WHERE (consumer_name, stream_id, "offset") IN (
    SELECT consumer_name, stream_id, "offset" FROM parked_events JOIN events USING (stream_id, "offset")
    WHERE consumer_name = $1 ORDER BY parked_at, stream_id, "offset" LIMIT 1
    FOR UPDATE OF parked_events SKIP LOCKED
  ) RETURNING stream_id, "offset"
)
SELECT e.stream_id AS stream, s.epoch, e."offset", e.type, e.version, e.payload, e.at
FROM taken JOIN events e USING (stream_id, "offset") JOIN streams s ON s.id = e.stream_id`;

const STANDING = `
SELECT coalesce((
    SELECT extract(epoch FROM now() - e.at)::float8 FROM events e
    WHERE e.tx_id >= pg_snapshot_xmin(c.seen) AND NOT pg_visible_in_snapshot(e.tx_id, c.seen) AND e.type = ANY($2::text[])
      AND NOT coalesce(e.seq <= c.seq AND pg_visible_in_snapshot(e.tx_id, c.upto), false)
    ORDER BY e.tx_id, e.seq LIMIT 1
  ), 0) AS "lagSeconds",
  (SELECT count(*)::int FROM parked_events p WHERE p.consumer_name = c.name) AS parked
FROM consumers c WHERE c.name = $1`;
