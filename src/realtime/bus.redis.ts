import { RedisPubSub } from 'graphql-redis-subscriptions';
import { unavailable } from '../errors/domain-error';
import { SUBSCRIBE_LIMIT_MS } from './bus';
import type { Bus, BusStatus, Unsubscribe } from './bus';
import { Notice } from './notice';
import type { Log } from './outage-log';
import { OutgoingQueue } from './outgoing-queue';
import { RedisChannels } from './redis-channels';
import { RedisLink } from './redis-link';
import { withinTime } from './time-limit';
import { TopicListeners } from './topic-listeners';

export interface RedisBusOptions {
  readonly url: string;
  /** Before every channel's name: instances that share it share a bus. */
  readonly prefix: string;
  readonly log?: Log;
}

/** How many PUBLISH commands may be on their way at once. */
const MAX_BATCH = 1_000;

/**
 * The bus over Redis PUBLISH/SUBSCRIBE, on two connections of its own. `RedisPubSub` sends and dispatches plain text; what it leaves open
 * is closed around it: acknowledgement and resubscription (`RedisChannels`), bounds and breaker (`OutgoingQueue`), frozen servers
 * (`RedisLink`), several listeners (`TopicListeners`). Its async iterator, whose queue has no bound, is not used.
 */
export class RedisBus implements Bus {
  readonly kind = 'redis';
  private readonly publisher: RedisLink;
  private readonly subscriber: RedisLink;
  private readonly channels: RedisChannels;
  private readonly pubsub: RedisPubSub;
  private readonly outgoing: OutgoingQueue;
  private readonly listeners: TopicListeners;
  private readonly subscriptions = new Map<string, Promise<number>>();
  private readonly reconnected: Notice;
  private readonly prefix: string;
  private closing: Promise<void> | null = null;

  constructor({ url, prefix, log }: RedisBusOptions) {
    this.prefix = `${prefix}bus:`;
    this.listeners = new TopicListeners(log);
    this.reconnected = new Notice('bus reconnected', log);
    this.publisher = new RedisLink({ url, name: `${prefix}bus-publisher`, log });
    this.subscriber = new RedisLink({ url, name: `${prefix}bus-subscriber`, log, commandTimeoutMs: SUBSCRIBE_LIMIT_MS });
    this.channels = new RedisChannels(this.subscriber);
    this.pubsub = new RedisPubSub({
      publisher: this.publisher.client,
      subscriber: this.channels.client,
      serializer: String,
      deserializer: String,
    });
    this.outgoing = new OutgoingQueue({
      maxBatch: MAX_BATCH,
      send: async (batch) => {
        await Promise.all(batch.map(({ topic, message }) => this.pubsub.publish(this.channel(topic), message)));
      },
    });
    this.publisher.wentUp.on(() => this.outgoing.wake());
    this.channels.restored.on(() => this.reconnected.give());
  }

  publish(topic: string, message: string): void {
    this.outgoing.push(topic, message);
  }

  async subscribe(topic: string, listener: (message: string) => void): Promise<Unsubscribe> {
    if (this.closing !== null) throw unavailable('SHUTTING_DOWN');
    if (this.subscriber.away) throw unavailable('BUS_UNAVAILABLE');
    const leave = this.listeners.add(topic, listener, () => this.endUnused(topic));
    this.open(topic);
    try {
      await withinTime(this.channels.acknowledged(this.channel(topic)), SUBSCRIBE_LIMIT_MS, () => unavailable('BUS_UNAVAILABLE'));
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  onReconnect(listener: () => void): Unsubscribe {
    return this.reconnected.on(listener);
  }

  status(): BusStatus {
    const up = this.channels.intact && this.publisher.up && this.outgoing.flowing;
    return { state: up ? 'up' : 'degraded', detail: this.describe(), topics: this.listeners.size, ...this.outgoing.stats };
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.outgoing.close();
    this.listeners.clear();
    this.subscriptions.clear();
    this.reconnected.clear();
    this.channels.close();
    await Promise.all([this.publisher.close(), this.subscriber.close()]);
  }

  private open(topic: string): void {
    if (this.subscriptions.has(topic)) return;
    const subscription = this.pubsub.subscribe(this.channel(topic), (message: string) => this.listeners.deliver(topic, message));
    this.subscriptions.set(topic, subscription);
  }

  /** RedisPubSub tells a subscription's id only a moment later; who has come back to the topic by then finds it still there. */
  private endUnused(topic: string): void {
    const subscription = this.subscriptions.get(topic);
    void subscription?.then((id) => {
      if (this.listeners.has(topic) || this.subscriptions.get(topic) !== subscription) return;
      this.subscriptions.delete(topic);
      this.pubsub.unsubscribe(id);
    });
  }

  private describe(): string {
    if (this.closing !== null) return 'closed';
    if (!this.subscriber.up) return `subscriber: ${this.subscriber.detail}`;
    if (!this.channels.intact) return 'subscriber: subscribing again';
    if (!this.publisher.up) return `publisher: ${this.publisher.detail}`;
    return this.outgoing.flowing ? 'connected' : 'publisher: Redis refuses messages';
  }

  private channel(topic: string): string {
    return `${this.prefix}${topic}`;
  }
}
