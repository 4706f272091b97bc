import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import { unavailable } from '../errors/domain-error';
import { withinTime } from '../lib/time-limit';
import { SUBSCRIBE_LIMIT_MS } from './bus';
import type { Bus, BusStatus, Unsubscribe } from './bus';
import { Notice } from './notice';
import type { Log } from './outage-log';
import { OutgoingQueue } from './outgoing-queue';
import type { OutgoingMessage } from './outgoing-queue';
import { RedisChannels } from './redis-channels';
import { RedisLink } from './redis-link';
import { TopicListeners } from './topic-listeners';

export interface RedisBusOptions {
  readonly url: string;
  /** Before every channel's name: instances that share it share a bus. */
  readonly prefix: string;
  readonly log?: Log;
  /** Set for one master of a cluster, which has its part of the topics. */
  readonly shard?: RedisShard;
}

export interface RedisShard {
  /** Its `host:port`. */
  readonly address: string;
  /** Called when topics may have gone to another master: with a message that was refused for that, else when it went, came or refused. */
  readonly onDoubt: (refused?: OutgoingMessage) => void;
}

/** The channel that carries a topic: what decides about its master in a cluster. */
export function channelOf(prefix: string, topic: string): string {
  return `${prefix}bus:${topic}`;
}

/** How many PUBLISH commands may be on their way at once. */
const MAX_BATCH = 1_000;

/**
 * The bus over Redis PUBLISH/SUBSCRIBE (SPUBLISH/SSUBSCRIBE as a shard), on two connections of its own. `RedisPubSub` sends and dispatches plain text; what it leaves open
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
  private readonly shard: RedisShard | undefined;
  private closing: Promise<void> | null = null;

  constructor({ url, prefix, log, shard }: RedisBusOptions) {
    this.prefix = prefix;
    this.listeners = new TopicListeners(log);
    this.reconnected = new Notice('bus reconnected', log);
    this.shard = shard;
    const at = shard === undefined ? '' : `@${shard.address}`;
    this.publisher = new RedisLink({ url, name: `${prefix}bus-publisher${at}`, log });
    this.subscriber = new RedisLink({ url, name: `${prefix}bus-subscriber${at}`, log, commandTimeoutMs: SUBSCRIBE_LIMIT_MS });
    this.channels = new RedisChannels(this.subscriber, shard !== undefined);
    this.pubsub = new RedisPubSub({
      publisher: shard === undefined ? this.publisher.client : shardPublisher(this.publisher.client),
      subscriber: this.channels.client,
      messageEventName: shard === undefined ? 'message' : 'smessage',
      serializer: String,
      deserializer: String,
    });
    this.outgoing = new OutgoingQueue({
      maxBatch: MAX_BATCH,
      send: async (batch) => {
        await Promise.all(batch.map((message) => this.send(message)));
      },
    });
    this.publisher.wentUp.on(() => this.outgoing.wake());
    this.channels.restored.on(() => this.reconnected.give());
    if (shard !== undefined) this.listenForDoubts(shard);
  }

  /** Whether every topic is listened to, as far as is known. */
  get listening(): boolean {
    return this.channels.intact;
  }

  /** Whether Redis was found to be away, as against not yet connected. */
  get away(): boolean {
    return this.subscriber.away;
  }

  /** What this node of a cluster knows of who serves what. */
  async slots(): Promise<unknown> {
    return this.publisher.client.cluster('SLOTS');
  }

  /** Takes what waits to be sent, for another bus. */
  takeUnsent(): readonly OutgoingMessage[] {
    return this.outgoing.takeAll();
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

  private async send(outgoing: OutgoingMessage): Promise<void> {
    try {
      await this.pubsub.publish(this.channel(outgoing.topic), outgoing.message);
    } catch (error) {
      if (this.shard === undefined || !isMoved(error)) throw error;
      this.shard.onDoubt(outgoing);
    }
  }

  private listenForDoubts({ onDoubt }: RedisShard): void {
    const notices = [this.publisher.wentUp, this.publisher.wentDown, this.subscriber.wentDown, this.channels.refused];
    for (const notice of notices) notice.on(() => onDoubt());
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
    return channelOf(this.prefix, topic);
  }
}

/** The connection as `RedisPubSub` may have it. */
function shardPublisher(client: Redis): Redis {
  return Object.assign(client, { publish: (channel: string, message: string) => client.spublish(channel, message) });
}

function isMoved(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('MOVED ');
}
