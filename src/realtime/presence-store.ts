/**
 * Who is here now, over all instances, as leases: a member is present until its lease runs out or it leaves. A crashed instance's
 * members so disappear by themselves. One member may hold several leases (tabs); it is present while any of them lives.
 *
 * Promises, kept by every backend and shown by `tests/contracts/presence-store.contract.ts`:
 * - `join` is seen by every instance's `list`, `count` and `has` once it resolves; `leave` likewise.
 * - A lease that is not renewed is gone from every answer `ttlMs` after its last `join`, by the backend's clock.
 * - `join` with a lease that exists renews it. Nothing here touches durable state: losing the backend loses only leases, and the
 *   holders' next renewal brings them back.
 * - Every call answers or throws UNAVAILABLE within two seconds.
 */
export interface PresenceStore {
  readonly kind: 'memory' | 'postgres' | 'redis';
  join(place: string, member: string, leaseId: string, ttlMs: number): Promise<void>;
  leave(place: string, member: string, leaseId: string): Promise<void>;
  has(place: string, member: string): Promise<boolean>;
  /** Distinct members, in no order. */
  list(place: string): Promise<string[]>;
  count(place: string): Promise<number>;
  close(): Promise<void>;
}
