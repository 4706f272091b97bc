import type { Limits } from '../graphql/limits';
import type { Viewer } from '../lib/viewer';
import { viewerKey } from '../lib/viewer';

export type CapName = 'sockets' | 'socketsPerViewer' | 'anonymousSocketsPerAddress';

/** A place among the connections of this instance. */
export interface Seat {
  /** Counts the connection under its viewer from here on; the name of the cap that forbids it, or null. */
  identify(viewer: Viewer): CapName | null;
  /** Idempotent. */
  release(): void;
}

/** How many sockets and event streams are open: in all, by viewer, and by address while nobody has signed in. */
export class ConnectionCaps {
  private total_ = 0;
  private readonly byKey = new Map<string, number>();

  constructor(
    private readonly limits: Limits,
    /** Whether viewers and addresses are capped; the total always is. */
    private readonly perCaller: boolean,
  ) {}

  get total(): number {
    return this.total_;
  }

  /** A seat, or the name of the cap that is reached. */
  admit(address: string): Seat | CapName {
    if (this.total_ >= this.limits.sockets) return 'sockets';
    const anonymous = `address ${address}`;
    if (this.isFull(anonymous, this.limits.anonymousSocketsPerAddress)) return 'anonymousSocketsPerAddress';
    this.total_ += 1;
    this.add(anonymous, 1);
    return this.seat(anonymous);
  }

  private seat(anonymous: string): Seat {
    let key: string | null = anonymous;
    return {
      identify: (viewer) => {
        const name = viewerKey(viewer);
        if (key === null || name === null) return null;
        const next = `viewer ${name}`;
        if (next === key) return null;
        if (this.isFull(next, this.limits.socketsPerViewer)) return 'socketsPerViewer';
        this.add(key, -1);
        this.add(next, 1);
        key = next;
        return null;
      },
      release: () => {
        if (key === null) return;
        this.add(key, -1);
        this.total_ -= 1;
        key = null;
      },
    };
  }

  private isFull(key: string, max: number): boolean {
    return this.perCaller && (this.byKey.get(key) ?? 0) >= max;
  }

  private add(key: string, change: number): void {
    const count = (this.byKey.get(key) ?? 0) + change;
    if (count === 0) this.byKey.delete(key);
    else this.byKey.set(key, count);
  }
}
