import { unavailable } from '../errors/domain-error';
import { withinTime } from '../lib/time-limit';
import { SUBSCRIBE_LIMIT_MS } from './bus';
import type { Bus, BusStatus, Unsubscribe } from './bus';
import { Notice } from './notice';
import type { Log } from './outage-log';
import { OutgoingQueue } from './outgoing-queue';
import type { OutgoingMessage } from './outgoing-queue';
import { PostgresLink } from './postgres-link';
import { TopicListeners } from './topic-listeners';

export interface PostgresBusOptions {
  /** The database whose NOTIFY is used; instances on the same database share a bus. */
  readonly url: string;
  readonly log?: Log;
}

const CHANNEL = 'parley_bus';
const MAX_BATCH = 200;
const NOTIFY = `SELECT pg_notify('${CHANNEL}', payload) FROM unnest($1::text[]) AS payload`;

/**
 * The bus over PostgreSQL's LISTEN and NOTIFY, on two sessions of its own. Every instance hears every topic on one channel and picks:
 * LISTEN costs nothing per topic then, and a subscription is acknowledged as soon as the session listens.
 * NOTIFY is never part of a caller's transaction: at its commit all notifying transactions of the server queue up behind one lock.
 */
export class PostgresBus implements Bus {
  readonly kind = 'postgres';
  private readonly listener: PostgresLink;
  private readonly notifier: PostgresLink;
  private readonly listeners: TopicListeners;
  private readonly outgoing: OutgoingQueue;
  private readonly reconnected: Notice;
  private interrupted = false;
  private sent = 0;
  private closing: Promise<void> | null = null;

  constructor({ url, log }: PostgresBusOptions) {
    this.listeners = new TopicListeners(log);
    this.reconnected = new Notice('bus reconnected', log);
    this.listener = new PostgresLink({
      url,
      name: 'parley-bus-listener',
      log,
      prepare: async (client) => {
        client.on('notification', ({ payload = '' }) => this.receive(payload));
        await client.query(`LISTEN ${CHANNEL}`);
      },
    });
    this.notifier = new PostgresLink({
      url,
      name: 'parley-bus-notifier',
      log,
      // A notification does not outlive the server, so nobody need wait for the disk.
      prepare: async (client) => {
        await client.query('SET synchronous_commit TO off');
      },
    });
    this.outgoing = new OutgoingQueue({
      maxBatch: MAX_BATCH,
      send: (batch) => this.notifier.query(NOTIFY, [batch.map((message) => this.encode(message))]),
    });
    this.notifier.wentUp.on(() => this.outgoing.wake());
    this.listener.wentDown.on(() => {
      this.interrupted = true;
    });
    this.listener.wentUp.on(() => this.restored());
  }

  publish(topic: string, message: string): void {
    this.outgoing.push(topic, message);
  }

  async subscribe(topic: string, listener: (message: string) => void): Promise<Unsubscribe> {
    if (this.closing !== null) throw unavailable('SHUTTING_DOWN');
    if (this.listener.away) throw unavailable('BUS_UNAVAILABLE');
    const leave = this.listeners.add(topic, listener);
    try {
      await withinTime(this.listener.whenUp(), SUBSCRIBE_LIMIT_MS, () => unavailable('BUS_UNAVAILABLE'));
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
    const up = this.listener.up && this.notifier.up && this.outgoing.flowing;
    return { state: up ? 'up' : 'degraded', detail: this.describe(), topics: this.listeners.size, ...this.outgoing.stats };
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.outgoing.close();
    this.listeners.clear();
    this.reconnected.clear();
    await Promise.all([this.listener.close(), this.notifier.close()]);
  }

  private restored(): void {
    if (!this.interrupted) return;
    this.interrupted = false;
    this.reconnected.give();
  }

  /** Numbered, because PostgreSQL delivers equal payloads of one transaction once. Lengths, because escapes would cost room. */
  private encode({ topic, message }: OutgoingMessage): string {
    this.sent += 1;
    return `${this.sent}:${topic.length}:${topic}${message}`;
  }

  private receive(payload: string): void {
    const header = /^\d+:(\d+):/.exec(payload);
    if (header === null) return;
    const start = header[0].length;
    const end = start + Number(header[1]);
    this.listeners.deliver(payload.slice(start, end), payload.slice(end));
  }

  private describe(): string {
    if (this.closing !== null) return 'closed';
    if (!this.listener.up) return `listener: ${this.listener.detail}`;
    if (!this.notifier.up) return `notifier: ${this.notifier.detail}`;
    return this.outgoing.flowing ? 'connected' : 'notifier: PostgreSQL refuses messages';
  }
}
