import type { Db, SqlValue, Tx } from '../../persistence/database';
import type { ConnectionQuality } from '../../persistence/generated/client';
import { ConnectionState, QualityBand } from '../../persistence/generated/enums';
import type { RecoveryState } from './recovery';

export { ConnectionState, QualityBand };

export type QualityRecord = ConnectionQuality;

/** The two ends of a connection, the lesser id first. */
export type Pair = readonly [one: string, other: string];

const COLUMNS = `attendee_id AS "attendeeId", remote_id AS "remoteId", session_id AS "sessionId", state, score, band, rtt_ms AS "rttMs",
  loss_percent AS "lossPercent", jitter_ms AS "jitterMs", bitrate_kbps AS "bitrateKbps", hint_kbps AS "hintKbps",
  clear_reports AS "clearReports", reported_at AS "reportedAt"`;

export class QualityRepository {
  /** As the last report left it; a new one when there was none. Nobody else changes it until the transaction ends. */
  async lock(
    tx: Tx,
    { sessionId, attendeeId, remoteId }: Pick<QualityRecord, 'sessionId' | 'attendeeId' | 'remoteId'>,
  ): Promise<QualityRecord> {
    const [locked] = await tx.sql<QualityRecord>(
      `INSERT INTO connection_qualities (session_id, attendee_id, remote_id) VALUES ($1, $2, $3)
       ON CONFLICT (attendee_id, remote_id) DO UPDATE SET session_id = excluded.session_id RETURNING ${COLUMNS}`,
      [sessionId, attendeeId, remoteId],
    );
    return locked as QualityRecord;
  }

  async save(tx: Tx, record: Omit<QualityRecord, 'reportedAt' | 'sessionId'>): Promise<QualityRecord> {
    const [saved] = await tx.sql<QualityRecord>(
      `UPDATE connection_qualities SET state = $3::"ConnectionState", score = $4, band = $5::"QualityBand", rtt_ms = $6, loss_percent = $7,
         jitter_ms = $8, bitrate_kbps = $9, hint_kbps = $10, clear_reports = $11, reported_at = now()
       WHERE attendee_id = $1 AND remote_id = $2 RETURNING ${COLUMNS}`,
      [
        record.attendeeId,
        record.remoteId,
        record.state,
        record.score,
        record.band,
        record.rttMs,
        record.lossPercent,
        record.jitterMs,
        record.bitrateKbps,
        record.hintKbps,
        record.clearReports,
      ],
    );
    return saved as QualityRecord;
  }

  /** Both directions of a connection that was given up. Answers those that were not lost before. */
  async lose(tx: Tx, pair: Pair): Promise<QualityRecord[]> {
    const rows = await tx.sql<QualityRecord & { known: boolean }>(
      `WITH before AS (
         SELECT attendee_id, remote_id, band FROM connection_qualities
         WHERE attendee_id = ANY($1) AND remote_id = ANY($1) ORDER BY attendee_id FOR UPDATE
       )
       UPDATE connection_qualities q SET state = 'CLOSED', band = 'LOST', hint_kbps = NULL, clear_reports = 0
       FROM before WHERE q.attendee_id = before.attendee_id AND q.remote_id = before.remote_id
       RETURNING ${COLUMNS.replaceAll(/(\w+) AS/g, 'q.$1 AS').replace('state, score, band', 'q.state, q.score, q.band')},
         before.band IS NOT DISTINCT FROM 'LOST' AS known`,
      [pair],
    );
    return rows.filter(({ known }) => !known).map(({ known: _, ...row }) => row);
  }

  /** Nobody else recovers the connection until the transaction ends. */
  async lockRecovery(tx: Tx, sessionId: string, [one, other]: Pair): Promise<RecoveryState> {
    const [row] = await tx.sql<{ restarts: number; sinceRestartMs: number }>(
      `INSERT INTO connection_recoveries (session_id, one_id, other_id) VALUES ($1, $2, $3)
       ON CONFLICT (one_id, other_id) DO UPDATE SET session_id = excluded.session_id
       RETURNING restarts, (extract(epoch FROM now() - restarted_at) * 1000)::float8 AS "sinceRestartMs"`,
      [sessionId, one, other],
    );
    return { restarts: row?.restarts ?? 0, sinceRestartMs: row === undefined || row.restarts === 0 ? null : row.sinceRestartMs };
  }

  async saveRestart(tx: Tx, [one, other]: Pair, restarts: number): Promise<void> {
    await tx.sql('UPDATE connection_recoveries SET restarts = $3, restarted_at = now() WHERE one_id = $1 AND other_id = $2', [
      one,
      other,
      restarts,
    ]);
  }

  async forgetRecovery(tx: Tx, [one, other]: Pair): Promise<void> {
    await tx.sql('DELETE FROM connection_recoveries WHERE one_id = $1 AND other_id = $2', [one, other]);
  }

  async forgetSession(tx: Tx, sessionId: string): Promise<void> {
    await Promise.all([
      tx.sql('DELETE FROM connection_qualities WHERE session_id = $1', [sessionId]),
      tx.sql('DELETE FROM connection_recoveries WHERE session_id = $1', [sessionId]),
    ]);
  }

  /** In the order of the ids; null: of all attendees. */
  list(
    db: Db,
    sessionId: string,
    { attendeeId, after, limit }: { attendeeId: string | null; after: Pair | null; limit: number },
  ): Promise<QualityRecord[]> {
    const values: SqlValue[] = [sessionId, attendeeId, after?.[0] ?? '', after?.[1] ?? '', limit];
    return db.sql(
      `SELECT ${COLUMNS} FROM connection_qualities
       WHERE session_id = $1 AND ($2::text IS NULL OR attendee_id = $2) AND (attendee_id, remote_id) > ($3, $4)
       ORDER BY attendee_id, remote_id LIMIT $5`,
      values,
    );
  }
}
