import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, openAsBlob, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Database, SqlValue } from '../../src/persistence/database';
import { SqlError } from '../../src/persistence/database';
import { createPgliteDatabase, wrapPglite } from '../../src/persistence/database.pglite';
import { createPostgresDatabase } from '../../src/persistence/database.postgres';
import { migrate } from '../../src/persistence/migrate';
import { projectRoot, readMigrations } from '../../src/persistence/migration-files';

export type DatabaseKind = Database['kind'];

export interface TestDatabase {
  readonly database: Database;
  /** Where others may connect to it; null for PGlite. */
  readonly url: string | null;
  drop(): Promise<void>;
}

const POOL_SIZE = 10;
const PREFIX = 'parley_test';
const TEMPLATE_LOCK = 72_707_370;
const NO_SUCH_DATABASE = '3D000';
const IN_USE = '55006';

/** The server whose databases are cloned. Its own database stays untouched. */
export function testServerUrl(): string {
  return process.env.PARLEY_TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
}

/**
 * Which databases a suite runs on: PGlite always, PostgreSQL when a server answers; a run of PostgreSQL and Redis leaves PGlite
 * to the embedded run. A server that should be there and is not is told on stderr, and is an error with REQUIRE_BACKENDS=1, so
 * that no suite gets empty unseen.
 */
export function testBackends(): DatabaseKind[] {
  if (answers(testServerUrl())) return process.env.PARLEY_TEST_BACKENDS === 'postgres-redis' ? ['postgres'] : ['pglite', 'postgres'];
  const problem = `No PostgreSQL answers at ${testServerUrl()} (PARLEY_TEST_DATABASE_URL)`;
  if (process.env.REQUIRE_BACKENDS === '1') throw new Error(`${problem}, and REQUIRE_BACKENDS=1 demands one.`);
  process.stderr.write(`${problem}: only PGlite is tested.\n`);
  return ['pglite'];
}

/** A statement of the tables' owner, whom row security does not bind: for what a test looks at, or brings about, past the application. */
export function asOwner<Row extends object>(database: Database, text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
  return database.exclusive((connection) => connection.sql<Row>(text, values));
}

/** A migrated database of the test's own. */
export function openTestDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  return kind === 'pglite' ? openPgliteCopy() : openPostgresClone();
}

/** Drops the templates of this and earlier runs, and clones whose test process is gone. For jest's global teardown. */
export async function dropTestTemplates(): Promise<void> {
  if (!answers(testServerUrl())) return;
  await onServer(async (server) => {
    const databases = await server.sql<{ name: string }>("SELECT datname AS name FROM pg_database WHERE datname LIKE $1 || '\\_%'", [
      PREFIX,
    ]);
    for (const { name } of databases) if (isAbandoned(name)) await dropUnlessInUse(server, name);
  });
}

async function openPgliteCopy(): Promise<TestDatabase> {
  const database = await createPgliteDatabase({ dataDir: 'memory://', snapshot: await openAsBlob(await snapshotFile()) });
  return { database, url: null, drop: () => database.close() };
}

/** Made once per schema and kept between runs. Workers that race for it make the same file, and the last one's stays. */
async function snapshotFile(): Promise<string> {
  const directory = join(tmpdir(), PREFIX);
  const file = join(directory, `${await schemaHash()}.tar`);
  if (existsSync(file)) return file;
  await mkdir(directory, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, await migratedDump());
  await rename(draft, file);
  return file;
}

async function migratedDump(): Promise<Uint8Array> {
  const pglite = await PGlite.create('memory://');
  const database = await wrapPglite(pglite);
  try {
    await migrate(database);
    await asOwner(database, 'CHECKPOINT');
    const dump = await pglite.dumpDataDir('none');
    return new Uint8Array(await dump.arrayBuffer());
  } finally {
    await database.close();
  }
}

async function openPostgresClone(): Promise<TestDatabase> {
  const name = `${PREFIX}_${process.pid}_${randomUUID().slice(0, 8)}`;
  await onServer((server) => clone(server, name));
  const url = urlOf(name);
  const database = await createPostgresDatabase({ url, poolSize: POOL_SIZE });
  return {
    database,
    url,
    drop: async () => {
      await database.close();
      // A large one takes longer than a statement may.
      await onServer((server) => server.exclusive((connection) => connection.sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));
    },
  };
}

/** Another run may drop the template at its end, or hold it for a moment: then there is a next time. */
async function clone(server: Database, name: string): Promise<void> {
  const template = `${PREFIX}_template_${await schemaHash()}`;
  for (;;) {
    try {
      await requireTemplate(server, template);
      await server.exclusive((connection) => connection.sql(`CREATE DATABASE ${name} TEMPLATE ${template}`));
      return;
    } catch (error) {
      if (!(error instanceof SqlError) || (error.state !== NO_SUCH_DATABASE && error.state !== IN_USE)) throw error;
    }
  }
}

/** It gets its name when it is complete, so a template that exists is a good one. */
async function requireTemplate(server: Database, template: string): Promise<void> {
  await server.exclusive(async (connection) => {
    await connection.sql('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const found = await connection.sql('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (found.length > 0) return;
    const draft = `${PREFIX}_draft_${template.slice(-12)}`;
    await connection.sql(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
    await connection.sql(`CREATE DATABASE ${draft}`);
    const database = await createPostgresDatabase({ url: urlOf(draft), poolSize: 1 });
    await migrate(database).finally(() => database.close());
    await connection.sql(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  });
}

async function dropUnlessInUse(server: Database, name: string): Promise<void> {
  try {
    await server.exclusive((connection) => connection.sql(`DROP DATABASE IF EXISTS ${name}`));
  } catch (error) {
    if (!(error instanceof SqlError) || error.state !== IN_USE) throw error;
  }
}

async function onServer<T>(work: (server: Database) => Promise<T>): Promise<T> {
  const server = await createPostgresDatabase({ url: testServerUrl(), role: null, poolSize: 1 });
  return work(server).finally(() => server.close());
}

function urlOf(database: string): string {
  const url = new URL(testServerUrl());
  url.pathname = `/${database}`;
  return url.href;
}

/** Clones carry the pid of their test process. */
function isAbandoned(name: string): boolean {
  const pid = new RegExp(`^${PREFIX}_(\\d+)_`).exec(name)?.[1];
  if (pid === undefined) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch {
    return true;
  }
}

/** Everything that the contents of a freshly migrated database depend on. */
async function schemaHash(): Promise<string> {
  const pglite = readFileSync(join(projectRoot(), 'node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8');
  const hash = createHash('sha256').update(pglite);
  for (const { name, checksum } of await readMigrations()) hash.update(name).update(checksum);
  return hash.digest('hex').slice(0, 12);
}

/** In a process of its own, because suites are declared synchronously. */
function answers(url: string): boolean {
  const probe = `new (require('pg').Client)({ connectionString: process.argv[1], connectionTimeoutMillis: 2000 })
    .connect().then(() => process.exit(0), () => process.exit(1))`;
  return spawnSync(process.execPath, ['-e', probe, url], { cwd: projectRoot() }).status === 0;
}
