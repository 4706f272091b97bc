import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Database, ExclusiveConnection, PoolStats, SqlValue, Tx } from './database';
import { endsConnection, toFailure } from './failure';
import { Gate } from './gate';
import { createOrm } from './orm';
import { encode, PARSERS } from './sql-values';
import { commitRefused, withRetries, withTx } from './transaction';

export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  /** Told of connections that broke while nobody used them. They are replaced on demand, so this is for the log. */
  readonly onError?: (error: Error) => void;
}

/**
 * A frozen server looks like a slow one, so the client must be the one that gives up. Callers are promised an answer within two
 * seconds: getting a connection and the first answer share `PATIENCE_MS`, each later statement of a transaction has it anew. BEGIN does
 * not count as that answer: nothing can hold it up.
 * A connection whose statement ran out of patience is thrown away, because its answer may still come.
 */
const PATIENCE_MS = 1_800;
const CONNECT_PATIENCE_MS = 1_500;
const ROLLBACK_PATIENCE_MS = 500;

/**
 * Times are UTC because Prisma's adapter reads and writes timestamps without a zone. The server's own time limits end what the
 * client has abandoned: at once when it notices the closed socket, else after these.
 */
const INTERACTIVE = {
  TimeZone: 'UTC',
  statement_timeout: '5s',
  idle_in_transaction_session_timeout: '10s',
  client_connection_check_interval: '1s',
};
const UNLIMITED = { TimeZone: 'UTC', statement_timeout: '0', idle_in_transaction_session_timeout: '0' };

interface Statement extends pg.QueryConfig<(string | null)[]> {
  readonly query_timeout?: number;
}

/** Opens nothing yet: an unreachable server is found by the first statement, as `UNAVAILABLE`. */
export function createPostgresDatabase(options: PostgresOptions): Promise<Database> {
  return Promise.resolve(new PostgresDatabase(options));
}

class PostgresDatabase implements Database {
  readonly kind = 'postgres';
  readonly orm: ReturnType<typeof createOrm>;
  private readonly pool: pg.Pool;
  /** The pool does the queueing; the gate only knows when everybody has left. */
  private readonly gate = new Gate(Infinity, 0);
  private closed: Promise<void> | null = null;

  constructor(private readonly options: PostgresOptions) {
    this.pool = this.createPool();
    this.orm = createOrm(new PrismaPg(this.pool), this.gate);
  }

  async sql<Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    const { rows } = await this.gate.run(() => this.queryOnce<Row>(statement(text, values)));
    return rows;
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.gate.run(() => withRetries(() => this.attempt(work)));
  }

  exclusive<T>(work: (connection: ExclusiveConnection) => Promise<T>): Promise<T> {
    return this.gate.run(async () => {
      const client = new pg.Client({
        connectionString: withSettings(this.options.url, UNLIMITED),
        connectionTimeoutMillis: CONNECT_PATIENCE_MS,
        keepAlive: true,
      });
      client.on('error', ignore);
      try {
        await client.connect().catch(fail);
        return await work(exclusiveConnection(client));
      } finally {
        await client.end();
      }
    });
  }

  async ping(): Promise<void> {
    await this.sql('SELECT 1');
  }

  poolStats(): PoolStats {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  close(): Promise<void> {
    this.closed ??= this.gate.close().then(async () => {
      await this.orm.$disconnect();
      await this.pool.end();
    });
    return this.closed;
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    const lease = await this.lease();
    try {
      await lease.query({ text: 'BEGIN' }, remaining(deadline));
      let patienceMs = remaining(deadline);
      const result = await withTx(async <Row extends object>(text: string, values: readonly SqlValue[] = []) => {
        const { rows } = await lease.query<Row>(statement(text, values), patienceMs);
        patienceMs = PATIENCE_MS;
        return rows;
      }, work);
      const { command } = await lease.query({ text: 'COMMIT' }, PATIENCE_MS);
      if (command !== 'COMMIT') throw commitRefused();
      return result;
    } catch (error) {
      await lease.rollback();
      throw error;
    } finally {
      lease.release();
    }
  }

  private async lease(): Promise<Lease> {
    return new Lease(await this.pool.connect().catch(fail));
  }

  private async queryOnce<Row extends object>(config: Statement): Promise<Answer<Row>> {
    const deadline = performance.now() + PATIENCE_MS;
    const lease = await this.lease();
    try {
      return await lease.query<Row>(config, remaining(deadline));
    } finally {
      lease.release();
    }
  }

  /**
   * pg's own `pool.query`, which Prisma's adapter calls, throws the connection away after any error, a mere unique violation
   * included, and waits for connection and answer one after the other: so it is replaced by ours.
   */
  private createPool(): pg.Pool {
    const onError = this.options.onError ?? ignore;
    const pool = new pg.Pool({
      connectionString: withSettings(this.options.url, INTERACTIVE),
      max: this.options.poolSize,
      connectionTimeoutMillis: CONNECT_PATIENCE_MS,
      query_timeout: PATIENCE_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    pool.on('error', onError);
    // While a connection is lent out the pool does not listen, and an 'error' nobody listens to ends the process.
    pool.on('connect', (client) => client.on('error', ignore));
    // Prisma's adapter gives connections back as good whatever happened to its transaction.
    pool.on('release', (_error, client) => {
      if (client.getTransactionStatus() !== 'I' && client instanceof pg.Client) void client.end();
    });
    return Object.assign(pool, { query: (config: Statement) => this.queryOnce(config) });
  }
}

interface Answer<Row> {
  readonly rows: Row[];
  readonly command: string;
}

/** A connection lent by the pool, which remembers whether it may be lent again. */
class Lease {
  private broken = false;

  constructor(private readonly client: pg.PoolClient) {}

  async query<Row extends object>(config: Statement, patienceMs: number): Promise<Answer<Row>> {
    const timed: Statement = { ...config, query_timeout: patienceMs };
    try {
      return await this.client.query(timed);
    } catch (error) {
      this.broken ||= endsConnection(error);
      return fail(error);
    }
  }

  /** Never throws: a connection that cannot roll back is ended, and the server rolls back for it. */
  async rollback(): Promise<void> {
    if (this.broken) return;
    await this.query({ text: 'ROLLBACK' }, ROLLBACK_PATIENCE_MS).catch(() => {
      this.broken = true;
    });
  }

  release(): void {
    this.client.release(this.broken);
  }
}

function exclusiveConnection(client: pg.Client): ExclusiveConnection {
  const sql = async <Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> => {
    const { rows }: Answer<Row> = await client.query(statement(text, values)).catch(fail);
    return rows;
  };
  const script = async (text: string): Promise<void> => {
    await sql(text);
  };
  return {
    sql,
    transaction: async (work) => {
      await sql('BEGIN');
      try {
        const result = await withTx(sql, (tx) => work({ ...tx, script }));
        const { command } = await client.query('COMMIT').catch(fail);
        if (command !== 'COMMIT') throw commitRefused();
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(ignore);
        throw error;
      }
    },
  };
}

/** No values, no Parse and Bind: pg then sends a simple query, which may hold several statements. */
function statement(text: string, values: readonly SqlValue[]): Statement {
  return { text, values: encode(values), types: { getTypeParser: parserOf } };
}

function parserOf(oid: number): unknown {
  return PARSERS[oid] ?? pg.types.getTypeParser(oid);
}

/** Session settings travel in the connection's first packet, beside whatever `options` the URL has already. */
function withSettings(url: string, settings: Readonly<Record<string, string>>): string {
  const flags = encodeURIComponent(
    Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  );
  if (/[?&]options=/.test(url)) return url.replace(/([?&]options=[^&]*)/, `$1%20${flags}`);
  return `${url}${url.includes('?') ? '&' : '?'}options=${flags}`;
}

function remaining(deadline: number): number {
  return Math.max(1, deadline - performance.now());
}

function fail(error: unknown): never {
  throw toFailure(error);
}

function ignore(): void {
  // Reported already: to the statement that was running, or by the pool.
}
