import { spawnSync } from 'node:child_process';
import { projectRoot } from '../../src/persistence/migration-files';

/** In a process of its own: the engine is an ES module. */
function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['-r', './scripts/register.cjs', ...args], { cwd: projectRoot(), encoding: 'utf8' });
}

describe("Prisma's own schema engine", () => {
  test('finds that the checked-in migrations lead to prisma/schema.prisma', () => {
    expect(run('scripts/db.ts', 'diff', '--check')).toMatchObject({ stdout: 'No change.\n', status: 0 });
  });

  test('agrees with the history that migrate and rollback leave', () => {
    const { stdout, stderr } = run('-e', DIAGNOSE);

    expect(stderr).toBe('');
    const clean = { editedMigrationNames: [], failedMigrationNames: [], hasMigrationsTable: true, history: null };
    const behind = {
      diagnostic: 'databaseIsBehind',
      unappliedMigrationNames: expect.arrayContaining([expect.stringMatching(/^\d{14}_/)]) as string[],
    };
    expect(JSON.parse(stdout)).toEqual({ migrated: clean, rolledBack: { ...clean, history: behind } });
  });
});

const DIAGNOSE = `
  const { PGlite } = require('@electric-sql/pglite');
  const { wrapPglite } = require('./src/persistence/database.pglite');
  const { migrate, rollback } = require('./src/persistence/migrate');
  const { migrationsDirectory, readMigrations } = require('./src/persistence/migration-files');
  const { openSchemaEngine, readSchema } = require('./scripts/schema-engine');
  (async () => {
    const pglite = await PGlite.create('memory://');
    const database = await wrapPglite(pglite);
    const engine = await openSchemaEngine(pglite, await readSchema());
    const migrationsList = {
      baseDir: migrationsDirectory(),
      lockfile: { path: './migration_lock.toml', content: 'provider = "postgresql"' },
      shadowDbInitScript: '',
      migrationDirectories: (await readMigrations()).map(({ name, up }) => ({
        path: name,
        migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: up } },
      })),
    };
    const filters = { externalTables: [], externalEnums: [] };
    const diagnose = () => engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
    await migrate(database);
    const migrated = await diagnose();
    await rollback(database, 1000);
    console.log(JSON.stringify({ migrated, rolledBack: await diagnose() }));
    await database.close();
  })();`;
