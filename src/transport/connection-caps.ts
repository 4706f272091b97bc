import type { Limits } from '../graphql/limits';
import { Counts } from '../lib/counts';
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
  private readonly open = new Counts();

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
    this.open.add(anonymous, 1);
    return new CountedSeat(this, anonymous);
  }

  /** Counts a connection under another key; false when that one is full. */
  move(from: string, to: string): boolean {
    if (from === to) return true;
    if (this.isFull(to, this.limits.socketsPerViewer)) return false;
    this.open.add(from, -1);
    this.open.add(to, 1);
    return true;
  }

  leave(key: string): void {
    this.open.add(key, -1);
    this.total_ -= 1;
  }

  private isFull(key: string, max: number): boolean {
    return this.perCaller && this.open.of(key) >= max;
  }
}

class CountedSeat implements Seat {
  constructor(
    private readonly caps: ConnectionCaps,
    /** What it is counted under; null once released. */
    private key: string | null,
  ) {}

  identify(viewer: Viewer): CapName | null {
    const name = viewerKey(viewer);
    if (this.key === null || name === null) return null;
    const next = `viewer ${name}`;
    if (!this.caps.move(this.key, next)) return 'socketsPerViewer';
    this.key = next;
    return null;
  }

  release(): void {
    if (this.key !== null) this.caps.leave(this.key);
    this.key = null;
  }
}
