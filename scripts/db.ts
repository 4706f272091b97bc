import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../src/config/load';
import type { Database } from '../src/persistence/database';
import { DirectoryLockedError } from '../src/persistence/directory-lock';
import { migrate, MigrationError, migrationStatus, reset, rollback } from '../src/persistence/migrate';
import { diffSchema, writeMigration } from './db-diff';
import { openDatabase } from './open-database';

const HELP = `Usage: npm run db:<command> -- [argument]

  db:migrate        apply the pending migrations
  db:rollback [n]   undo the last migration, or the last n
  db:reset          empty the database and migrate it; all data is lost (in production only with --force)
  db:seed           fill a migrated database with an organization, a host and a live session
  db:diff <name>    write the migration from the checked-in ones to prisma/schema.prisma, and back
                    (--check instead of a name: write nothing, fail when one is missing)
  db:status         list the migrations, applied and pending

The database is PARLEY_MIGRATION_DATABASE_URL or DATABASE_URL when one is set, otherwise the embedded one in PARLEY_DATA_DIR (.parley).
Exit code: 0 done, 1 failed, 2 wrong usage; db:status also exits with 1 when migrations are pending.`;

class UsageError extends Error {}

interface Flags {
  readonly force: boolean;
  readonly check: boolean;
}

type Command = (args: readonly string[], flags: Flags) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  migrate: (args) => withDatabase(expectNone(args), async (database) => report('Applied', await migrate(database), 'Nothing to apply.')),

  rollback: (args) => {
    const count = readCount(args);
    return withDatabase([], async (database) => report('Rolled back', await rollback(database, count), 'Nothing to roll back.'));
  },

  reset: (args, { force }) => {
    if (process.env.NODE_ENV === 'production' && !force) throw new UsageError('db:reset destroys all data; in production add --force.');
    return withDatabase(expectNone(args), async (database) => report('Applied', await reset(database), 'The database is empty.'));
  },

  seed: async (args) => {
    expectNone(args);
    await loadSeed().seed();
    return 0;
  },

  diff: async (args, { check }) => {
    const [name, ...rest] = args;
    expectNone(rest);
    if (!check && (name === undefined || !/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name)))
      throw new UsageError('db:diff needs a name like add_polls.');
    const diff = await diffSchema();
    if (!diff) return say('No change.');
    if (check || name === undefined)
      return fail(`The migrations do not lead to prisma/schema.prisma: npm run db:diff -- <name>\n\n${diff.up}`);
    const directory = await writeMigration(name, diff);
    return say(`Wrote ${relative(process.cwd(), directory)}: read both files, and complete what Prisma cannot express.`);
  },

  status: (args) =>
    withDatabase(expectNone(args), async (database) => {
      const { applied, pending, ahead } = await database.exclusive((connection) => migrationStatus(connection));
      for (const name of applied) say(`applied  ${name}`);
      for (const name of ahead) say(`ahead    ${name}`);
      for (const name of pending) say(`pending  ${name}`);
      return pending.length > 0 ? 1 : 0;
    }),
};

async function main(): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        force: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
      },
    });
    const [name, ...args] = positionals;
    if (values.help) return say(HELP);
    const command = name === undefined ? undefined : COMMANDS[name];
    if (!command) throw new UsageError(name === undefined ? 'Which command?' : `There is no command ${name}.`);
    return await command(args, values);
  } catch (error) {
    return complain(error);
  }
}

/** Only on demand: the seed goes through the real services, and with them comes the whole server. */
function loadSeed(): typeof import('./seed') {
  return createRequire(__filename)('./seed') as typeof import('./seed');
}

async function withDatabase(_noArguments: readonly [], work: (database: Database) => Promise<number>): Promise<number> {
  const database = await openDatabase();
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function expectNone(args: readonly string[]): [] {
  if (args.length > 0) throw new UsageError(`Unexpected: ${args.join(' ')}.`);
  return [];
}

function readCount([count = '1', ...rest]: readonly string[]): number {
  expectNone(rest);
  if (!/^[1-9]\d{0,3}$/.test(count)) throw new UsageError(`${count} is not a number of migrations.`);
  return Number(count);
}

function report(done: string, names: readonly string[], nothing: string): number {
  return say(names.length > 0 ? names.map((name) => `${done} ${name}`).join('\n') : nothing);
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}

function complain(error: unknown): number {
  if (error instanceof UsageError || isParseError(error)) {
    process.stderr.write(`${error.message}\n\n${HELP}\n`);
    return 2;
  }
  return fail(explain(error));
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/** Failures with a message of their own need no stack; others show where they came from, and what was behind them. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof MigrationError || error instanceof DirectoryLockedError) return error.message;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}` : (error.stack ?? error.message);
}

void main().then((code) => {
  process.exitCode = code;
});
