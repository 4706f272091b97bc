import { randomUUID } from 'node:crypto';
import type { Ending } from '../../lib/ending';
import { withinTime } from '../../lib/time-limit';
import type { PresenceStore } from '../../realtime/presence-store';

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;

/** Nobody waits longer for the presence store than this: it only tells whether somebody listens right now. */
const PATIENCE_MS = 200;

interface Lease {
  readonly place: string;
  readonly member: string;
  readonly id: string;
}

/**
 * Who listens to their inbox now, on whichever instance. A hint and no more: signals wait in the inbox anyway, so when the store is
 * slow or away the answer is "nobody", and leases come back with the next renewal.
 */
export class InboxPresence {
  private readonly leases = new Set<Lease>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly store: PresenceStore) {}

  /** Holds a lease until the signal aborts. Resolves when others can see it, or when waiting for that takes too long. */
  async hold(sessionId: string, attendeeId: string, signal: Ending): Promise<void> {
    const lease = { place: placeOf(sessionId), member: attendeeId, id: randomUUID() };
    this.leases.add(lease);
    this.timer ??= setInterval(() => this.renewAll(), RENEW_MS).unref();
    const joined = this.renew(lease);
    const holder = { handleEvent: () => void this.drop(lease, joined) };
    if (signal.aborted) holder.handleEvent();
    else signal.addEventListener('abort', holder);
    await patiently(joined, undefined);
  }

  /** Whether all of these listen, who are somebody. */
  async areListening(sessionId: string, attendeeIds: readonly string[]): Promise<boolean> {
    return attendeeIds.length > 0 && (await this.listAbsent(sessionId, attendeeIds)).length === 0;
  }

  /** Those of them who do not listen. */
  async listAbsent(sessionId: string, attendeeIds: readonly string[]): Promise<string[]> {
    const place = placeOf(sessionId);
    const [only] = attendeeIds;
    if (attendeeIds.length === 1 && only !== undefined) return (await patiently(this.store.has(place, only), false)) ? [] : [only];
    const listening = new Set(await patiently(this.store.list(place), []));
    return attendeeIds.filter((id) => !listening.has(id));
  }

  private renewAll(): void {
    for (const lease of this.leases) void this.renew(lease);
  }

  private async renew({ place, member, id }: Lease): Promise<void> {
    await this.store.join(place, member, id, LEASE_MS).catch(() => undefined);
  }

  private async drop(lease: Lease, joined: Promise<void>): Promise<void> {
    this.leases.delete(lease);
    if (this.leases.size === 0 && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
    await joined;
    await this.store.leave(lease.place, lease.member, lease.id).catch(() => undefined);
  }
}

function placeOf(sessionId: string): string {
  return `signals:${sessionId}`;
}

/** The answer, or `otherwise` when it is late or a failure. */
function patiently<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  return withinTime(asked, PATIENCE_MS, () => new Error('late')).catch(() => otherwise);
}
