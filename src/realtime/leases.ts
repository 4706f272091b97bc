import { randomUUID } from 'node:crypto';
import { withinTime } from '../lib/time-limit';
import { MAX_TOGETHER } from './presence-store';
import type { PlacedMember, PresenceStore } from './presence-store';

const HEARTBEAT_MS = 10_000;
/** Longer than a crowd takes to come, as far as it comes at once; short beside everything that asks who is there. */
const GATHER_MS = 100;
const CLOSE_LIMIT_MS = 1_000;

/** Who is where in this process, as its owner knows at the moment of asking. */
export interface LocalMembers {
  all(): Iterable<PlacedMember>;
  has(place: string, member: string): boolean;
}

export interface LeasesOptions {
  readonly store: Pick<PresenceStore, 'joinAll' | 'leaveAll'>;
  readonly local: LocalMembers;
  /** Told, in good time and at every heartbeat, of places where somebody of this process is or just was; never awaited by who comes. */
  readonly onOccupied?: (places: readonly string[]) => Promise<void>;
  /** Told of members who are here: just come or seen, or still here at a heartbeat; never awaited by who comes. */
  readonly onHere?: (members: readonly PlacedMember[], since: 'now' | 'before') => Promise<void>;
  readonly heartbeatMs?: number;
}

/**
 * Keeps this process's members in the presence store: one lease of two heartbeats for each, renewed by one timer for all of them.
 *
 * It remembers nobody: who is here is asked of the owner, and only what changed in the last tenth of a second is noted. So a member costs
 * no memory, coming and going costs no round trip of its own and is never waited for, and after an outage of the store the next heartbeat
 * makes it true again. After a crash of this process its members are gone from the store within two heartbeats.
 */
export class Leases {
  private readonly id = randomUUID();
  private readonly ttlMs: number;
  private readonly heartbeat: NodeJS.Timeout;
  /** By place and member; true for who was seen, false for who came or went. */
  private noted = new Map<string, Map<string, boolean>>();
  private gathering: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();
  private beating = false;

  constructor(private readonly options: LeasesOptions) {
    const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
    this.ttlMs = 2 * heartbeatMs;
    this.heartbeat = setInterval(() => void this.beat(), heartbeatMs).unref();
  }

  /** The member may have come to the place, or have left it. */
  note(place: string, member: string): void {
    this.keep(place, member, false);
  }

  /** The member shows itself there without staying: one lease, which nobody renews. */
  see(place: string, member: string): void {
    this.keep(place, member, true);
  }

  /** Tells the store what was noted. Resolves when it knows, or did not answer. */
  flush(): Promise<void> {
    if (this.gathering !== null) clearTimeout(this.gathering);
    this.gathering = null;
    return this.inTurn(() => this.tellChanges());
  }

  /** Renews every lease. A heartbeat that finds the one before still at work is left out. */
  async beat(): Promise<void> {
    if (this.beating) return;
    this.beating = true;
    await this.inTurn(() => this.renewAll());
    this.beating = false;
  }

  /** Stops renewing, and takes leave for everybody who is gone by now. At most a second: what is left runs out. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    await withinTime(this.flush(), CLOSE_LIMIT_MS, () => new Error('no leave')).catch(() => undefined);
  }

  /** One after the other, so that a renewal never brings back who has left meanwhile. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.working = this.working.then(work).catch(() => undefined);
    return this.working;
  }

  private keep(place: string, member: string, seen: boolean): void {
    const members = this.noted.get(place) ?? new Map<string, boolean>();
    this.noted.set(place, members.set(member, seen || members.get(member) === true));
    this.gathering ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
  }

  private async tellChanges(): Promise<void> {
    const { store, local, onOccupied, onHere } = this.options;
    const noted = this.noted;
    this.noted = new Map();
    const here: PlacedMember[] = [];
    const gone: PlacedMember[] = [];
    for (const [place, members] of noted) {
      for (const [member, seen] of members) (seen || local.has(place, member) ? here : gone).push({ place, member });
    }
    await Promise.allSettled([
      noted.size > 0 ? onOccupied?.([...noted.keys()]) : undefined,
      onHere && inParts(here, (part) => onHere(part, 'now')),
      inParts(here, (part) => store.joinAll(part, this.id, this.ttlMs)),
      inParts(gone, (part) => store.leaveAll(part, this.id)),
    ]);
  }

  private async renewAll(): Promise<void> {
    const { store, local, onOccupied, onHere } = this.options;
    const places = new Set<string>();
    for (const { place } of local.all()) places.add(place);
    const told = places.size > 0 ? onOccupied?.([...places]) : undefined;
    const still = onHere && inParts(local.all(), (part) => onHere(part, 'before'));
    await Promise.allSettled([told, still, inParts(local.all(), (part) => store.joinAll(part, this.id, this.ttlMs))]);
  }
}

/** One part at a time, so that a crowd does not keep the store from others. What fails is tried again with the next heartbeat. */
async function inParts(members: Iterable<PlacedMember>, tell: (part: readonly PlacedMember[]) => Promise<void>): Promise<void> {
  let part: PlacedMember[] = [];
  for (const member of members) {
    part.push(member);
    if (part.length < MAX_TOGETHER) continue;
    await tell(part);
    part = [];
  }
  if (part.length > 0) await tell(part);
}
