import type { Database, Db, Tx } from '../persistence/database';
import type { Json, NewEvent, Position, StreamEvent, StreamId } from './event';

/** Where a stream stands: `head` is the last offset given out, `tail` the last one trimmed away (0: nothing trimmed). */
export interface StreamState {
  readonly epoch: string;
  readonly head: number;
  readonly tail: number;
}

/** A stream whose lock is held: nobody else moves its head until the transaction ends. */
export interface HeldStream extends Position {
  /** The transaction's own time, as rows store it. */
  readonly at: Date;
}

export interface Recording {
  readonly stream: StreamId;
  readonly event: NewEvent;
}

/**
 * The durable log of every stream, on whichever database there is.
 *
 * Promises: an offset is given out inside the recording transaction, under the stream's row lock, and kept until commit. So offsets
 * of one stream are gapless, commit in order, and a reader that has seen offset n will never see a smaller one appear later.
 * Across streams nothing is promised here; consumers read what has become visible since they last looked (`consumer-checkpoints.ts`).
 */
export class EventLog {
  constructor(private readonly database: Database) {}

  /** Records events in the order given, locking their streams in sorted order. The locks are held until `tx` ends. */
  async append(tx: Tx, recordings: readonly Recording[]): Promise<StreamEvent[]> {
    if (recordings.length === 0) return [];
    return tx.sql<StreamEvent>(APPEND, [JSON.stringify(placed(recordings))]);
  }

  /** The same as the transaction's last act: `take` gets the events. */
  appendAtCommit(tx: Tx, recordings: readonly Recording[], take: (events: StreamEvent[]) => void): void {
    if (recordings.length > 0) tx.atCommit<StreamEvent>(APPEND, [JSON.stringify(placed(recordings))], take);
  }

  /**
   * The same for a stream whose lock `tx` holds, and where it has recorded nothing since: what the events will be is known without asking. They
   * are recorded once the transaction has committed.
   */
  appendHeldAtCommit(tx: Tx, stream: StreamId, { epoch, offset, at }: HeldStream, events: readonly NewEvent[]): StreamEvent[] {
    const recordings = events.map((event) => ({ stream, event }));
    tx.atCommit(APPEND_HELD, [stream, offset, offset + events.length, JSON.stringify(placed(recordings))]);
    return events.map((event, index) => ({ stream, epoch, offset: offset + index + 1, ...event, at }));
  }

  /** Takes the stream's row lock (making the stream when it is new) and tells where it stands. One statement. */
  async lock(tx: Tx, stream: StreamId): Promise<HeldStream> {
    const [held] = await tx.sql<HeldStream>(LOCK, [stream]);
    if (held === undefined) throw new Error(`${stream} could not be locked`);
    return held;
  }

  /** Where the stream stands now, making it when it is new, so that a first subscriber has a position to start from. */
  async open(stream: StreamId): Promise<StreamState> {
    const states = await this.states([stream]);
    const state = states.get(stream);
    if (state !== undefined) return state;
    await this.database.sql(CREATE, [stream]);
    return this.open(stream);
  }

  /** Where those of the streams that exist stand now, in one statement. */
  async states(streams: readonly StreamId[]): Promise<Map<StreamId, StreamState>> {
    const rows = await this.database.sql<StreamState & { id: StreamId }>('SELECT id, epoch, head, tail FROM streams WHERE id = ANY($1)', [
      streams,
    ]);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** When the last event of any of the streams was recorded; null when there is none, or it was trimmed. One statement. */
  async lastEventAt(db: Db, streams: readonly StreamId[]): Promise<Date | null> {
    const rows = await db.sql<{ at: Date | null }>(
      'SELECT max(e.at) AS at FROM streams s JOIN events e ON e.stream_id = s.id AND e."offset" = s.head WHERE s.id = ANY($1)',
      [streams],
    );
    return rows[0]?.at ?? null;
  }

  /** At most `limit` events strictly after `offset`, oldest first, without a gap unless they were trimmed. */
  async read(stream: StreamId, offset: number, limit: number): Promise<StreamEvent[]> {
    return this.database.sql<StreamEvent>(READ, [stream, offset, limit]);
  }

  /**
   * Forgets events of streams of this kind that are older than `keepMs` and moves their tails, in one statement; returns how many
   * events went. A reader whose position lies before the new tail is told so (`recovered: false`). What a registered consumer has yet
   * to read stays: of each stream that is all after some offset, because its events become visible in their order.
   */
  async trim(kind: string, keepMs: number): Promise<number> {
    const rows = await this.database.sql<{ trimmed: number }>(TRIM, [`${kind}:%`, keepMs]);
    return rows.reduce((sum, row) => sum + row.trimmed, 0);
  }

  /** Replaces the payloads of past events, e.g. to take back a deleted text. Offsets and order stay. */
  async rewrite(db: Db, stream: StreamId, offsets: readonly number[], change: (payload: Json) => Json): Promise<void> {
    const rows = await db.sql<{ offset: number; payload: Json }>(
      'SELECT "offset", payload FROM events WHERE stream_id = $1 AND "offset" = ANY($2) FOR UPDATE',
      [stream, offsets],
    );
    for (const row of rows) {
      await db.sql('UPDATE events SET payload = $3::jsonb WHERE stream_id = $1 AND "offset" = $2', [
        stream,
        row.offset,
        JSON.stringify(change(row.payload)),
      ]);
    }
  }
}

const NEW_EPOCH = `left(replace(gen_random_uuid()::text, '-', ''), 12)`;

const CREATE = `INSERT INTO streams (id, epoch, head) VALUES ($1, ${NEW_EPOCH}, 0) ON CONFLICT (id) DO NOTHING`;

/**
 * Never empty: a stream that is there is locked by `held`, one that is not is made by `made`, or locked by it when another transaction
 * made it first, and was not yet seen.
 */
const LOCK = `
WITH made AS (
  INSERT INTO streams (id, epoch, head) SELECT $1, ${NEW_EPOCH}, 0 WHERE NOT EXISTS (SELECT 1 FROM streams WHERE id = $1)
  ON CONFLICT (id) DO UPDATE SET head = streams.head
  RETURNING epoch, head
), held AS (
  SELECT epoch, head FROM streams WHERE id = $1 FOR UPDATE
)
SELECT epoch, head AS "offset", now()::timestamptz(3) AS at FROM held
UNION ALL SELECT epoch, head, now()::timestamptz(3) FROM made`;

const APPEND = `
WITH input AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(stream text, place int, size int, type text, version smallint, payload jsonb)
), heads AS (
  INSERT INTO streams (id, epoch, head)
  SELECT stream, ${NEW_EPOCH}, max(size) FROM input GROUP BY stream ORDER BY stream
  ON CONFLICT (id) DO UPDATE SET head = streams.head + excluded.head
  RETURNING id, epoch, head
), appended AS (
  INSERT INTO events (stream_id, "offset", type, version, payload)
  SELECT input.stream, heads.head - input.size + input.place, input.type, input.version, input.payload
  FROM input JOIN heads ON heads.id = input.stream
  ORDER BY input.stream, input.place
  RETURNING stream_id, "offset", type, version, payload, at
)
SELECT appended.stream_id AS stream, heads.epoch, appended."offset", appended.type, appended.version, appended.payload, appended.at
FROM appended JOIN heads ON heads.id = appended.stream_id
ORDER BY 1, 3`;

const APPEND_HELD = `
WITH moved AS (UPDATE streams SET head = $3 WHERE id = $1)
INSERT INTO events (stream_id, "offset", type, version, payload)
SELECT $1, $2::int8 + place, type, version, payload
FROM jsonb_to_recordset($4::jsonb) AS r(place int, type text, version smallint, payload jsonb)
ORDER BY place`;

const READ = `
SELECT e.stream_id AS stream, s.epoch, e."offset", e.type, e.version, e.payload, e.at
FROM streams s JOIN events e ON e.stream_id = s.id
WHERE s.id = $1 AND e."offset" > $2
ORDER BY e."offset"
LIMIT $3`;

const TRIM = `
WITH doomed AS (
  SELECT stream_id, max("offset") AS last FROM events
  WHERE stream_id LIKE $1 AND at < now() - $2 * interval '1 millisecond'
    AND NOT EXISTS (SELECT FROM consumers WHERE NOT pg_visible_in_snapshot(events.tx_id, consumers.seen))
  GROUP BY stream_id
), moved AS (
  UPDATE streams SET tail = doomed.last FROM doomed WHERE streams.id = doomed.stream_id AND streams.tail < doomed.last
  RETURNING streams.id, streams.tail
), gone AS (
  DELETE FROM events USING moved WHERE events.stream_id = moved.id AND events."offset" <= moved.tail RETURNING events.stream_id
)
SELECT count(*)::int AS trimmed FROM gone`;

/** Numbers each recording within its stream: `place` 1…`size`. */
function placed(recordings: readonly Recording[]): object[] {
  const sizes = new Map<StreamId, number>();
  const rows = recordings.map(({ stream, event }) => {
    const place = (sizes.get(stream) ?? 0) + 1;
    sizes.set(stream, place);
    return { stream, place, ...event };
  });
  return rows.map((row) => ({ ...row, size: sizes.get(row.stream) }));
}
