import type { Db, SqlValue, Tx } from '../../persistence/database';
import type { CollaborationItem } from '../../persistence/generated/client';
import { CollaborationList } from '../../persistence/generated/enums';
import type { Json } from '../../realtime/event';

export { CollaborationList };

export type ItemRecord = Omit<CollaborationItem, 'data'> & { readonly data: Json };

/** As the log tells it. */
export type ItemSnapshot = Omit<ItemRecord, 'clientId' | 'clientDigest'>;

export type NewItem = Omit<ItemRecord, 'done' | 'version' | 'createdAt' | 'updatedAt'>;

/** Undefined leaves a value as it is. */
export interface ItemChanges {
  readonly body?: string;
  readonly data?: Json;
  readonly done?: boolean;
  readonly position?: string;
}

export interface ItemPlace {
  readonly position: string;
  readonly id: string;
}

const COLUMNS = `id, session_id AS "sessionId", list, position, body, data, done, version, author_id AS "authorId",
  author_name AS "authorName", client_id AS "clientId", client_digest AS "clientDigest",
  created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Rows are changed under the lock of the session's stream. Row security decides who reads and writes. */
export class ItemRepository {
  async insert(tx: Tx, item: NewItem): Promise<ItemRecord> {
    const rows = await tx.sql<ItemRecord>(
      `INSERT INTO collaboration_items (id, session_id, list, position, body, data, author_id, author_name, client_id, client_digest)
       VALUES ($1, $2, $3::"CollaborationList", $4, $5, $6::jsonb, $7, $8, $9, $10) RETURNING ${COLUMNS}`,
      [
        item.id,
        item.sessionId,
        item.list,
        item.position,
        item.body,
        jsonOf(item.data),
        item.authorId,
        item.authorName,
        item.clientId,
        item.clientDigest,
      ],
    );
    return rows[0] as ItemRecord;
  }

  find(db: Db, id: string): Promise<ItemRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM collaboration_items WHERE id = $1`, [id]);
  }

  findByClientId(db: Db, sessionId: string, authorId: string, clientId: string): Promise<ItemRecord | null> {
    return one(db, `SELECT ${COLUMNS} FROM collaboration_items WHERE session_id = $1 AND author_id = $2 AND client_id = $3`, [
      sessionId,
      authorId,
      clientId,
    ]);
  }

  /** The places of a list, in order. */
  listPlaces(db: Db, sessionId: string, list: CollaborationList): Promise<ItemPlace[]> {
    return db.sql(
      `SELECT position, id FROM collaboration_items WHERE session_id = $1 AND list = $2::"CollaborationList" ORDER BY position, id`,
      [sessionId, list],
    );
  }

  /** A list in order, after a place. */
  list(db: Db, sessionId: string, list: CollaborationList, after: ItemPlace | null, limit: number): Promise<ItemRecord[]> {
    return db.sql(
      `SELECT ${COLUMNS} FROM collaboration_items WHERE session_id = $1 AND list = $2::"CollaborationList" AND (position, id) > ($3, $4)
       ORDER BY position, id LIMIT $5`,
      [sessionId, list, after?.position ?? '', after?.id ?? '', limit],
    );
  }

  /** The item with the next version; null when it is not there. */
  update(tx: Tx, id: string, { body, data, done, position }: ItemChanges): Promise<ItemRecord | null> {
    return one(
      tx,
      `UPDATE collaboration_items SET body = COALESCE($2, body), data = CASE WHEN $3::boolean THEN $4::jsonb ELSE data END,
         done = COALESCE($5::boolean, done), position = COALESCE($6, position), version = version + 1, updated_at = now()
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, body ?? null, data !== undefined, jsonOf(data ?? null), done ?? null, position ?? null],
    );
  }

  /** Another place for the same: no new version. */
  async place(tx: Tx, id: string, position: string): Promise<ItemRecord> {
    const placed = await one(tx, `UPDATE collaboration_items SET position = $2 WHERE id = $1 RETURNING ${COLUMNS}`, [id, position]);
    return placed as ItemRecord;
  }

  async delete(tx: Tx, id: string): Promise<void> {
    await tx.sql('DELETE FROM collaboration_items WHERE id = $1', [id]);
  }
}

function jsonOf(data: Json): string | null {
  return data === null ? null : JSON.stringify(data);
}

async function one(db: Db, text: string, values: readonly SqlValue[]): Promise<ItemRecord | null> {
  const [item] = await db.sql<ItemRecord>(text, values);
  return item ?? null;
}
