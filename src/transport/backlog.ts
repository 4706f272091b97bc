import type { Limits } from '../graphql/limits';

/** What one peer has left unread, held against the bounds: the same for a socket and for an event stream. */
export class Backlog {
  private events = 0;
  private stalledSince: number | null = null;

  constructor(private readonly limits: Limits) {}

  /**
   * Takes so many shared events onto what is unread. False when the peer has left too much of the earlier ones; nobody is refused for
   * these, which it had no moment to read.
   */
  take(events: number, unreadBytes: number): boolean {
    const { unsentEvents, unsentBytes } = this.limits;
    if (unreadBytes === 0) this.events = 0;
    if (unreadBytes > unsentBytes || this.events > unsentEvents) return false;
    this.events += events;
    return true;
  }

  /** Whether the peer has left too much unread for too long; `now` in milliseconds. */
  isStalled(unreadBytes: number, now: number): boolean {
    if (unreadBytes <= this.limits.unsentBytes) {
      this.stalledSince = null;
      return false;
    }
    this.stalledSince ??= now;
    return now - this.stalledSince >= this.limits.stallMs;
  }
}
