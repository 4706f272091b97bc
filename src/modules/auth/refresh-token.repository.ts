import type { Db, Tx } from '../../persistence/database';

/** An account that somebody has just shown to be theirs, and its sign-in epoch, read together with what shows it. */
export interface ProvenAccount {
  readonly id: string;
  readonly epoch: number;
}

/** What presenting a refresh token led to. */
export type Spending =
  | { readonly outcome: 'rotated'; readonly userId: string; readonly familyId: string }
  | { readonly outcome: 'reused'; readonly userId: string; readonly familyId: string }
  | { readonly outcome: 'suspended' }
  | { readonly outcome: 'refused' };

/** Whether a sign-in is still one. */
export type Standing = 'live' | 'suspended' | 'over';

/**
 * Only hashes are stored. A family is named by the hash of its first token, and that row alone carries the family's revocation:
 * so revoking is one write that no rotation can slip past, and checking is one read by primary key.
 */
export class RefreshTokenRepository {
  /**
   * False when the account is suspended, or when all its sign-ins were ended after `epoch` was read: whoever ends them holds the user's
   * row, and is waited for.
   */
  async startFamily(db: Db, tokenHash: string, account: ProvenAccount, lifetimeMs: number): Promise<boolean> {
    const rows = await db.sql(
      `INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
       SELECT $1, $1, id, now() + $4::float8 * interval '1 millisecond'
       FROM users WHERE id = $2 AND sign_in_epoch = $3 AND suspended_at IS NULL FOR SHARE
       RETURNING token_hash`,
      [tokenHash, account.id, account.epoch, lifetimeMs],
    );
    return rows.length > 0;
  }

  /** Spends the token and stores the next one in one statement: of two at once one wins, and the other has reused it. */
  async rotate(db: Db, tokenHash: string, nextHash: string, lifetimeMs: number): Promise<Spending> {
    const [rotated] = await db.sql<{ userId: string; familyId: string }>(
      `WITH spent AS (
         UPDATE refresh_tokens AS token SET spent_at = now()
         WHERE token_hash = $1 AND spent_at IS NULL AND expires_at > now()
           AND EXISTS (SELECT FROM refresh_tokens AS family WHERE family.token_hash = token.family_id AND family.revoked_at IS NULL)
           AND EXISTS (SELECT FROM users WHERE users.id = token.user_id AND users.suspended_at IS NULL)
         RETURNING family_id, user_id
       )
       INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
       SELECT $2, family_id, user_id, now() + $3::float8 * interval '1 millisecond' FROM spent
       RETURNING user_id AS "userId", family_id AS "familyId"`,
      [tokenHash, nextHash, lifetimeMs],
    );
    if (rotated !== undefined) return { outcome: 'rotated', ...rotated };
    return this.whyNot(db, tokenHash);
  }

  /** Whose it was; null when it had ended before. */
  async revokeFamily(db: Db, familyId: string): Promise<string | null> {
    const [revoked] = await db.sql<{ userId: string }>(
      `UPDATE refresh_tokens SET revoked_at = now() WHERE token_hash = $1 AND revoked_at IS NULL RETURNING user_id AS "userId"`,
      [familyId],
    );
    return revoked?.userId ?? null;
  }

  /** By any token of it, spent or not. */
  async findFamily(db: Db, tokenHash: string): Promise<string | null> {
    const [token] = await db.sql<{ familyId: string }>(`SELECT family_id AS "familyId" FROM refresh_tokens WHERE token_hash = $1`, [
      tokenHash,
    ]);
    return token?.familyId ?? null;
  }

  async startedWithin(db: Db, familyId: string, ms: number): Promise<boolean> {
    const rows = await db.sql(
      `SELECT 1 FROM refresh_tokens WHERE token_hash = $1 AND created_at > now() - $2::float8 * interval '1 millisecond'`,
      [familyId, ms],
    );
    return rows.length > 0;
  }

  /** All of the user's, but one if it is named. The families that ended. */
  async revokeFamiliesOf(tx: Tx, userId: string, exceptFamilyId: string | null): Promise<string[]> {
    const rows = await tx.sql<{ familyId: string }>(
      `UPDATE refresh_tokens SET revoked_at = now()
       WHERE user_id = $1 AND token_hash = family_id AND revoked_at IS NULL AND family_id IS DISTINCT FROM $2::text
       RETURNING family_id AS "familyId"`,
      [userId, exceptFamilyId],
    );
    return rows.map(({ familyId }) => familyId);
  }

  /** One read by primary keys. */
  async standingOf(db: Db, familyId: string, userId: string): Promise<Standing> {
    const [family] = await db.sql<{ suspended: boolean }>(
      `SELECT users.suspended_at IS NOT NULL AS suspended FROM refresh_tokens JOIN users ON users.id = user_id
       WHERE token_hash = $1 AND user_id = $2 AND revoked_at IS NULL`,
      [familyId, userId],
    );
    if (family === undefined) return 'over';
    return family.suspended ? 'suspended' : 'live';
  }

  /** Suspension comes last: a token that is spent or past its time is no proof of who asks. */
  private async whyNot(db: Db, tokenHash: string): Promise<Spending> {
    const [token] = await db.sql<{ familyId: string; userId: string; spent: boolean; suspended: boolean }>(
      `SELECT family_id AS "familyId", user_id AS "userId", spent_at IS NOT NULL AS spent,
         users.suspended_at IS NOT NULL AND expires_at > now() AS suspended
       FROM refresh_tokens JOIN users ON users.id = user_id WHERE token_hash = $1`,
      [tokenHash],
    );
    if (token?.spent === true) return { outcome: 'reused', userId: token.userId, familyId: token.familyId };
    return { outcome: token?.suspended === true ? 'suspended' : 'refused' };
  }
}
