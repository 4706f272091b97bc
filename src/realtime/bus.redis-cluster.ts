import { unavailable } from '../errors/domain-error';
import { withinTime } from '../lib/time-limit';
import { MAX_QUEUED, SUBSCRIBE_LIMIT_MS } from './bus';
import type { Bus, BusStatus, Unsubscribe } from './bus';
import { channelOf, RedisBus } from './bus.redis';
import { Notice } from './notice';
import type { Log } from './outage-log';
import type { OutgoingMessage } from './outgoing-queue';
import { RedisMasters } from './redis-masters';

export interface RedisClusterBusOptions {
  /** Nodes to ask first. They differ in host and port alone, and so do the nodes that they name. */
  readonly seeds: readonly string[];
  /** Before every channel's name: instances that share it share a bus. */
  readonly prefix: string;
  readonly log?: Log;
}

interface Subscription {
  readonly topic: string;
  readonly listener: (message: string) => void;
  /** Where it is listened to; null until that is acknowledged for the first time. */
  home: { readonly master: RedisBus; readonly leave: Unsubscribe } | null;
}

interface Refused extends OutgoingMessage {
  readonly by: RedisBus;
}

/** Masters that come back together are told of once. */
const TOGETHER_MS = 1_000;

/**
 * The bus over a Redis Cluster: a `RedisBus` on each master, and the topics spread over them by the slots of their channels. So every
 * bound, limit and breaker holds for each master, and one that is away keeps back its own topics alone.
 *
 * When a master goes, comes, or says that a topic is another's, the cluster is asked who serves what. Topics go where they belong, are
 * acknowledged there, and `onReconnect` tells of it; a message that was refused is sent there once more.
 */
export class RedisClusterBus implements Bus {
  readonly kind = 'redis';
  private readonly masters: RedisMasters;
  private readonly subscriptions = new Set<Subscription>();
  private readonly reconnected: Notice;
  /** Counts of masters that are gone, and of what nobody took. */
  private readonly past = { published: 0, dropped: 0 };
  private readonly refused: Refused[] = [];
  private moving = false;
  private telling: NodeJS.Timeout | null = null;
  private closing: Promise<void> | null = null;

  constructor(private readonly options: RedisClusterBusOptions) {
    this.reconnected = new Notice('bus reconnected', options.log);
    this.masters = new RedisMasters({
      seeds: options.seeds,
      open: (url, address) => this.openMaster(url, address),
      onAsked: (retired) => this.rearrange(retired),
    });
  }

  publish(topic: string, message: string): void {
    this.masterOf(topic).publish(topic, message);
  }

  async subscribe(topic: string, listener: (message: string) => void): Promise<Unsubscribe> {
    if (this.closing !== null) throw unavailable('SHUTTING_DOWN');
    if ([...this.masters.all.values()].every(({ away }) => away)) throw unavailable('BUS_UNAVAILABLE');
    const subscription: Subscription = { topic, listener, home: null };
    this.subscriptions.add(subscription);
    try {
      const settled = this.masters.known.promise.then(() => this.settle(subscription));
      await withinTime(settled, SUBSCRIBE_LIMIT_MS, () => unavailable('BUS_UNAVAILABLE'));
    } catch (error) {
      this.leave(subscription);
      throw error;
    }
    return () => this.leave(subscription);
  }

  onReconnect(listener: () => void): Unsubscribe {
    return this.reconnected.on(listener);
  }

  status(): BusStatus {
    const status = { topics: this.topics, queued: this.refused.length, ...this.past };
    for (const master of this.masters.all.values()) {
      const { queued, published, dropped } = master.status();
      status.queued += queued;
      status.published += published;
      status.dropped += dropped;
    }
    const trouble = this.trouble();
    return { state: trouble === null ? 'up' : 'degraded', detail: trouble ?? 'connected', ...status };
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.masters.close();
    this.reconnected.clear();
    if (this.telling !== null) clearTimeout(this.telling);
    this.past.dropped += this.refused.splice(0).length;
    await Promise.all([...this.masters.all.values()].map((master) => master.close()));
    this.subscriptions.clear();
  }

  private openMaster(url: string, address: string): RedisBus {
    const { prefix, log } = this.options;
    const master: RedisBus = new RedisBus({
      url,
      prefix,
      log,
      shard: { address, onDoubt: (refused) => (refused === undefined ? this.masters.doubt() : this.refuse({ ...refused, by: master })) },
    });
    master.onReconnect(() => this.tellWhenTogether());
    return master;
  }

  private masterOf(topic: string): RedisBus {
    return this.masters.of(channelOf(this.options.prefix, topic));
  }

  private refuse(message: Refused): void {
    if (this.closing !== null || this.refused.length >= MAX_QUEUED) this.past.dropped += 1;
    else this.refused.push(message);
    this.masters.doubt(message.by);
  }

  private rearrange(retired: readonly RedisBus[]): void {
    for (const master of retired) this.retire(master);
    for (const { topic, message, by } of this.refused.splice(0)) {
      if (this.masterOf(topic) === by) this.past.dropped += 1;
      else this.publish(topic, message);
    }
    void this.bringHome();
  }

  private retire(master: RedisBus): void {
    for (const { topic, message } of master.takeUnsent()) this.publish(topic, message);
    const { published, dropped } = master.status();
    this.past.published += published;
    this.past.dropped += dropped;
    void master.close();
  }

  private async bringHome(): Promise<void> {
    const astray = [...this.subscriptions].filter(({ topic, home }) => home !== null && home.master !== this.masterOf(topic));
    if (astray.length === 0) return;
    this.moving = true;
    const outcomes = await Promise.allSettled(astray.map((subscription) => this.settle(subscription)));
    this.moving = outcomes.some(({ status }) => status === 'rejected');
    if (this.moving) this.masters.retry();
    this.tellWhenTogether();
  }

  /** Listens at the topic's master, wherever that is when it is acknowledged, and then no longer where it did before. */
  private async settle(subscription: Subscription): Promise<void> {
    const { topic, listener } = subscription;
    const master = this.masterOf(topic);
    if (!this.subscriptions.has(subscription) || subscription.home?.master === master) return;
    const whileWanted = (message: string): void => {
      if (this.subscriptions.has(subscription)) listener(message);
    };
    const isStillRight = (): boolean => this.subscriptions.has(subscription) && this.masterOf(topic) === master;
    try {
      const leave = await master.subscribe(topic, whileWanted);
      const old = isStillRight() ? subscription.home?.leave : leave;
      if (isStillRight()) subscription.home = { master, leave };
      old?.();
    } catch (error) {
      if (isStillRight()) throw error;
    }
    await this.settle(subscription);
  }

  private leave(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
    subscription.home?.leave();
  }

  /** A master that stays away holds the news of the others up for a second. */
  private tellWhenTogether(): void {
    if (this.closing !== null) return;
    if ([...this.masters.all.values()].every(({ listening }) => listening)) this.tell();
    else this.telling ??= setTimeout(() => this.tell(), TOGETHER_MS).unref();
  }

  private tell(): void {
    if (this.telling !== null) clearTimeout(this.telling);
    this.telling = null;
    this.reconnected.give();
  }

  private get topics(): number {
    return new Set([...this.subscriptions].map(({ topic }) => topic)).size;
  }

  private trouble(): string | null {
    if (this.closing !== null) return 'closed';
    for (const [address, master] of this.masters.all) {
      const { state, detail } = master.status();
      if (state === 'degraded') return `${address}: ${detail}`;
    }
    if (!this.masters.complete) return 'some slots have no master';
    return this.moving ? 'topics are moving' : null;
  }
}
