import type { Db } from '../../persistence/database';

/** How the result reaches the page: a code to sign in with, cookies, or a code to link with. */
export type Delivery = 'code' | 'cookie' | 'link';

export interface StoredFlow {
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
  readonly delivery: Delivery;
  readonly challenge: string | null;
}

/** What names a flow: all three must agree. */
export interface FlowKey {
  readonly stateHash: string;
  readonly browserHash: string;
  readonly provider: string;
}

export class SignInFlowRepository {
  /** Removes a few whose time is over on the way, so that the table stays small. */
  async insert(db: Db, { stateHash, browserHash, provider }: FlowKey, flow: StoredFlow, lifetimeMs: number): Promise<void> {
    await db.sql(
      `WITH expired AS (
         DELETE FROM sign_in_flows WHERE state_hash IN
           (SELECT state_hash FROM sign_in_flows WHERE expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED)
       )
       INSERT INTO sign_in_flows
         (state_hash, browser_hash, provider, nonce, code_verifier, return_to, delivery, challenge, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::float8 * interval '1 millisecond')`,
      [stateHash, browserHash, provider, flow.nonce, flow.codeVerifier, flow.returnTo, flow.delivery, flow.challenge, lifetimeMs],
    );
  }

  /** Whoever deletes the row goes on with the flow: so each is finished once, by the browser that began it. */
  async take(db: Db, { stateHash, browserHash, provider }: FlowKey): Promise<(StoredFlow & { readonly live: boolean }) | null> {
    const [flow] = await db.sql<StoredFlow & { live: boolean }>(
      `DELETE FROM sign_in_flows WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3
       RETURNING nonce, code_verifier AS "codeVerifier", return_to AS "returnTo", delivery, challenge, expires_at > now() AS live`,
      [stateHash, browserHash, provider],
    );
    return flow ?? null;
  }
}
