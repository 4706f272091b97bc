import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/persistence/database';
import { migrate, MigrationError, migrationStatus, pendingMigrations, reset, rollback } from '../../src/persistence/migrate';
import { migrationsDirectory, readMigrations } from '../../src/persistence/migration-files';
import type { TestDatabase } from '../support/databases';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';
import { schemaOf } from '../support/schema-of';

describe.each(testBackends())('migrations on %s', (kind) => {
  let opened: TestDatabase;
  let database: Database;
  /** The checked-in migrations, to be changed by a test. */
  let directory: string;
  let names: string[];
  let first: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-migrations-'));
    await cp(migrationsDirectory(), directory, { recursive: true });
    names = (await readMigrations()).map(({ name }) => name);
    first = names[0] ?? '';
  });
  afterEach(() => rm(directory, { recursive: true }));

  const open = async (): Promise<void> => {
    opened = await openTestDatabase(kind);
    database = opened.database;
  };
  const drop = () => opened.drop();
  const add = async (name: string, up: string, down?: string): Promise<void> => {
    await mkdir(join(directory, name), { recursive: true });
    await writeFile(join(directory, name, 'migration.sql'), up);
    if (down !== undefined) await writeFile(join(directory, name, 'down.sql'), down);
  };
  const tableExists = async (table: string) => (await database.sql('SELECT 1 FROM pg_class WHERE relname = $1', [table])).length > 0;

  describe('that leave the database as it was', () => {
    beforeAll(open);
    afterAll(drop);

    test('a second migration does no harm', async () => {
      expect(await migrate(database)).toEqual([]);
      expect(await migrationStatus(database)).toEqual({ applied: names, pending: [], ahead: [] });
      expect(await pendingMigrations(database)).toEqual([]);
    });

    test('back to empty and forward again leaves the same schema', async () => {
      const before = await schemaOf(database);

      expect(await rollback(database, 100)).toEqual([...names].reverse());
      expect(await schemaOf(database)).toEqual([]);
      expect(await pendingMigrations(database)).toEqual(names);

      expect(await migrate(database)).toEqual(names);
      expect(await schemaOf(database)).toEqual(before);
    });

    test('rollback undoes the last one only, newest first', async () => {
      await add('29990101000000_one', 'CREATE TABLE one (id int); CREATE TABLE one_more (id int);', 'DROP TABLE one_more; DROP TABLE one;');
      await add('29990101000001_two', 'ALTER TABLE one ADD n int;', 'ALTER TABLE one DROP n;');
      expect(await migrate(database, directory)).toEqual(['29990101000000_one', '29990101000001_two']);

      expect(await rollback(database, 1, directory)).toEqual(['29990101000001_two']);
      expect(await pendingMigrations(database, directory)).toEqual(['29990101000001_two']);
      expect(await rollback(database, 1, directory)).toEqual(['29990101000000_one']);
      expect(await tableExists('one')).toBe(false);
    });

    test('what was applied is recorded as Prisma records it', async () => {
      const history = await database.sql('SELECT * FROM _prisma_migrations ORDER BY migration_name');
      const migrations = await readMigrations();

      expect(history).toEqual(
        migrations.map(({ name, checksum }) => ({
          id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          checksum,
          migration_name: name,
          started_at: expect.any(Date) as Date,
          finished_at: expect.any(Date) as Date,
          rolled_back_at: null,
          logs: null,
          applied_steps_count: 1,
        })),
      );
    });

    test('an applied migration that was changed is refused by name', async () => {
      await add(first, 'SELECT 1;');

      await expect(migrate(database, directory)).rejects.toThrow(`Migration ${first} was changed after it was applied`);
      await expect(pendingMigrations(database, directory)).rejects.toThrow(MigrationError);
    });

    test('an applied migration whose file is gone is refused', async () => {
      await rm(join(directory, first), { recursive: true });
      await add('29990101000000_other', 'SELECT 1;');

      await expect(migrate(database, directory)).rejects.toThrow(`The database has migration ${first}`);
    });

    test('reset empties whatever is there', async () => {
      const before = await schemaOf(database);
      await asOwner(database, 'CREATE TABLE stray (id int)');
      await database.as('system').sql(`INSERT INTO organizations (id, name) VALUES ('org_1', 'x')`);

      expect(await reset(database)).toEqual(names);

      expect(await schemaOf(database)).toEqual(before);
      expect(await database.as('system').sql('SELECT count(*) AS n FROM organizations')).toEqual([{ n: 0 }]);
    });
  });

  describe('that change it', () => {
    beforeEach(open);
    afterEach(drop);

    test('a failing script leaves nothing behind and is named; those before it stay', async () => {
      await add('29990101000000_good', 'CREATE TABLE good (id int);');
      await add('29990101000001_bad', 'CREATE TABLE half (id int); CREATE TABLE half (id int);');

      const outcome = migrate(database, directory);
      await expect(outcome).rejects.toBeInstanceOf(MigrationError);
      await expect(outcome).rejects.toThrow('29990101000001_bad failed; nothing of it was applied: relation "half" already exists (42P07)');

      expect([await tableExists('good'), await tableExists('half')]).toEqual([true, false]);
      expect(await pendingMigrations(database, directory)).toEqual(['29990101000001_bad']);
      await add('29990101000001_bad', 'CREATE TABLE half (id int);');
      expect(await migrate(database, directory)).toEqual(['29990101000001_bad']);
    });

    test('a migration that Prisma left unfinished is refused', async () => {
      await asOwner(database, 'UPDATE _prisma_migrations SET finished_at = NULL');

      await expect(migrate(database)).rejects.toThrow('was begun and not finished');
    });

    test('a database ahead of the code serves it, but is not rolled back by it', async () => {
      await add('29990101000000_newer', 'CREATE TABLE newer (id int);', 'DROP TABLE newer;');
      await migrate(database, directory);

      expect(await pendingMigrations(database)).toEqual([]);
      expect(await migrate(database)).toEqual([]);
      expect((await migrationStatus(database)).ahead).toEqual(['29990101000000_newer']);
      await expect(rollback(database)).rejects.toThrow('Only the newer version that applied 29990101000000_newer can roll back.');
    });

    test('without a way back nothing is undone', async () => {
      await add('29990101000000_final', 'CREATE TABLE final (id int);');
      await migrate(database, directory);

      await expect(rollback(database, 1, directory)).rejects.toThrow('has no down.sql');
      expect(await tableExists('final')).toBe(true);
    });

    test('two migrators at once: the second waits and finds nothing to do', async () => {
      await add('29990101000000_slow', 'CREATE TABLE slow (id int); SELECT pg_sleep(0.3);');

      const outcomes = await Promise.all([migrate(database, directory), migrate(database, directory), migrate(database, directory)]);

      expect(outcomes.flat()).toEqual(['29990101000000_slow']);
    });

    test('seats, votes and logs cannot go wrong in the database', async () => {
      await database.as('system').sql(`INSERT INTO organizations (id, name) VALUES ('o', 'o')`);
      await database.sql(
        `INSERT INTO sessions (id, organization_id, host_id, code, title, kind, medium, capacity) VALUES ('s', 'o', 'h', 'c', 't', 'CONFERENCE', 'CHAT', 1)`,
      );
      await database.sql(
        `INSERT INTO questions (id, session_id, asker_id, sender_id, sender_name, anonymous, body, status, score, created_at)
         VALUES ('q', 's', 'a', 'a', 'A', false, 'b', 'OPEN', 0, now())`,
      );
      const breaches: [string, string][] = [
        [`UPDATE sessions SET attendee_count = attendee_count + 2`, 'sessions_attendee_count_check'],
        [`UPDATE sessions SET attendee_count = attendee_count - 1`, 'sessions_attendee_count_check'],
        [`UPDATE questions SET upvotes = upvotes - 1`, 'questions_tally_check'],
        [`INSERT INTO votes (question_id, attendee_id, value) VALUES ('q', 'a', 0)`, 'votes_value_check'],
        [`INSERT INTO streams (id, epoch, head, tail) VALUES ('x', 'e', 1, 2)`, 'streams_range_check'],
      ];

      for (const [statement, constraint] of breaches)
        await expect(database.sql(statement)).rejects.toMatchObject({ state: '23514', constraint });
    });
  });
});
