import { once } from 'node:events';
import Redis from 'ioredis';
import type { Cluster, RedisOptions } from 'ioredis';
import { withinTime } from '../lib/time-limit';
import { backoffMs } from './backoff';
import { Heartbeat } from './heartbeat';
import { Notice } from './notice';
import { describeError, OutageLog } from './outage-log';
import type { Log } from './outage-log';

/** Where commands go: one server, or a cluster, whose commands go to the master of their keys. */
export interface RedisCommands {
  /** Rejects within half a second when there is no answer; at once, or nearly, when the server is known to be away. */
  readonly client: Redis | Cluster;
  /** There is reason to try again. */
  readonly wentUp: Notice;
  readonly up: boolean;
  close(): Promise<void>;
}

export interface RedisLinkOptions {
  /** `redis://` or `rediss://`, with user, password and database number as needed. */
  readonly url: string;
  /** How the connection is called in `CLIENT LIST` and in the log. */
  readonly name: string;
  readonly log?: Log;
  /** A command without an answer by then is rejected. */
  readonly commandTimeoutMs?: number;
}

const CONNECTING = 'connecting';
const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
const DISCONNECT_TIMEOUT_MS = 100;
export const CLOSE_TIMEOUT_MS = 500;

/** Of every connection, alone or one of a cluster's: nothing waits for it longer than this, and nothing is tried twice. */
export function connectionOptions(name: string, commandTimeoutMs = COMMAND_TIMEOUT_MS): RedisOptions {
  return {
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: commandTimeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    keepAlive: 10_000,
  };
}

/**
 * One connection to Redis that keeps itself alive: connects at once, tries again for ever with jitter, and is replaced when it does not
 * answer PING for 1.5 seconds (a frozen server, a network that swallows packets).
 *
 * Commands are never queued for a connection that is away and never tried twice: they reject at once then, else within
 * `commandTimeoutMs`. Nothing here throws or emits an unhandled error. An outage is logged at most once in 30 seconds.
 */
export class RedisLink implements RedisCommands {
  readonly client: Redis;
  /** Each time the connection becomes ready, the first time included. */
  readonly wentUp: Notice;
  /** When the connection is lost, and again for each try that fails. */
  readonly wentDown: Notice;
  private readonly outage: OutageLog;
  private readonly heartbeat: Heartbeat;
  private state: { readonly up: boolean; readonly detail: string } = { up: false, detail: CONNECTING };
  private lastError: string | null = null;
  private closing: Promise<void> | null = null;

  constructor({ url, name, log, commandTimeoutMs }: RedisLinkOptions) {
    this.wentUp = new Notice(`${name} is up`, log);
    this.wentDown = new Notice(`${name} is down`, log);
    this.outage = new OutageLog(`Redis (${name})`, log);
    this.client = new Redis(url, {
      ...connectionOptions(name, commandTimeoutMs),
      enableOfflineQueue: false,
      autoResubscribe: false,
      retryStrategy: backoffMs,
    });
    this.heartbeat = new Heartbeat(
      () => this.client.ping(),
      (detail) => this.replace(detail),
    );
    this.client.on('ready', () => this.goUp());
    this.client.on('error', (error) => {
      this.lastError = describeError(error);
    });
    this.client.on('close', () => this.goDown(this.lastError ?? 'connection closed'));
  }

  get up(): boolean {
    return this.state.up;
  }

  /** Whether it was found to be away, as against not yet connected. */
  get away(): boolean {
    return !this.state.up && this.state.detail !== CONNECTING;
  }

  /** Why it is away, or `connected`. */
  get detail(): string {
    return this.state.detail;
  }

  /** Gives the connection up for a new one. */
  replace(why: string): void {
    this.goDown(why);
    this.client.disconnect(true);
  }

  /** Ends the connection without waiting for answers. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.heartbeat.stop();
    this.state = { up: false, detail: 'closed' };
    // Between two tries there is no socket, and ioredis then tells no end.
    const ended = ['reconnecting', 'end'].includes(this.client.status) ? null : once(this.client, 'end');
    this.client.disconnect();
    if (ended !== null) await withinTime(ended, CLOSE_TIMEOUT_MS, () => new Error('no end')).catch(() => undefined);
  }

  private goUp(): void {
    if (this.closing !== null || this.client.status !== 'ready') return;
    this.lastError = null;
    this.state = { up: true, detail: 'connected' };
    this.outage.back();
    this.heartbeat.start();
    this.wentUp.give();
  }

  private goDown(detail: string): void {
    if (this.closing !== null) return;
    this.heartbeat.stop();
    this.state = { up: false, detail };
    this.outage.away(detail);
    this.wentDown.give();
  }
}
