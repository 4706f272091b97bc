import type { StreamId } from '../../realtime/event';
import { defineEvent } from '../../realtime/event';
import type { Marker } from './receipt.repository';

/** Away from the channel's own stream: those who read must not hold up those who write, nor fill what is replayed. */
export function receiptsStream(channelId: string): StreamId {
  return `receipts:${channelId}`;
}

/** Places in the channel's own stream, of this epoch. */
export interface MarkersMoved {
  readonly epoch: string;
  readonly markers: readonly Marker[];
}

/** Where those stand now who came further together. Markers only grow: of several of one reader the greatest holds, in whichever order they come. */
export const markersMoved = defineEvent<MarkersMoved>('receipts.moved');
