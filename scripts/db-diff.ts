import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { migrationsDirectory, readMigrations } from '../src/persistence/migration-files';
import type { SchemaEngine } from './schema-engine';
import { openSchemaEngine, readSchema } from './schema-engine';

type DiffTarget = Parameters<SchemaEngine['diff']>[0]['from'];

/** Leads from the checked-in migrations to prisma/schema.prisma, and back. */
export interface SchemaDiff {
  readonly up: string;
  readonly down: string;
}

/** What the migrations lack; null when they lead to the schema. Works on a database in memory, so it needs no other. */
export async function diffSchema(): Promise<SchemaDiff | null> {
  const pglite = await PGlite.create('memory://');
  try {
    for (const { up } of await readMigrations()) await pglite.exec(up);
    const schema = await readSchema();
    const engine = await openSchemaEngine(pglite, schema);
    const migrated: DiffTarget = { tag: 'schemaDatasource', files: [schema], configDir: dirname(schema.path) };
    const wanted: DiffTarget = { tag: 'schemaDatamodel', files: [schema] };
    const up = await script(engine, migrated, wanted);
    const down = await script(engine, wanted, migrated);
    return up === null ? null : { up, down: down ?? '' };
  } finally {
    await pglite.close();
  }
}

/** Writes the migration where `migrate` finds it, and returns its directory. */
export async function writeMigration(name: string, { up, down }: SchemaDiff, now = new Date()): Promise<string> {
  const timestamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const directory = join(migrationsDirectory(), `${timestamp}_${name}`);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'migration.sql'), up);
  await writeFile(join(directory, 'down.sql'), down);
  return directory;
}

async function script(engine: SchemaEngine, from: DiffTarget, to: DiffTarget): Promise<string | null> {
  const filters = { externalTables: [], externalEnums: [] };
  const { exitCode, stdout } = await engine.diff({ from, to, script: true, exitCode: true, filters });
  // The engine names the schema it has read from; ours is whichever the connection chooses.
  return exitCode === 2 && stdout !== null ? stdout.replaceAll('"public".', '') : null;
}
