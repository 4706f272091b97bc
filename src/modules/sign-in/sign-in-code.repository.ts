import type { Db, Tx } from '../../persistence/database';
import type { ProvenAccount } from '../auth';
import type { ProvenIdentity } from './identity-provider';

/** What a code is exchanged for: a sign-in to this account, or a link of this identity to whoever is signed in. */
export type CodeWorth =
  { readonly account: ProvenAccount; readonly identity: null } | { readonly account: null; readonly identity: ProvenIdentity };

export type StoredCode = CodeWorth & { readonly provider: string; readonly challenge: string | null };

/** Only hashes are stored. Whoever deletes the row has used the code: so it works once. */
export class SignInCodeRepository {
  async insert(tx: Tx, codeHash: string, code: StoredCode, lifetimeMs: number): Promise<void> {
    await tx.sql(
      `INSERT INTO sign_in_codes (code_hash, user_id, sign_in_epoch, identity, provider, challenge, expires_at)
       VALUES ($1, $2, $3, $4::jsonb, $5, $6, now() + $7::float8 * interval '1 millisecond')`,
      [
        codeHash,
        code.account?.id ?? null,
        code.account?.epoch ?? null,
        code.identity && JSON.stringify(code.identity),
        code.provider,
        code.challenge,
        lifetimeMs,
      ],
    );
  }

  /** Null when there is none, or its time is over. */
  async take(db: Db, codeHash: string): Promise<StoredCode | null> {
    const [code] = await db.sql<StoredCode & { live: boolean }>(
      `DELETE FROM sign_in_codes WHERE code_hash = $1
       RETURNING CASE WHEN user_id IS NOT NULL THEN jsonb_build_object('id', user_id, 'epoch', sign_in_epoch) END AS account, identity,
         provider, challenge, expires_at > now() AS live`,
      [codeHash],
    );
    return code?.live === true ? code : null;
  }

  /** Some of those whose time is over: as many as a few begin, so that the table stays small. */
  async deleteExpired(db: Db): Promise<void> {
    await db.sql(
      `DELETE FROM sign_in_codes WHERE code_hash IN
         (SELECT code_hash FROM sign_in_codes WHERE expires_at < now() ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED)`,
    );
  }
}
