import { randomUUID } from 'node:crypto';
import { createRole, grantTables } from './application-role';
import type { Database, Db, ExclusiveConnection } from './database';
import { SqlError } from './database';
import type { Migration } from './migration-files';
import { readMigrations } from './migration-files';

/** The number Prisma's own engine locks with: its CLI and this runner wait for each other. */
const MIGRATION_LOCK = 72_707_369;
const LOCK_PATIENCE = '60s';
const LOCK_NOT_AVAILABLE = '55P03';
const UNDEFINED_TABLE = '42P01';
const INSUFFICIENT_PRIVILEGE = '42501';

/** Prisma's own definition, word for word. */
const CREATE_HISTORY = `
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`;

/** History and files contradict each other, or a script failed; the database is as it was before that script. */
export class MigrationError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'MigrationError';
  }
}

interface HistoryRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied by a newer version of the code. It may serve beside this one, so this is no error. */
  readonly ahead: readonly string[];
}

/**
 * Applies what is pending, oldest first, each migration in one transaction with its row in `_prisma_migrations`, and returns the names.
 * Two migrators at once: the second waits (up to a minute) and finds nothing left to do. A failed script leaves nothing behind,
 * neither tables nor a row, and those before it stay applied. Throws `MigrationError`, also for an applied migration whose file
 * was changed or is gone, and for one that Prisma's CLI left unfinished. The application's role is made when it is missing, and may then
 * use what was made.
 */
export function migrate(database: Database, directory?: string): Promise<string[]> {
  return alone(database, (connection) => applyPending(connection, database.role, directory));
}

/**
 * Undoes the last `count` migrations, newest first, by their `down.sql`, and returns their names. Their rows are deleted:
 * to Prisma a row with `rolled_back_at` is a failed attempt that someone mended by hand, and this is neither.
 */
export function rollback(database: Database, count = 1, directory?: string): Promise<string[]> {
  return alone(database, async (connection) => {
    const migrations = await readMigrations(directory);
    const { applied, ahead } = await compare(connection, migrations);
    if (ahead.length > 0) throw new MigrationError(`Only the newer version that applied ${ahead.join(', ')} can roll back.`);
    const undone = migrations.slice(0, applied.length).reverse().slice(0, count);
    for (const migration of undone) await revert(connection, migration);
    return undone.map(({ name }) => name);
  });
}

/** Empties the database, whatever is in its schema, and applies every migration. All data is lost. */
export function reset(database: Database, directory?: string): Promise<string[]> {
  return alone(database, async (connection) => {
    await connection.transaction(async (tx) => {
      const [schema] = await tx.sql<{ name: string }>('SELECT quote_ident(current_schema()) AS name');
      if (!schema) throw new MigrationError('The connection has no schema to reset.');
      await tx.script(`DROP SCHEMA ${schema.name} CASCADE; CREATE SCHEMA ${schema.name};`);
    });
    return applyPending(connection, database.role, directory);
  });
}

/** What is applied and what is not, without changing or locking anything. Throws `MigrationError` like `migrate`. */
export async function migrationStatus(database: Db, directory?: string): Promise<MigrationStatus> {
  return compare(database, await readMigrations(directory));
}

/** The names of migrations this code brings and the database lacks. Empty means ready. Throws like `migrationStatus`. */
export async function pendingMigrations(database: Db, directory?: string): Promise<readonly string[]> {
  const { pending } = await migrationStatus(database, directory);
  return pending;
}

function alone<T>(database: Database, work: (connection: ExclusiveConnection) => Promise<T>): Promise<T> {
  return database.exclusive(async (connection) => {
    await takeLock(connection);
    try {
      return await work(connection);
    } finally {
      // A connection that cannot unlock has been lost, and its locks with it.
      await connection.sql('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    }
  });
}

async function takeLock(connection: ExclusiveConnection): Promise<void> {
  await connection.sql("SELECT set_config('lock_timeout', $1, false)", [LOCK_PATIENCE]);
  try {
    await connection.sql('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  } catch (error) {
    if (!(error instanceof SqlError) || error.state !== LOCK_NOT_AVAILABLE) throw error;
    throw new MigrationError(`Another migration has been running for more than ${LOCK_PATIENCE}.`, error);
  } finally {
    await connection.sql("SELECT set_config('lock_timeout', '0', false)");
  }
}

async function applyPending(connection: ExclusiveConnection, role: string | null, directory?: string): Promise<string[]> {
  const migrations = await readMigrations(directory);
  if (role !== null) await requireRole(connection, role);
  await connection.sql(CREATE_HISTORY);
  const { applied } = await compare(connection, migrations);
  const pending = migrations.slice(applied.length);
  for (const migration of pending) await apply(connection, migration);
  if (role !== null) await grantTables(connection, role);
  return pending.map(({ name }) => name);
}

async function requireRole(connection: ExclusiveConnection, role: string): Promise<void> {
  try {
    await createRole(connection, role);
  } catch (error) {
    if (!(error instanceof SqlError) || error.state !== INSUFFICIENT_PRIVILEGE) throw error;
    const [login] = await connection.sql<{ name: string }>('SELECT quote_ident(current_user) AS name');
    const remedy = `CREATE ROLE "${role}" NOLOGIN ROLE ${login?.name ?? '…'};`;
    throw new MigrationError(`The application's role is missing and may not be made from here; let an administrator run: ${remedy}`, error);
  }
}

async function apply(connection: ExclusiveConnection, { name, up, checksum }: Migration): Promise<void> {
  await connection.transaction(async (tx) => {
    await explained(`Migration ${name} failed; nothing of it was applied`, () => tx.script(up));
    await tx.sql(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count")
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
  });
}

async function revert(connection: ExclusiveConnection, { name, down }: Migration): Promise<void> {
  if (down === null) throw new MigrationError(`Migration ${name} has no down.sql, so it cannot be rolled back.`);
  await connection.transaction(async (tx) => {
    await explained(`Rolling back ${name} failed; it stays applied`, () => tx.script(down));
    await tx.sql('DELETE FROM "_prisma_migrations" WHERE "migration_name" = $1', [name]);
  });
}

async function explained(problem: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof SqlError ? new MigrationError(`${problem}: ${error.message} (${error.state}).`, error) : error;
  }
}

/** Proves that what was applied are the first of `migrations`, unchanged. */
async function compare(db: Db, migrations: readonly Migration[]): Promise<MigrationStatus> {
  const newest = migrations.at(-1)?.name ?? '';
  const history = await readHistory(db);
  const known = history.filter(({ name }) => name <= newest);
  known.forEach((row, index) => {
    check(row, migrations[index]);
  });
  return {
    applied: known.map(({ name }) => name),
    pending: migrations.slice(known.length).map(({ name }) => name),
    ahead: history.slice(known.length).map(({ name }) => name),
  };
}

function check({ name, checksum, finished }: HistoryRow, file: Migration | undefined): void {
  if (!finished) {
    throw new MigrationError(
      `Migration ${name} was begun and not finished (by Prisma's CLI). Mend the database, then \`prisma migrate resolve\`.`,
    );
  }
  if (file?.name !== name) {
    throw new MigrationError(
      `The database has migration ${name} where this version has ${file?.name ?? 'none'}: it was made by other code.`,
    );
  }
  if (file.checksum !== checksum) {
    throw new MigrationError(
      `Migration ${name} was changed after it was applied. Restore its migration.sql and put the change in a new migration.`,
    );
  }
}

async function readHistory(db: Db): Promise<HistoryRow[]> {
  try {
    return await db.sql<HistoryRow>(
      `SELECT "migration_name" AS "name", "checksum", "finished_at" IS NOT NULL AS "finished"
         FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL ORDER BY "migration_name" COLLATE "C"`,
    );
  } catch (error) {
    if (error instanceof SqlError && error.state === UNDEFINED_TABLE) return [];
    throw error;
  }
}
