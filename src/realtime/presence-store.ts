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
 * - `joinAll` and `leaveAll` do for each member, in no order, what `join` and `leave` do, in a round trip or two for all; when they throw,
 *   they may have done it for some. At most `MAX_TOGETHER` at once.
 */
export interface PresenceStore {
  readonly kind: 'memory' | 'postgres' | 'redis';
  join(place: string, member: string, leaseId: string, ttlMs: number): Promise<void>;
  leave(place: string, member: string, leaseId: string): Promise<void>;
  joinAll(members: readonly PlacedMember[], leaseId: string, ttlMs: number): Promise<void>;
  leaveAll(members: readonly PlacedMember[], leaseId: string): Promise<void>;
  has(place: string, member: string): Promise<boolean>;
  /** Distinct members, in no order. */
  list(place: string): Promise<string[]>;
  count(place: string): Promise<number>;
  /** Those of at most `MAX_TOGETHER` places where somebody is, in no order. */
  listOccupied(places: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

export interface PlacedMember {
  readonly place: string;
  readonly member: string;
}

/** A few milliseconds of a Redis that serves nobody else meanwhile. */
export const MAX_TOGETHER = 500;
