import type { PlacedMember, PresenceStore } from './presence-store';

const SWEEP_MS = 10_000;

/** When each lease of each member runs out, on the process's own clock that never steps. */
type Place = Map<string, Map<string, number>>;

/** Leases of a single process. They end with it. */
export class MemoryPresenceStore implements PresenceStore {
  readonly kind = 'memory';
  private readonly places = new Map<string, Place>();
  private sweptAt = performance.now();

  join(place: string, member: string, leaseId: string, ttlMs: number): Promise<void> {
    this.sweepNowAndThen();
    const members = this.places.get(place) ?? new Map<string, Map<string, number>>();
    const leases = members.get(member) ?? new Map<string, number>();
    leases.set(leaseId, performance.now() + ttlMs);
    members.set(member, leases);
    this.places.set(place, members);
    return Promise.resolve();
  }

  leave(place: string, member: string, leaseId: string): Promise<void> {
    this.places.get(place)?.get(member)?.delete(leaseId);
    this.removeEnded(place);
    return Promise.resolve();
  }

  async joinAll(members: readonly PlacedMember[], leaseId: string, ttlMs: number): Promise<void> {
    for (const { place, member } of members) await this.join(place, member, leaseId, ttlMs);
  }

  async leaveAll(members: readonly PlacedMember[], leaseId: string): Promise<void> {
    for (const { place, member } of members) await this.leave(place, member, leaseId);
  }

  has(place: string, member: string): Promise<boolean> {
    this.removeEnded(place);
    return Promise.resolve(this.places.get(place)?.has(member) ?? false);
  }

  list(place: string): Promise<string[]> {
    this.removeEnded(place);
    return Promise.resolve([...(this.places.get(place)?.keys() ?? [])]);
  }

  count(place: string): Promise<number> {
    this.removeEnded(place);
    return Promise.resolve(this.places.get(place)?.size ?? 0);
  }

  listOccupied(places: readonly string[]): Promise<string[]> {
    for (const place of places) this.removeEnded(place);
    return Promise.resolve(places.filter((place) => this.places.has(place)));
  }

  close(): Promise<void> {
    this.places.clear();
    return Promise.resolve();
  }

  private removeEnded(place: string): void {
    const now = performance.now();
    const members = this.places.get(place);
    if (members === undefined) return;
    for (const [member, leases] of members) {
      for (const [leaseId, endsAt] of leases) if (endsAt <= now) leases.delete(leaseId);
      if (leases.size === 0) members.delete(member);
    }
    if (members.size === 0) this.places.delete(place);
  }

  /** For the places that nobody asks about again. */
  private sweepNowAndThen(): void {
    if (performance.now() - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = performance.now();
    for (const place of [...this.places.keys()]) this.removeEnded(place);
  }
}
