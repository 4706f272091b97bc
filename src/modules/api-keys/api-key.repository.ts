import type { Keyset } from '../../lib/keyset';
import type { Db, Tx } from '../../persistence/database';
import type { ApiKey } from '../../persistence/generated/client';

/** Without the hash of its secret. */
export type ApiKeyRecord = Omit<ApiKey, 'secretHash'>;

export interface NewApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly makerId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly secretHash: string;
  readonly expiresAt: Date | null;
}

/** A key that somebody came in with. */
export interface PresentedKey extends Pick<ApiKeyRecord, 'id' | 'organizationId' | 'makerId' | 'scopes' | 'expiresAt' | 'lastUsedAt'> {
  readonly suspended: boolean;
}

const COLUMNS = `id, organization_id AS "organizationId", maker_id AS "makerId", name, scopes, created_at AS "createdAt",
  last_used_at AS "lastUsedAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"`;

export class ApiKeyRepository {
  async insert(tx: Tx, { id, organizationId, makerId, name, scopes, secretHash, expiresAt }: NewApiKey): Promise<ApiKeyRecord> {
    const [key] = await tx.sql<ApiKeyRecord>(
      `INSERT INTO api_keys (id, organization_id, maker_id, name, scopes, secret_hash, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [id, organizationId, makerId, name, scopes, secretHash, expiresAt],
    );
    return key as ApiKeyRecord;
  }

  async find(db: Db, id: string): Promise<ApiKeyRecord | null> {
    const [key] = await db.sql<ApiKeyRecord>(`SELECT ${COLUMNS} FROM api_keys WHERE id = $1`, [id]);
    return key ?? null;
  }

  /** Null when it is no key that is good: unknown, revoked, run out, or of somebody who has left the organization. One read by keys. */
  async findPresented(db: Db, id: string, secretHash: string): Promise<PresentedKey | null> {
    const [key] = await db.sql<PresentedKey>(
      `SELECT k.id, k.organization_id AS "organizationId", k.maker_id AS "makerId", k.scopes, k.expires_at AS "expiresAt",
         k.last_used_at AS "lastUsedAt", u.suspended_at IS NOT NULL AS suspended
       FROM api_keys k
         JOIN users u ON u.id = k.maker_id
         JOIN memberships m ON m.organization_id = k.organization_id AND m.user_id = k.maker_id
       WHERE k.id = $1 AND k.secret_hash = $2 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`,
      [id, secretHash],
    );
    return key ?? null;
  }

  async countInUse(db: Db, organizationId: string): Promise<number> {
    const [row] = await db.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM api_keys
       WHERE organization_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
      [organizationId],
    );
    return row?.count ?? 0;
  }

  /** Null when it was revoked before. */
  async revoke(tx: Tx, id: string): Promise<ApiKeyRecord | null> {
    const [key] = await tx.sql<ApiKeyRecord>(
      `UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
      [id],
    );
    return key ?? null;
  }

  /** The keys that ended. */
  async revokeOfMember(tx: Tx, organizationId: string, userId: string): Promise<string[]> {
    const rows = await tx.sql<{ id: string }>(
      `UPDATE api_keys SET revoked_at = now() WHERE organization_id = $1 AND maker_id = $2 AND revoked_at IS NULL RETURNING id`,
      [organizationId, userId],
    );
    return rows.map(({ id }) => id);
  }

  /** In every organization. The keys that ended. */
  async revokeOfMaker(tx: Tx, userId: string): Promise<string[]> {
    const rows = await tx.sql<{ id: string }>(
      `UPDATE api_keys SET revoked_at = now() WHERE maker_id = $1 AND revoked_at IS NULL RETURNING id`,
      [userId],
    );
    return rows.map(({ id }) => id);
  }

  async touch(db: Db, id: string): Promise<void> {
    await db.sql(`UPDATE api_keys SET last_used_at = now() WHERE id = $1`, [id]);
  }

  /** Newest first. */
  list(db: Db, organizationId: string, olderThan: Keyset | null, limit: number): Promise<ApiKeyRecord[]> {
    return db.sql(
      `SELECT ${COLUMNS} FROM api_keys
       WHERE organization_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2::timestamptz, $3::text))
       ORDER BY created_at DESC, id DESC LIMIT $4`,
      [organizationId, olderThan?.createdAt ?? null, olderThan?.id ?? null, limit],
    );
  }
}
