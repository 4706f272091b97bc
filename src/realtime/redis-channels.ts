import type { Redis } from 'ioredis';
import { unavailable } from '../errors/domain-error';
import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import { jittered } from './backoff';
import { Notice } from './notice';
import type { RedisLink } from './redis-link';

const MAX_BATCH = 500;
const RETRY_MS = 1_000;

interface Subscriber {
  /** `acknowledged` is called for each channel that Redis has accepted, before it resolves or rejects. */
  subscribe(channels: readonly string[], acknowledged: (channel: string) => void): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
}

/**
 * The channels that one connection listens to: each subscribed once, acknowledged, and subscribed again after every outage. Sharded,
 * they are the master's own (SSUBSCRIBE) and heard as `smessage`.
 *
 * `client` is the connection as `RedisPubSub` may have it: its `subscribe` and `unsubscribe` go through here and always succeed.
 * Left to itself RedisPubSub turns a failed SUBSCRIBE, and an UNSUBSCRIBE that the connection's end cuts off, into unhandled rejections,
 * which end the process, and remembers the failed topic for ever.
 */
export class RedisChannels {
  readonly client: Redis;
  /** When every channel is listened to again after an outage. */
  readonly restored = new Notice('subscribed again');
  /** When Redis, though it is there, does not let channels be listened to; it is tried again. */
  readonly refused = new Notice('channels refused');
  /** Settled when Redis has acknowledged the channel on the present connection. */
  private readonly wanted = new Map<string, Deferred>();
  private readonly unacknowledged = new Map<string, Deferred>();
  private readonly send: Subscriber;
  private acknowledging = false;
  private interrupted = false;
  private retry: NodeJS.Timeout | null = null;

  constructor(
    private readonly link: RedisLink,
    sharded = false,
  ) {
    this.send = sharded ? shardedSubscriber(link) : plainSubscriber(link);
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
      this.refused.give();
      this.retryLater();
    } finally {
      this.acknowledging = false;
    }
  }

  private async acknowledgeBatch(batch: [string, Deferred][]): Promise<void> {
    const acknowledgements = new Map(batch);
    await this.send.subscribe([...acknowledgements.keys()], (channel) => this.settle(channel, acknowledgements.get(channel)));
  }

  /** A channel that was left and wanted again meanwhile has another acknowledgement to come: this answer is not for it. */
  private settle(channel: string, acknowledgement: Deferred | undefined): void {
    if (acknowledgement === undefined || this.unacknowledged.get(channel) !== acknowledgement) return;
    this.unacknowledged.delete(channel);
    acknowledgement.resolve();
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

function plainSubscriber({ client }: RedisLink): Subscriber {
  const subscribe = client.subscribe.bind(client);
  const unsubscribe = client.unsubscribe.bind(client);
  return {
    subscribe: async (channels, acknowledged) => {
      await subscribe(...channels);
      channels.forEach(acknowledged);
    },
    unsubscribe: (channel) => unsubscribe(channel),
  };
}

/**
 * One SSUBSCRIBE for each channel: one command takes channels of one slot alone.
 *
 * When a slot goes to another master, Redis ends its channels unasked. ioredis takes that for the answer to whatever was sent last, and
 * with the answer left over tells an error: what was acknowledged since is not to be believed, so the connection is replaced. To an
 * SSUBSCRIBE at the wrong master it answers with an event alone.
 */
function shardedSubscriber(link: RedisLink): Subscriber {
  let refuse: (reason: Error) => void = () => undefined;
  link.client.on('moved', () => refuse(new Error('The channel is another master’s.')));
  link.client.on('error', () => {
    if (link.up) link.replace('channels were ended unasked');
  });
  return {
    subscribe: (channels, acknowledged) =>
      new Promise<void>((resolve, reject) => {
        refuse = reject;
        const answers = channels.map((channel) => link.client.ssubscribe(channel).then(() => acknowledged(channel)));
        Promise.all(answers).then(() => resolve(), reject);
      }),
    unsubscribe: (channel) => link.client.sunsubscribe(channel),
  };
}
