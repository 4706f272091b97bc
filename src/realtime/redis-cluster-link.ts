import { once } from 'node:events';
import { Cluster } from 'ioredis';
import type { Redis, RedisOptions } from 'ioredis';
import { withinTime } from '../lib/time-limit';
import { backoffMs, jittered } from './backoff';
import { Heartbeat } from './heartbeat';
import { Notice } from './notice';
import { describeError, OutageLog } from './outage-log';
import type { Log } from './outage-log';
import { CLOSE_TIMEOUT_MS, connectionOptions } from './redis-link';
import type { RedisCommands } from './redis-link';

export interface RedisClusterLinkOptions {
  /** Nodes to ask first. They differ in host and port alone, and so do the nodes that they name. */
  readonly seeds: readonly string[];
  /** How the connections are called in `CLIENT LIST` and in the log. */
  readonly name: string;
  readonly log?: Log;
}

const ASK_AGAIN_MS = 500;
const MOVED_DELAY_MS = 50;
const REDIRECTIONS = 4;

/**
 * Commands to a Redis Cluster: a connection to each master, given up when it does not answer PING for 1.5 seconds. MOVED and ASK are
 * followed. Who serves what is asked every five seconds, upon MOVED, and half a second after a connection was lost or not made, which
 * connects to whoever is a master then; of the seeds when no connection is left.
 */
export class RedisClusterLink implements RedisCommands {
  readonly client: Cluster;
  readonly wentUp: Notice;
  private readonly outage: OutageLog;
  private asking: NodeJS.Timeout | null = null;
  private closing: Promise<void> | null = null;

  constructor({ seeds, name, log }: RedisClusterLinkOptions) {
    this.wentUp = new Notice(`${name} is up`, log);
    this.outage = new OutageLog(`Redis Cluster (${name})`, log);
    this.client = new Cluster([...seeds], {
      redisOptions: { ...accessOf(seeds), ...connectionOptions(name) },
      enableOfflineQueue: false,
      maxRedirections: REDIRECTIONS,
      // Paces what is sent astray while a master is away: each MOVED is a try to connect to it, and a question to the cluster.
      retryDelayOnMoved: MOVED_DELAY_MS,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      clusterRetryStrategy: backoffMs,
      // A node's name is left to its connection, which checks certificates against it.
      dnsLookup: (host, done) => done(null, host),
    });
    this.client.on('+node', (node: Redis) => this.watch(node));
    this.client.on('-node', () => this.askAgainSoon());
    this.client.on('node error', (error, address) => this.outage.away(`${String(address)}: ${describeError(error)}`));
    this.client.on('error', (error) => this.outage.away(describeError(error)));
  }

  /** Whether every master is connected, as far as they are known. */
  get up(): boolean {
    return this.client.status === 'ready' && this.client.nodes('master').every(({ status }) => status === 'ready');
  }

  /** Ends the connections without waiting for answers. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    if (this.asking !== null) clearTimeout(this.asking);
    const ended = once(this.client, 'end');
    this.client.disconnect();
    await withinTime(ended, CLOSE_TIMEOUT_MS, () => new Error('no end')).catch(() => undefined);
  }

  private watch(node: Redis): void {
    const heartbeat = new Heartbeat(
      () => node.ping(),
      () => node.disconnect(),
    );
    node.on('ready', () => {
      heartbeat.start();
      this.outage.back();
      this.wentUp.give();
    });
    node.on('close', () => heartbeat.stop());
    // Else the first command would connect it, and those until it is connected would be rejected. Replicas are never asked.
    if (node.options.readOnly !== true) node.connect().catch(() => undefined);
  }

  private askAgainSoon(): void {
    this.asking ??= setTimeout(() => {
      this.asking = null;
      if (this.client.status === 'ready') this.client.refreshSlotsCache();
    }, jittered(ASK_AGAIN_MS)).unref();
  }
}

/** What every node is connected to with: ioredis takes from a seed's URL only what it needs for that seed. */
function accessOf(seeds: readonly string[]): RedisOptions {
  const { protocol, username, password } = new URL(seeds[0] ?? '');
  return {
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
