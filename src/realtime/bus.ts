/**
 * News between instances, at most once. The bus is never the truth: what must arrive is in the log, and the bus only says
 * "look". So it may lose, repeat or reorder messages; it must not block, grow without bound, or deliver to nobody's surprise.
 *
 * Promises, kept by every backend and shown by `tests/contracts/bus.contract.ts`:
 * - After `subscribe` resolves, every message published anywhere reaches the listener while the connection is healthy.
 * - A message reaches the publisher's own listeners too.
 * - `publish` returns at once and never throws. When the backend is away, messages wait in a bounded queue for a short time
 *   (`MAX_QUEUED`, `MAX_AGE_MS`), oldest dropped first and counted; they are not delivered late without limit.
 * - One backend subscription per topic and process, however many listeners. The last listener's leaving ends it.
 * - After an outage the backend subscribes again by itself and then calls `onReconnect` listeners: something may have been missed.
 * - A listener that throws hurts nobody else.
 */
export interface Bus {
  readonly kind: 'memory' | 'postgres' | 'redis';

  /** What `isPublishable` refuses is dropped and counted. */
  publish(topic: string, message: string): void;

  /**
   * Resolves once the backend has acknowledged. Rejects with UNAVAILABLE at once while the backend is known to be away, else after two
   * seconds without an answer; nothing is left of the subscription then.
   */
  subscribe(topic: string, listener: (message: string) => void): Promise<Unsubscribe>;

  onReconnect(listener: () => void): Unsubscribe;

  /** `degraded` while messages may be getting lost; for health and `realtimeStatus`. */
  status(): BusStatus;

  /** Drops what waits, ends every subscription, closes the connections. Idempotent. */
  close(): Promise<void>;
}

export interface BusStatus {
  readonly state: 'up' | 'degraded';
  readonly detail: string;
  readonly topics: number;
  readonly queued: number;
  readonly published: number;
  readonly dropped: number;
}

/** Idempotent; takes effect at once. */
export type Unsubscribe = () => void;

export const MAX_QUEUED = 10_000;
export const MAX_AGE_MS = 5_000;
export const MAX_MESSAGE_BYTES = 7_000;
export const MAX_TOPIC_BYTES = 500;
export const SUBSCRIBE_LIMIT_MS = 2_000;

/**
 * Whether every backend can carry it: at most 7,000 bytes of UTF-8 under a topic of at most 500 (PostgreSQL's NOTIFY carries 8,000
 * in all), and no NUL character (which its text cannot hold).
 */
export function isPublishable(topic: string, message: string): boolean {
  return isShort(topic, MAX_TOPIC_BYTES) && isShort(message, MAX_MESSAGE_BYTES) && !topic.includes(NUL) && !message.includes(NUL);
}

const NUL = '\u0000';

function isShort(text: string, bytes: number): boolean {
  return text.length <= bytes && Buffer.byteLength(text) <= bytes;
}
