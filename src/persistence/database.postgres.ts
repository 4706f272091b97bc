import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { DEFAULT_ROLE } from './application-role';
import type { Database, ExclusiveConnection, PoolStats, RowViewer, ScopedDatabase, SqlValue, Tx } from './database';
import { endsConnection, toFailure } from './failure';
import { Gate } from './gate';
import { createOrm } from './orm';
import { PreparedStatements } from './prepared-statements';
import { statement } from './round-trips';
import type { Answer, Statement } from './round-trips';
import { actAs } from './row-viewer';
import { encode, PARSERS } from './sql-values';
import { commitRefused, inRoundTrips, withRetries, withTx } from './transaction';
import { Trip } from './trip';

export interface PostgresOptions {
  readonly url: string;
  /** Whom `exclusive` signs in as, when that is not the same: the owner of the tables. */
  readonly ownerUrl?: string | null;
  /** What the pool's connections run as: a role that owns nothing, `parley_app` unless another is named. Null: as they signed in. */
  readonly role?: string | null;
  readonly poolSize: number;
  /** How many statements each connection keeps prepared, 100 unless said otherwise; 0: none, for poolers that do not know them. */
  readonly preparedStatements?: number;
  /** Told of connections that broke while nobody used them. They are replaced on demand, so this is for the log. */
  readonly onError?: (error: Error) => void;
}

/**
 * A frozen server looks like a slow one, so the client must be the one that gives up. Callers are promised an answer within two
 * seconds: getting a connection and the first answer share `PATIENCE_MS`, each later statement of a transaction has it anew.
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

const PREPARED_STATEMENTS = 100;

/** Opens nothing yet: an unreachable server is found by the first statement, as `UNAVAILABLE`. */
export function createPostgresDatabase(options: PostgresOptions): Promise<Database> {
  return Promise.resolve(new PostgresDatabase(options));
}

class PostgresDatabase implements Database {
  readonly kind = 'postgres';
  readonly role: string | null;
  readonly orm: ReturnType<typeof createOrm>;
  private readonly pool: pg.Pool;
  /** The pool does the queueing; the gate only knows when everybody has left. */
  private readonly gate = new Gate(Infinity, 0);
  private closed: Promise<void> | null = null;
  private readonly prepared = new WeakMap<pg.PoolClient, PreparedStatements>();

  constructor(private readonly options: PostgresOptions) {
    this.role = options.role === undefined ? DEFAULT_ROLE : options.role;
    this.pool = this.createPool();
    this.orm = createOrm(new PrismaPg(this.pool), this.gate);
  }

  sql<Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return this.sqlAfter<Row>([], statement(text, values));
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.begin([], work);
  }

  /** Statements before one Sync are one transaction, so the viewer of a single statement travels with it and lasts as long as it does. */
  as(viewer: RowViewer): ScopedDatabase {
    const acting = actAs(viewer);
    return {
      sql: <Row extends object>(text: string, values?: readonly SqlValue[]) => this.sqlAfter<Row>([acting], statement(text, values)),
      transaction: (work) => this.begin([acting], work),
    };
  }

  exclusive<T>(work: (connection: ExclusiveConnection) => Promise<T>): Promise<T> {
    return this.gate.run(async () => {
      const client = new pg.Client({
        connectionString: withSettings(this.options.ownerUrl ?? this.options.url, UNLIMITED),
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

  private async sqlAfter<Row extends object>(leading: readonly Statement[], last: Statement): Promise<Row[]> {
    const statements = [...leading, last];
    const answers = await this.gate.run(() => this.lend((lease, patienceMs) => lease.queryTogether(statements, patienceMs)));
    return (answers.at(-1)?.rows ?? []) as Row[];
  }

  private begin<T>(leading: readonly Statement[], work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.gate.run(() => withRetries(() => this.attempt(leading, work)));
  }

  private async attempt<T>(leading: readonly Statement[], work: (tx: Tx) => Promise<T>): Promise<T> {
    let deadline: number | null = performance.now() + PATIENCE_MS;
    const lease = await this.lease();
    const send = (statements: readonly Statement[]): Promise<Answer[]> => {
      const patienceMs = deadline === null ? PATIENCE_MS : remaining(deadline);
      deadline = null;
      return lease.queryTogether(statements, patienceMs);
    };
    try {
      return await inRoundTrips(send, leading, work);
    } catch (error) {
      await lease.rollback();
      throw error;
    } finally {
      lease.release();
    }
  }

  private async lease(): Promise<Lease> {
    const client = await this.pool.connect().catch(fail);
    return new Lease(client, this.preparedOn(client));
  }

  private preparedOn(client: pg.PoolClient): PreparedStatements {
    const known = this.prepared.get(client);
    if (known !== undefined) return known;
    const prepared = new PreparedStatements(this.options.preparedStatements ?? PREPARED_STATEMENTS);
    this.prepared.set(client, prepared);
    return prepared;
  }

  private queryOnce(config: pg.QueryConfig): Promise<Answer> {
    return this.lend((lease, patienceMs) => lease.query(config, patienceMs));
  }

  /** A connection for one round trip. */
  private async lend<T>(use: (lease: Lease, patienceMs: number) => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    const lease = await this.lease();
    try {
      return await use(lease, remaining(deadline));
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
      connectionString: withSettings(this.options.url, this.role === null ? INTERACTIVE : { ...INTERACTIVE, role: this.role }),
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
    return Object.assign(pool, { query: (config: pg.QueryConfig) => this.queryOnce(config) });
  }
}

/** A connection lent by the pool, which remembers whether it may be lent again. */
class Lease {
  private broken = false;

  constructor(
    private readonly client: pg.PoolClient,
    private readonly prepared: PreparedStatements,
  ) {}

  query(config: pg.QueryConfig, patienceMs: number): Promise<Answer> {
    return this.watch(this.client.query<object>(Object.assign({ query_timeout: patienceMs }, config)));
  }

  queryTogether(statements: readonly Statement[], patienceMs: number): Promise<Answer[]> {
    return this.watch(
      new Promise((resolve, reject) => {
        const settle = (error: Error | null, answers: Answer[] = []): void => (error === null ? resolve(answers) : reject(error));
        this.client.query(new Trip(statements, this.prepared, settle, patienceMs));
      }),
    );
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

  private async watch<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.broken ||= endsConnection(error);
      return fail(error);
    }
  }
}

function exclusiveConnection(client: pg.Client): ExclusiveConnection {
  const sql = async <Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> => {
    const { rows } = await client.query<Row>(query(text, values)).catch(fail);
    return rows;
  };
  const script = async (text: string): Promise<void> => {
    await sql(text);
  };
  const commit = async (): Promise<void> => {
    const { command } = await client.query('COMMIT').catch(fail);
    if (command !== 'COMMIT') throw commitRefused();
  };
  return {
    sql,
    transaction: async (work) => {
      await sql('BEGIN');
      try {
        return await withTx(sql, commit, (tx) => work({ ...tx, script }));
      } catch (error) {
        await client.query('ROLLBACK').catch(ignore);
        throw error;
      }
    },
  };
}

/** No values, no Parse and Bind: pg then sends a simple query, which may hold several statements. */
function query(text: string, values: readonly SqlValue[]): pg.QueryConfig {
  return { text, values: encode(values), types: TYPES };
}

const TYPES: pg.CustomTypesConfig = { getTypeParser: (oid: number): unknown => PARSERS[oid] ?? pg.types.getTypeParser(oid) };

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
