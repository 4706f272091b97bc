import type { Database, Db, Tx } from '../../persistence/database';
import type { Identity } from '../../persistence/generated/client';
import type { ProvenAccount } from '../auth';
import type { ProvenIdentity } from './identity-provider';

export type IdentityRecord = Pick<Identity, 'provider' | 'email' | 'createdAt'>;

/** What an identity opens. */
export type OpenedAccount = ProvenAccount & { readonly suspended: boolean };

export class IdentityRepository {
  /** Until the transaction ends nobody else decides whose this identity is, also while it is nobody's. */
  async lock(tx: Tx, { provider, subject }: ProvenIdentity): Promise<void> {
    await tx.sql(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`identity:${provider}:${subject}`]);
  }

  /** One statement, so that whoever is handed over, or ends all sign-ins, at the same moment does so before it or raises the epoch after. */
  async findAccount(db: Db, { provider, subject }: ProvenIdentity): Promise<OpenedAccount | null> {
    const [account] = await db.sql<OpenedAccount>(
      `SELECT users.id, sign_in_epoch AS epoch, suspended_at IS NOT NULL AS suspended
       FROM identities JOIN users ON users.id = user_id WHERE provider = $1 AND subject = $2`,
      [provider, subject],
    );
    return account ?? null;
  }

  /** False when this user has another account of the provider. */
  async insert(tx: Tx, userId: string, { provider, subject, email }: ProvenIdentity): Promise<boolean> {
    const rows = await tx.sql(
      `INSERT INTO identities (provider, subject, user_id, email) VALUES ($1, $2, $3, $4)
       ON CONFLICT (user_id, provider) DO NOTHING RETURNING 1`,
      [provider, subject, userId, email],
    );
    return rows.length > 0;
  }

  async has(tx: Tx, userId: string, provider: string): Promise<boolean> {
    const rows = await tx.sql(`SELECT 1 FROM identities WHERE user_id = $1 AND provider = $2`, [userId, provider]);
    return rows.length > 0;
  }

  async delete(tx: Tx, userId: string, provider: string): Promise<boolean> {
    const rows = await tx.sql(`DELETE FROM identities WHERE user_id = $1 AND provider = $2 RETURNING 1`, [userId, provider]);
    return rows.length > 0;
  }

  async deleteAllOf(tx: Tx, userId: string): Promise<void> {
    await tx.sql(`DELETE FROM identities WHERE user_id = $1`, [userId]);
  }

  async count(tx: Tx, userId: string): Promise<number> {
    const [row] = await tx.sql<{ count: number }>(`SELECT count(*)::int AS count FROM identities WHERE user_id = $1`, [userId]);
    return row?.count ?? 0;
  }

  /** Oldest first. */
  listOf(database: Database, userId: string): Promise<IdentityRecord[]> {
    return database.orm.identity.findMany({
      where: { userId },
      select: { provider: true, email: true, createdAt: true },
      orderBy: [{ createdAt: 'asc' }, { provider: 'asc' }],
    });
  }
}
