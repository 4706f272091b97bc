import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digest } from '../lib/digest';

/** One checked-in step of the schema, as Prisma lays it out: `prisma/migrations/<name>/migration.sql`, and `down.sql` beside it. */
export interface Migration {
  /** `<timestamp>_<words>`: the order of names is the order of application. */
  readonly name: string;
  readonly up: string;
  /** Undoes `up`; null when there is no way back. */
  readonly down: string | null;
  /** SHA-256 of `migration.sql`, as Prisma records it. */
  readonly checksum: string;
}

/** Where package.json is, wherever this file runs from: `src` under a compiler hook, or `dist`. */
export function projectRoot(from = __dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('There is no package.json above the running code, so the migrations cannot be found.');
  return projectRoot(parent);
}

export function migrationsDirectory(): string {
  return join(projectRoot(), 'prisma', 'migrations');
}

/** All migrations in order. Throws when a directory has no `migration.sql`. */
export async function readMigrations(directory = migrationsDirectory()): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  return Promise.all(names.map((name) => readMigration(join(directory, name), name)));
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  const down = join(directory, 'down.sql');
  const up = await readFile(join(directory, 'migration.sql'), 'utf8');
  return {
    name,
    up,
    down: existsSync(down) ? await readFile(down, 'utf8') : null,
    checksum: digest(up),
  };
}
