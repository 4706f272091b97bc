import type { StreamEvent } from './event';
import type { RecordingTx } from './unit-of-work';

/**
 * A reader of the whole log.
 *
 * Promises to it: every event of its types that is recorded after its beginning comes to `handle` at least once, those of one stream in
 * their order, and in the transaction that also moves its checkpoint: what `handle` writes there happens exactly once. One batch at a time
 * is handled, over all instances. An event that cannot be handled, by itself and again, is parked, and the others go on.
 */
export interface Consumer {
  /** Its name for ever: what it has read is kept under it. */
  readonly name: string;
  /** The types of the events that it takes; the others are passed over unread. */
  readonly types: readonly string[];
  /** Where it begins when it is new: with all that the log still holds, or with what is recorded from then on. */
  readonly begins: 'at the beginning' | 'now';

  /**
   * Takes the events, in order. Everything it does is done by way of `tx`: it may run more than once, with other company in the batch.
   * When it throws, nothing of the batch has happened.
   */
  handle(tx: RecordingTx, events: readonly StreamEvent[]): Promise<void>;

  /** Before it reads everything anew: takes back what it has made, unless `handle` makes the same of the same events by itself. */
  reset?(tx: RecordingTx): Promise<void>;
}

/** How a consumer stands, over all instances. */
export interface ConsumerStanding {
  /** How old the oldest event is that it has yet to read, in seconds; 0 when there is none. */
  readonly lagSeconds: number;
  /** How many events it has left aside. */
  readonly parked: number;
}
