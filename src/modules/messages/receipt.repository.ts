import type { Db, Tx } from '../../persistence/database';
import type { Participant } from '../channels';

/** How somebody has a message. */
export enum ReceiptState {
  DELIVERED = 'DELIVERED',
  READ = 'READ',
}

/** How far somebody has come in a channel. */
export interface Marker {
  readonly participantId: string;
  readonly displayName: string;
  /** Everything up to here has come; never before `read`. */
  readonly delivered: number;
  readonly read: number;
}

/** Somebody says how far they have come; both may be behind what is known. */
export type MarkerMove = Pick<Marker, 'delivered' | 'read'> & { readonly participant: Participant };

export interface ReceiptCounts {
  readonly delivered: number;
  readonly read: number;
}

/** Strictly after this participant; null: from the first. */
export interface MarkerPage {
  readonly after: string | null;
  readonly limit: number;
}

const MARKER = `participant_id AS "participantId", display_name AS "displayName", delivered, "offset" AS read`;

/** One row for each reader of a channel, however much is written. */
export class ReceiptRepository {
  /** Never moves a marker back. Answers those that moved; `list` tells where the others stand. In one order, so that movers never wait in a circle. */
  move(tx: Tx, channelId: string, moves: readonly MarkerMove[]): Promise<Marker[]> {
    return tx.sql(
      `INSERT INTO read_markers (channel_id, participant_id, display_name, delivered, "offset")
       SELECT $1, r.id, max(r.name), max(r.delivered), max(r.read)
       FROM unnest($2::text[], $3::text[], $4::int8[], $5::int8[]) AS r(id, name, delivered, read) GROUP BY r.id ORDER BY r.id
       ON CONFLICT (channel_id, participant_id) DO UPDATE SET display_name = excluded.display_name, updated_at = now(),
         delivered = GREATEST(read_markers.delivered, excluded.delivered), "offset" = GREATEST(read_markers."offset", excluded."offset")
       WHERE read_markers.delivered < excluded.delivered OR read_markers."offset" < excluded."offset"
       RETURNING ${MARKER}`,
      [
        channelId,
        moves.map(({ participant }) => participant.id),
        moves.map(({ participant }) => participant.displayName),
        moves.map(({ delivered }) => delivered),
        moves.map(({ read }) => read),
      ],
    );
  }

  listOf(db: Db, channelId: string, participantIds: readonly string[]): Promise<Marker[]> {
    return db.sql(`SELECT ${MARKER} FROM read_markers WHERE channel_id = $1 AND participant_id = ANY($2)`, [channelId, participantIds]);
  }

  /** Of everybody who has acknowledged anything, in the order of their ids. */
  list(db: Db, channelId: string, { after, limit }: MarkerPage): Promise<Marker[]> {
    return db.sql(`SELECT ${MARKER} FROM read_markers WHERE channel_id = $1 AND participant_id > $2 ORDER BY participant_id LIMIT $3`, [
      channelId,
      after ?? '',
      limit,
    ]);
  }

  /** Of those but one to whom this place has come, in the order of their ids. */
  listReached(db: Db, channelId: string, offset: number, exceptId: string, { after, limit }: MarkerPage): Promise<Marker[]> {
    return db.sql(
      `SELECT ${MARKER} FROM read_markers
       WHERE channel_id = $1 AND delivered >= $2 AND participant_id <> $3 AND participant_id > $4 ORDER BY participant_id LIMIT $5`,
      [channelId, offset, exceptId, after ?? '', limit],
    );
  }

  async countReached(db: Db, channelId: string, offset: number, exceptId: string): Promise<ReceiptCounts> {
    const [counts] = await db.sql<ReceiptCounts>(
      `SELECT count(*)::int AS delivered, count(*) FILTER (WHERE "offset" >= $2)::int AS read
       FROM read_markers WHERE channel_id = $1 AND delivered >= $2 AND participant_id <> $3`,
      [channelId, offset, exceptId],
    );
    return counts ?? { delivered: 0, read: 0 };
  }
}
