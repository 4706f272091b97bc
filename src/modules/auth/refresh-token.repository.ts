import type { Db } from '../../persistence/database';

/** What presenting a refresh token led to. */
export type Spending =
  | { readonly outcome: 'rotated'; readonly userId: string; readonly familyId: string }
  | { readonly outcome: 'reused'; readonly familyId: string }
  | { readonly outcome: 'refused' };

/**
 * Only hashes are stored. A family is named by the hash of its first token, and that row alone carries the family's revocation:
 * so revoking is one write that no rotation can slip past, and checking is one read by primary key.
 */
export class RefreshTokenRepository {
  async startFamily(db: Db, tokenHash: string, userId: string, lifetimeMs: number): Promise<void> {
    await db.sql(
      `INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
       VALUES ($1, $1, $2, now() + $3::float8 * interval '1 millisecond')`,
      [tokenHash, userId, lifetimeMs],
    );
  }

  /** Spends the token and stores the next one in one statement: of two at once one wins, and the other has reused it. */
  async rotate(db: Db, tokenHash: string, nextHash: string, lifetimeMs: number): Promise<Spending> {
    const [rotated] = await db.sql<{ userId: string; familyId: string }>(
      `WITH spent AS (
         UPDATE refresh_tokens AS token SET spent_at = now()
         WHERE token_hash = $1 AND spent_at IS NULL AND expires_at > now()
           AND EXISTS (SELECT FROM refresh_tokens AS family WHERE family.token_hash = token.family_id AND family.revoked_at IS NULL)
         RETURNING family_id, user_id
       )
       INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
       SELECT $2, family_id, user_id, now() + $3::float8 * interval '1 millisecond' FROM spent
       RETURNING user_id AS "userId", family_id AS "familyId"`,
      [tokenHash, nextHash, lifetimeMs],
    );
    if (rotated !== undefined) return { outcome: 'rotated', ...rotated };
    const [reused] = await db.sql<{ familyId: string }>(
      `SELECT family_id AS "familyId" FROM refresh_tokens WHERE token_hash = $1 AND spent_at IS NOT NULL`,
      [tokenHash],
    );
    return reused === undefined ? { outcome: 'refused' } : { outcome: 'reused', ...reused };
  }

  async revokeFamily(db: Db, familyId: string): Promise<void> {
    await db.sql(`UPDATE refresh_tokens SET revoked_at = now() WHERE token_hash = $1 AND revoked_at IS NULL`, [familyId]);
  }

  async isLive(db: Db, familyId: string, userId: string): Promise<boolean> {
    const rows = await db.sql(`SELECT 1 FROM refresh_tokens WHERE token_hash = $1 AND user_id = $2 AND revoked_at IS NULL`, [
      familyId,
      userId,
    ]);
    return rows.length > 0;
  }
}
