import type { Orm } from './orm';

export { isExclusionViolation, isUniqueViolation, SqlError, UNIQUE_VIOLATION } from './sql-error';

/** Somewhere SQL can be run: the database itself, or one transaction of it. */
export interface Db {
  /**
   * Runs one parameterised statement (`$1`, `$2`, …) and returns its rows.
   *
   * Values go in as text, numbers, booleans, null, Date, or arrays of these; JSON goes in as `JSON.stringify(…)` with a `::jsonb` cast.
   * Rows come out with int8 as number (our counters stay below 2^53), timestamptz as Date, jsonb parsed, numeric and date as text,
   * arrays of built-in types as arrays; an array of an enum comes out as one text unless it is cast to `text[]`.
   *
   * Throws `UNAVAILABLE` when the database cannot be reached or does not answer in time; any other failure is a `SqlError`
   * that carries the SQLSTATE, which repositories translate where it has a meaning in their domain.
   */
  sql<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]>;
}

/**
 * On whose behalf rows are read and written: the ids that somebody's rows carry, or the server itself, which sees all of them. The database
 * compares it with each row of the tables that have row security (docs/row-security.md).
 */
export type RowViewer = 'system' | readonly string[];

export type SqlValue = string | number | boolean | null | Date | readonly (string | number | boolean | null | Date)[];

/**
 * One open transaction. Everything inside `Database.transaction` must go through it and nothing else: PGlite has one connection.
 *
 * Statements that are given at once, none waiting for another, run in the order given, each seeing what was committed before it began;
 * PostgreSQL gets them in one round trip. When one of them fails, those behind it fail too.
 */
export interface Tx extends Db {
  readonly inTransaction: true;

  /**
   * Leaves a statement for the end: it runs when the work has resolved, after those left before, and shares the round trip of COMMIT.
   * `take` gets its rows before the transaction's promise resolves.
   */
  atCommit<Row extends object>(text: string, values: readonly SqlValue[], take?: (rows: Row[]) => void): void;
}

export function isTransaction(db: Db): db is Tx {
  return 'inTransaction' in db;
}

/** A transaction of an `ExclusiveConnection`. */
export interface ScriptTx extends Tx {
  /** Runs any number of statements, without parameters and without rows. They must not end the transaction. */
  script(text: string): Promise<void>;
}

/** What `Database.exclusive` lends. It is of no use once the work is over. */
export interface ExclusiveConnection extends Db {
  /** One transaction, run once. Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (tx: ScriptTx) => Promise<T>): Promise<T>;
}

/** Statements and transactions on behalf of one row viewer. */
export interface ScopedDatabase extends Db {
  /**
   * Runs `work` in one READ COMMITTED transaction and commits when it resolves, rolls back when it throws.
   * Serialisation failures and deadlocks (40001, 40P01) run `work` again, up to three times, with jitter: so `work` must have no
   * effect outside the transaction. Still in conflict after that, it is UNAVAILABLE and nothing was written.
   * When the connection breaks during COMMIT the outcome is unknown and the answer is UNAVAILABLE.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/**
 * The store of record: PGlite in process, or PostgreSQL 15 and later. Both keep the same promises. By itself it acts for nobody: tables
 * with row security are then empty, and refuse what is written.
 */
export interface Database extends ScopedDatabase {
  readonly kind: 'pglite' | 'postgres';

  /** The role that everything but `exclusive` runs as; null when that is whoever the URL signs in. */
  readonly role: string | null;

  /** The same database on somebody's behalf. It costs no round trip. */
  as(viewer: RowViewer): ScopedDatabase;

  /**
   * Prisma, for the breadth of the domain: reads and single-row writes outside transactions, on behalf of
   * nobody. Same failures as `sql`; only what Prisma finds out by itself (no record for `update`, `delete` or `…OrThrow`) stays Prisma's
   * P2025: prefer `updateMany` and `find…`.
   */
  readonly orm: Orm;

  /**
   * Runs `work` as the owner of the tables, whom row security does not bind, on a connection of its own, for migrations and their like: no
   * time limits, nothing is retried, and session locks last until it ends. PGlite has one session for everybody: there, `exclusive`
   * callers only wait for each other.
   */
  exclusive<T>(work: (connection: ExclusiveConnection) => Promise<T>): Promise<T>;

  /** Resolves when the database answers; throws UNAVAILABLE after at most two seconds. */
  ping(): Promise<void>;

  /** Connections in use, idle and waited for; PGlite counts as a pool of one. */
  poolStats(): PoolStats;

  /** Waits for what runs, then lets go of every connection. Idempotent. */
  close(): Promise<void>;
}

export interface PoolStats {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}
