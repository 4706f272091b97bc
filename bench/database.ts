import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { undoAtLast } from './at-last';

const ADMIN_URL = process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

export interface BenchDatabase {
  readonly name: string;
  readonly url: string;
  /** With whatever is connected to it. */
  readonly drop: () => Promise<void>;
}

/** An empty database of its own, on the server of `BENCH_DATABASE_URL`. */
export async function createDatabase(): Promise<BenchDatabase> {
  const name = `parley_bench_${randomBytes(6).toString('hex')}`;
  await run(ADMIN_URL, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(ADMIN_URL), { pathname: `/${name}` }).href;
  return { name, url, drop: undoAtLast(() => run(ADMIN_URL, `DROP DATABASE ${name} WITH (FORCE)`)) };
}

/** On a connection of its own. */
export async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** The processes of PostgreSQL that serve this database, this client's own excepted. */
export async function backendsOf(database: Client): Promise<number[]> {
  const { rows } = await database.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  return rows.map(({ pid }) => pid);
}
