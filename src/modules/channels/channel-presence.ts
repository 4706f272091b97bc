import { Leases } from '../../realtime/leases';
import type { PresenceStore } from '../../realtime/presence-store';
import type { Standings } from '../../realtime/standings';

const KIND = 'channel:';

/**
 * Which members are connected to a channel, on whichever instance: who follows something in it, or has polled it a moment ago. Not of sessions'
 * own channels: there the session knows.
 */
export class ChannelPresence {
  private readonly leases: Leases;

  constructor(
    private readonly store: PresenceStore,
    members: Pick<Standings<unknown>, 'followers' | 'isFollowedBy' | 'onCrossing'>,
    heartbeatMs?: number,
  ) {
    this.leases = new Leases({
      store,
      heartbeatMs,
      local: {
        all: function* () {
          for (const { place, member } of members.followers()) yield { place: placeOf(place), member };
        },
        has: (place, member) => members.isFollowedBy(place.slice(KIND.length), member),
      },
    });
    members.onCrossing = (channelId, userId) => this.leases.note(placeOf(channelId), userId);
  }

  /** The users' ids, in no order; late by a moment after somebody came or went, by two heartbeats after a crash. */
  list(channelId: string): Promise<string[]> {
    return this.store.list(placeOf(channelId));
  }

  /** Counts as connected for two heartbeats, for those who poll. Costs nothing at once. */
  see(channelId: string, userId: string): void {
    this.leases.see(placeOf(channelId), userId);
  }

  /** Resolves when the store has been told of whoever came and went. */
  flush(): Promise<void> {
    return this.leases.flush();
  }

  close(): Promise<void> {
    return this.leases.close();
  }
}

function placeOf(channelId: string): string {
  return KIND + channelId;
}
