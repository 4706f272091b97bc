import { unavailable } from '../errors/domain-error';
import { deferred } from '../lib/deferred';
import { jittered } from './backoff';
import type { RedisBus } from './bus.redis';
import { addressIn, SlotMap, urlAt } from './redis-slots';

export interface RedisMastersOptions {
  /** Nodes to ask first, and whenever no other answers. */
  readonly seeds: readonly string[];
  readonly open: (url: string, address: string) => RedisBus;
  /** After each time the cluster was asked, with those that serve nothing any more: theirs to close. */
  readonly onAsked: (retired: readonly RedisBus[]) => void;
}

/** What is noticed together is asked about once. */
const DOUBT_MS = 50;
const RETRY_MS = 1_000;
/** Doubt is enough; this is for what nobody noticed. */
const REVIEW_MS = 10_000;

/** The masters of a cluster, and which serves what: asked at the start, upon doubt, and now and then. Until it is known the seeds stand in. */
export class RedisMasters {
  /** Resolves when it is known for the first time who serves what. */
  readonly known = deferred();
  private readonly masters = new Map<string, RedisBus>();
  private map: SlotMap | null = null;
  private doubter: RedisBus | null = null;
  private asking = false;
  private next: { readonly at: number; readonly timer: NodeJS.Timeout } | null = null;
  private closed = false;

  constructor(private readonly options: RedisMastersOptions) {
    this.known.promise.catch(() => undefined);
    this.openSeeds();
    this.askIn(RETRY_MS);
  }

  /** By `host:port`. */
  get all(): ReadonlyMap<string, RedisBus> {
    return this.masters;
  }

  /** Whether every slot has a master, as far as is known. */
  get complete(): boolean {
    return this.map?.complete ?? false;
  }

  /** The channel's master; some master, which will refuse it, while nobody serves its slot. */
  of(channel: string): RedisBus {
    const owner = this.map?.ownerOf(channel);
    const master = (owner === undefined ? undefined : this.masters.get(owner)) ?? this.masters.values().next().value;
    if (master === undefined) throw new Error('A cluster has seeds.');
    return master;
  }

  /** There is reason to ask again soon: the one who said so first, as it knows best. */
  doubt(doubter?: RedisBus): void {
    this.doubter = doubter ?? this.doubter;
    this.askIn(DOUBT_MS);
  }

  retry(): void {
    this.askIn(RETRY_MS);
  }

  close(): void {
    this.closed = true;
    this.known.reject(unavailable('SHUTTING_DOWN'));
    if (this.next !== null) clearTimeout(this.next.timer);
  }

  private askIn(milliseconds: number): void {
    const delay = jittered(milliseconds);
    const at = performance.now() + delay;
    if (this.closed || (this.next !== null && this.next.at <= at)) return;
    if (this.next !== null) clearTimeout(this.next.timer);
    this.next = { at, timer: setTimeout(() => void this.ask(), delay) };
    this.next.timer.unref();
  }

  private async ask(): Promise<void> {
    this.next = null;
    if (this.asking) return this.askIn(DOUBT_MS);
    this.asking = true;
    const map = await this.read();
    this.asking = false;
    if (this.closed) return;
    if (map === null) this.openSeeds();
    this.options.onAsked(map === null ? [] : this.adopt(map));
    this.askIn(this.complete && map !== null ? REVIEW_MS : RETRY_MS);
  }

  /** Null when nobody answers: who is away says so at once, who is silent within half a second. */
  private async read(): Promise<SlotMap | null> {
    const byChance = [...this.masters].map((entry) => ({ entry, order: entry[1] === this.doubter ? -1 : Math.random() }));
    this.doubter = null;
    for (const { entry } of byChance.sort((a, b) => a.order - b.order)) {
      const [address, master] = entry;
      try {
        return SlotMap.read(await master.slots(), address);
      } catch {
        continue;
      }
    }
    return null;
  }

  /** Those that serve nothing any more. */
  private adopt(map: SlotMap): RedisBus[] {
    this.map = map;
    for (const address of map.masters) this.open(address);
    const retired = [...this.masters].filter(([address]) => !map.masters.has(address));
    for (const [address] of retired) this.masters.delete(address);
    this.known.resolve();
    return retired.map(([, master]) => master);
  }

  private openSeeds(): void {
    for (const seed of this.options.seeds) this.open(addressIn(seed));
  }

  private open(address: string): void {
    const [seed] = this.options.seeds;
    if (seed === undefined) throw new Error('A cluster has seeds.');
    if (!this.masters.has(address)) this.masters.set(address, this.options.open(urlAt(address, seed), address));
  }
}
