import type { Db, Tx } from '../../persistence/database';

/** When people last wrote in channels that are in slow mode. */
export class TurnRepository {
  async list(db: Db, channelId: string, participantIds: readonly string[]): Promise<Map<string, Date>> {
    const rows = await db.sql<{ id: string; at: Date }>(
      `SELECT participant_id AS id, at FROM slow_mode_turns WHERE channel_id = $1 AND participant_id = ANY($2)`,
      [channelId, participantIds],
    );
    return new Map(rows.map(({ id, at }) => [id, at]));
  }

  setAtCommit(tx: Tx, channelId: string, participantIds: readonly string[], at: Date): void {
    if (participantIds.length === 0) return;
    tx.atCommit(
      `INSERT INTO slow_mode_turns (channel_id, participant_id, at) SELECT $1, unnest($2::text[]), $3::timestamptz
       ON CONFLICT (channel_id, participant_id) DO UPDATE SET at = excluded.at`,
      [channelId, participantIds, at],
    );
  }
}
