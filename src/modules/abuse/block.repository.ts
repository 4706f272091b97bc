import type { Db } from '../../persistence/database';
import type { BlockedKind, Subject } from './abuse.policy';

export interface BlockRecord extends Subject {
  readonly id: string;
  /** How many there were in a row before this one. */
  readonly step: number;
  readonly reason: string;
  readonly createdAt: Date;
  readonly endsAt: Date;
  /** The administrator's; null when it came by itself. */
  readonly blockedById: string | null;
}

/** A block under way, with what is left of it by the database's clock. */
export interface ActiveBlock {
  readonly kind: BlockedKind;
  readonly value: string;
  readonly leftMs: number;
}

export interface BlockPage {
  /** Strictly older than the block with this id; null from the newest. */
  readonly olderThan: string | null;
  readonly limit: number;
}

export interface NewBlock extends Subject {
  readonly id: string;
  readonly reason: string;
}

/** What one instance keeps in memory of a flood from everywhere; beyond it the rates alone hold. */
const MAX_ACTIVE = 10_000;

const COLUMNS = `id, kind, value, step, reason, created_at AS "createdAt", ends_at AS "endsAt", blocked_by_id AS "blockedById"`;

export class BlockRepository {
  /** One step further than the last time, unless that is forgotten. Null while a block is under way. */
  async escalate(
    db: Db,
    { id, kind, value, reason }: NewBlock,
    stepsMs: readonly number[],
    forgottenAfterMs: number,
  ): Promise<BlockRecord | null> {
    return one(
      db,
      `INSERT INTO blocks AS block (id, kind, value, step, reason, ends_at)
       VALUES ($1, $2, $3, 0, $4, now() + ($5::bigint[])[1] * interval '1 millisecond')
       ON CONFLICT (kind, value) DO UPDATE SET
         id = excluded.id, reason = excluded.reason, created_at = now(), blocked_by_id = NULL,
         (step, ends_at) = (
           SELECT next, now() + ($5::bigint[])[least(next, cardinality($5::bigint[]) - 1) + 1] * interval '1 millisecond'
           FROM (SELECT CASE WHEN block.ends_at < now() - $6::bigint * interval '1 millisecond' THEN 0 ELSE block.step + 1 END AS next) AS steps)
       WHERE block.ends_at <= now()
       RETURNING ${COLUMNS}`,
      [id, kind, value, reason, stepsMs, forgottenAfterMs],
    );
  }

  /** For as long as an administrator says, whatever was before. */
  async put(db: Db, { id, kind, value, reason }: NewBlock, lastsMs: number, blockedById: string): Promise<BlockRecord> {
    const [block] = await db.sql<BlockRecord>(
      `INSERT INTO blocks (id, kind, value, step, reason, ends_at, blocked_by_id)
       VALUES ($1, $2, $3, 0, $4, now() + $5::bigint * interval '1 millisecond', $6)
       ON CONFLICT (kind, value) DO UPDATE SET id = excluded.id, reason = excluded.reason, created_at = now(), ends_at = excluded.ends_at,
         blocked_by_id = excluded.blocked_by_id
       RETURNING ${COLUMNS}`,
      [id, kind, value, reason, lastsMs, blockedById],
    );
    if (block === undefined) throw new Error('an upsert gave no row');
    return block;
  }

  /** Null when there is none under way with this id. What led to it is forgotten. */
  async lift(db: Db, id: string): Promise<BlockRecord | null> {
    return one(db, `DELETE FROM blocks WHERE id = $1 AND ends_at > now() RETURNING ${COLUMNS}`, [id]);
  }

  /** Those under way, newest first. */
  list(db: Db, { olderThan, limit }: BlockPage): Promise<BlockRecord[]> {
    return db.sql(`SELECT ${COLUMNS} FROM blocks WHERE ends_at > now() AND ($1::text IS NULL OR id < $1::text) ORDER BY id DESC LIMIT $2`, [
      olderThan,
      limit,
    ]);
  }

  listActive(db: Db): Promise<ActiveBlock[]> {
    return db.sql(
      `SELECT kind, value, (extract(epoch FROM ends_at - now()) * 1000)::bigint AS "leftMs"
       FROM blocks WHERE ends_at > now() ORDER BY id DESC LIMIT ${MAX_ACTIVE}`,
    );
  }

  async forget(db: Db, endedForMs: number): Promise<void> {
    await db.sql(`DELETE FROM blocks WHERE ends_at < now() - $1::bigint * interval '1 millisecond'`, [endedForMs]);
  }
}

async function one(db: Db, statement: string, values: Parameters<Db['sql']>[1]): Promise<BlockRecord | null> {
  const [block] = await db.sql<BlockRecord>(statement, values);
  return block ?? null;
}
