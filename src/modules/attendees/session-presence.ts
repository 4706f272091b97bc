import { Leases } from '../../realtime/leases';
import type { PresenceStore } from '../../realtime/presence-store';
import type { Rosters } from './rosters';

export interface SessionPresenceOptions {
  readonly store: PresenceStore;
  readonly rosters: Rosters;
  /** Told of sessions that somebody of this process is, or just was, connected to. */
  readonly onOccupied?: (sessionIds: readonly string[]) => Promise<void>;
  /** Told of attendees who are connected here: who just came, and at every heartbeat all. */
  readonly onConnected?: (attendeeIds: readonly string[], since: 'now' | 'before') => Promise<void>;
  readonly heartbeatMs?: number;
}

/**
 * Who is connected to a session, on whichever instance: whoever follows something in it, or has polled a moment ago. Connected is not the
 * same as PRESENT: who is disconnected keeps their place.
 */
export class SessionPresence {
  readonly leases: Leases;
  private readonly store: PresenceStore;

  constructor({ store, rosters, onOccupied, onConnected, heartbeatMs }: SessionPresenceOptions) {
    this.store = store;
    this.leases = new Leases({
      store,
      heartbeatMs,
      local: {
        all: function* () {
          for (const { sessionId, attendeeId } of rosters.followers()) yield { place: placeOf(sessionId), member: attendeeId };
        },
        has: (place, member) => rosters.isFollowed({ sessionId: sessionAt(place), attendeeId: member }),
      },
      onHere:
        onConnected &&
        ((members, since) =>
          onConnected(
            members.map(({ member }) => member),
            since,
          )),
      onOccupied: onOccupied && ((places) => onOccupied(places.map(sessionAt))),
    });
    rosters.onCrossing = ({ sessionId, attendeeId }) => this.leases.note(placeOf(sessionId), attendeeId);
  }

  /** The attendees' ids, in no order; late by a moment after somebody came or went, by two heartbeats after a crash. */
  list(sessionId: string): Promise<string[]> {
    return this.store.list(placeOf(sessionId));
  }

  /** As many as `list` lists. */
  count(sessionId: string): Promise<number> {
    return this.store.count(placeOf(sessionId));
  }

  /** Those of the sessions that somebody is connected to, in no order. Throws UNAVAILABLE when the store does not know. */
  async listOccupied(sessionIds: readonly string[]): Promise<string[]> {
    const places = await this.store.listOccupied(sessionIds.map(placeOf));
    return places.map(sessionAt);
  }

  /** Counts as connected for two heartbeats, for those who poll. Costs nothing at once. */
  see(sessionId: string, attendeeId: string): void {
    this.leases.see(placeOf(sessionId), attendeeId);
  }

  close(): Promise<void> {
    return this.leases.close();
  }
}

const KIND = 'session:';

function placeOf(sessionId: string): string {
  return KIND + sessionId;
}

function sessionAt(place: string): string {
  return place.slice(KIND.length);
}
