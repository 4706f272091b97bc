import { Socket } from 'node:net';
import pg from 'pg';
import { unavailable } from '../errors/domain-error';
import { deferred } from '../lib/deferred';
import type { Deferred } from '../lib/deferred';
import { backoffMs } from './backoff';
import { Heartbeat } from './heartbeat';
import { Notice } from './notice';
import { describeError, OutageLog } from './outage-log';
import type { Log } from './outage-log';

export interface PostgresLinkOptions {
  readonly url: string;
  /** How the connection is called in `pg_stat_activity` and in the log. */
  readonly name: string;
  readonly log?: Log;
  /** Run on every new connection before it counts as up. */
  readonly prepare?: (client: pg.Client) => Promise<void>;
}

interface Connection {
  readonly client: pg.Client;
  readonly socket: Socket;
  /** Settled when the connection is free for the next statement. */
  turn: Promise<unknown>;
}

const CONNECTING = 'connecting';
const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 2_000;

/**
 * One session of PostgreSQL outside any pool, for LISTEN and NOTIFY. Connects at once, tries again for ever with jitter, and is replaced
 * when it does not answer for 1.5 seconds. Needs a session of its own: a transaction pooler (PgBouncer) in between cannot keep it.
 * An outage is logged at most once in 30 seconds; nothing here throws or emits an unhandled error.
 */
export class PostgresLink {
  /** Each time the connection becomes ready, the first time included. */
  readonly wentUp: Notice;
  /** When the connection is lost, and again for each try that fails. */
  readonly wentDown: Notice;
  private readonly outage: OutageLog;
  private readonly heartbeat: Heartbeat;
  private connection: Connection | null = null;
  private upNow = quiet(deferred());
  private state: { readonly up: boolean; readonly detail: string } = { up: false, detail: CONNECTING };
  private attempts = 0;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(private readonly options: PostgresLinkOptions) {
    const { name, log } = options;
    this.wentUp = new Notice(`${name} is up`, log);
    this.wentDown = new Notice(`${name} is down`, log);
    this.outage = new OutageLog(`PostgreSQL (${name})`, log);
    this.heartbeat = new Heartbeat(
      () => this.query('SELECT 1'),
      (detail) => this.lose(this.connection, detail),
    );
    void this.connect();
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

  /** Resolves when the link is up: at once, or after the outage. Rejects when it is closed instead. */
  whenUp(): Promise<void> {
    return this.upNow.promise;
  }

  /** Rejects at once when the link is away, else within two seconds. */
  async query(text: string, values: unknown[] = []): Promise<void> {
    const { connection } = this;
    if (connection === null || !this.state.up) throw new Error(this.state.detail);
    const answered = connection.turn.then(() => connection.client.query(text, values));
    connection.turn = answered.catch(() => undefined);
    await answered;
  }

  /** Ends the connection without waiting for answers. Idempotent. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.heartbeat.stop();
    if (this.timer !== null) clearTimeout(this.timer);
    this.state = { up: false, detail: 'closed' };
    this.upNow.reject(unavailable('SHUTTING_DOWN'));
    await end(this.connection);
    this.connection = null;
  }

  private async connect(): Promise<void> {
    const connection = this.open();
    this.connection = connection;
    try {
      await connection.client.connect();
      await this.options.prepare?.(connection.client);
      if (this.connection === connection) this.goUp();
    } catch (error) {
      this.lose(connection, describeError(error));
    }
  }

  /** The socket is ours because pg has no way to drop a connection whose other side is silent. */
  private open(): Connection {
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: this.options.url,
      application_name: this.options.name,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      stream: () => socket,
    });
    const connection: Connection = { client, socket, turn: Promise.resolve() };
    client.on('error', (error) => this.lose(connection, describeError(error)));
    client.on('end', () => this.lose(connection, 'connection closed'));
    return connection;
  }

  private goUp(): void {
    this.attempts = 0;
    this.state = { up: true, detail: 'connected' };
    this.outage.back();
    this.heartbeat.start();
    this.upNow.resolve();
    this.wentUp.give();
  }

  private lose(connection: Connection | null, detail: string): void {
    if (connection === null || connection !== this.connection || this.closed) return;
    this.connection = null;
    this.heartbeat.stop();
    if (this.state.up) this.upNow = quiet(deferred());
    this.state = { up: false, detail };
    this.outage.away(detail);
    connection.socket.destroy();
    this.attempts += 1;
    this.timer = setTimeout(() => void this.connect(), backoffMs(this.attempts));
    this.timer.unref();
    this.wentDown.give();
  }
}

/** Nobody may be waiting for it. */
function quiet(waitedFor: Deferred): Deferred {
  waitedFor.promise.catch(() => undefined);
  return waitedFor;
}

/** The server rolls back and forgets a session when its socket closes; a polite goodbye would wait for a frozen one. */
function end(connection: Connection | null): Promise<void> {
  return new Promise((resolve) => {
    if (connection === null || connection.socket.destroyed) return resolve();
    connection.socket.once('close', () => resolve());
    connection.socket.destroy();
  });
}
