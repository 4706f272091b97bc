import type { Redis } from 'ioredis';
import { unavailable } from '../errors/domain-error';
import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import { jittered } from './backoff';
import { Notice } from './notice';
import type { RedisLink } from './redis-link';

const MAX_BATCH = 500;
const RETRY_MS = 1_000;

/**
 * The channels that one connection listens to: each subscribed once, acknowledged, and subscribed again after every outage.
 *
 * `client` is the connection as `RedisPubSub` may have it: its `subscribe` and `unsubscribe` go through here and always succeed.
 * Left to itself RedisPubSub turns a failed SUBSCRIBE, and an UNSUBSCRIBE that the connection's end cuts off, into unhandled rejections,
 * which end the process, and remembers the failed topic for ever.
 */
export class RedisChannels {
  readonly client: Redis;
  /** When every channel is listened to again after an outage. */
  readonly restored = new Notice('subscribed again');
  /** Settled when Redis has acknowledged the channel on the present connection. */
  private readonly wanted = new Map<string, Deferred>();
  private readonly unacknowledged = new Map<string, Deferred>();
  private readonly send: { subscribe(channels: string[]): Promise<unknown>; unsubscribe(channel: string): Promise<unknown> };
  private acknowledging = false;
  private interrupted = false;
  private retry: NodeJS.Timeout | null = null;

  constructor(private readonly link: RedisLink) {
    const subscribe = link.client.subscribe.bind(link.client);
    const unsubscribe = link.client.unsubscribe.bind(link.client);
    this.send = { subscribe: (channels) => subscribe(...channels), unsubscribe: (channel) => unsubscribe(channel) };
    this.client = Object.assign(link.client, {
      subscribe: (channel: string, done: (error: null) => void) => {
        this.want(channel);
        done(null);
      },
      unsubscribe: (channel: string) => this.leave(channel),
      punsubscribe: () => undefined,
    });
    link.wentUp.on(() => void this.acknowledge());
    link.wentDown.on(() => this.interrupt());
  }

  /** Whether every wanted channel is listened to, as far as is known. Channels on their way for the first time do not count. */
  get intact(): boolean {
    return this.link.up && !this.interrupted;
  }

  /** Resolves when the channel is listened to; waits through outages. Only for channels that are wanted. */
  async acknowledged(channel: string): Promise<void> {
    await this.wanted.get(channel)?.promise;
  }

  close(): void {
    if (this.retry !== null) clearTimeout(this.retry);
    for (const acknowledgement of this.unacknowledged.values()) acknowledgement.reject(unavailable('SHUTTING_DOWN'));
    this.unacknowledged.clear();
    this.wanted.clear();
  }

  private want(channel: string): void {
    this.expectAcknowledgement(channel);
    void this.acknowledge();
  }

  private leave(channel: string): void {
    this.wanted.delete(channel);
    this.unacknowledged.delete(channel);
    // When it fails, the connection is gone and the subscription with it.
    if (this.link.up) this.send.unsubscribe(channel).catch(() => undefined);
  }

  private expectAcknowledgement(channel: string): void {
    const acknowledgement = deferred();
    acknowledgement.promise.catch(() => undefined);
    this.wanted.set(channel, acknowledgement);
    this.unacknowledged.set(channel, acknowledgement);
  }

  private interrupt(): void {
    this.interrupted = true;
    for (const channel of this.wanted.keys()) if (!this.unacknowledged.has(channel)) this.expectAcknowledgement(channel);
  }

  /** One SUBSCRIBE at a time, for all that came together. */
  private async acknowledge(): Promise<void> {
    if (this.acknowledging) return;
    this.acknowledging = true;
    try {
      while (this.link.up && this.unacknowledged.size > 0) await this.acknowledgeBatch([...this.unacknowledged].slice(0, MAX_BATCH));
      if (this.link.up && this.interrupted) this.announceRestored();
    } catch {
      this.interrupted = true;
      this.retryLater();
    } finally {
      this.acknowledging = false;
    }
  }

  /** A channel that was left and wanted again meanwhile has another acknowledgement to come: this answer is not for it. */
  private async acknowledgeBatch(batch: [string, Deferred][]): Promise<void> {
    await this.send.subscribe(batch.map(([channel]) => channel));
    for (const [channel, acknowledgement] of batch) {
      if (this.unacknowledged.get(channel) !== acknowledgement) continue;
      this.unacknowledged.delete(channel);
      acknowledgement.resolve();
    }
  }

  private announceRestored(): void {
    this.interrupted = false;
    this.restored.give();
  }

  /** Redis refused (an ACL, a limit) though it is there; a lost connection comes back by itself. */
  private retryLater(): void {
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.acknowledge(), jittered(RETRY_MS));
    this.retry.unref();
  }
}
