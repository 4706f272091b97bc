import type { Seat } from '../contestant';

/** A subscriber's place in a room. */
export interface RoomSeat extends Seat {
  /** It gets the events n of which `roomOf(n)` is this. */
  readonly room: number;
  /** A text of the server that must be answered, and the answer; for protocols that ping by messages of their own. */
  readonly heartbeat?: { readonly asked: string; readonly answered: string };
}

/** A server under measurement, with its subscribers and its way to publish. */
export interface Contestant {
  readonly name: string;
  readonly pids: readonly number[];
  readonly seats: readonly RoomSeat[];
  /** Publishes event n in its room; resolves when the server has accepted it, rejects when it refuses. */
  readonly publish: (n: number) => Promise<void>;
  stop(): Promise<void>;
}
