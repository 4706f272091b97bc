import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPgliteDatabase } from '../../src/persistence/database.pglite';
import { asOwner } from '../support/databases';
import { DirectoryLockedError, lockDirectory } from '../../src/persistence/directory-lock';
import { projectRoot } from '../../src/persistence/migration-files';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-data-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('the embedded directory', () => {
  test('a second process is refused, and told which process has it and where', async () => {
    const lock = await lockDirectory(directory);

    const second = spawnSync(process.execPath, ['-r', './scripts/register.cjs', 'scripts/db.ts', 'migrate'], {
      cwd: projectRoot(),
      env: { ...process.env, PARLEY_DATA_DIR: directory, DATABASE_URL: '' },
      encoding: 'utf8',
    });
    await lock.release();

    expect(second.stderr).toContain(`${directory} is in use by process ${process.pid}.`);
    expect(second.status).toBe(1);
  });

  test('a second opener in the same process is refused too', async () => {
    const lock = await lockDirectory(directory);

    await expect(createPgliteDatabase({ dataDir: directory })).rejects.toBeInstanceOf(DirectoryLockedError);
    await lock.release();
  });

  test('closing gives it back, with everything written', async () => {
    const first = await createPgliteDatabase({ dataDir: directory });
    await asOwner(first, 'CREATE TABLE kept (n int)');
    await first.close();
    expect(await readdir(directory)).toEqual(['pgdata']);

    const second = await createPgliteDatabase({ dataDir: directory });
    expect(await asOwner(second, 'SELECT * FROM kept')).toEqual([]);
    await second.close();
  });

  test('a killed process loses neither what it committed nor the directory', async () => {
    const child = await startWriter(directory);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const heir = await createPgliteDatabase({ dataDir: directory });
    expect(await asOwner(heir, 'SELECT count(*) AS n FROM kept')).toEqual([{ n: 100 }]);
    await heir.close();
  });
});

describe('the lock', () => {
  const leave = (owner: object) => writeFile(join(directory, 'parley.lock'), JSON.stringify(owner));
  const ownerNow = async () => (JSON.parse(await readFile(join(directory, 'parley.lock'), 'utf8')) as { pid: number }).pid;
  const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

  test.each([
    ['of a dead process', () => ({ pid: deadPid(), started: '1', host: hostname() })],
    ['of a process whose pid was given to another', () => ({ pid: process.pid, started: '1', host: hostname() })],
    ['that nobody can read', () => ({})],
  ])('one %s is taken over', async (_whose, owner) => {
    await leave(owner());

    const lock = await lockDirectory(directory);
    expect(await ownerNow()).toBe(process.pid);
    await lock.release();

    expect(await readdir(directory)).toEqual([]);
  });

  test('one of another host is respected, with the way out', async () => {
    await leave({ pid: 1, started: '1', host: 'elsewhere' });

    await expect(lockDirectory(directory)).rejects.toThrow(
      `in use by process 1 on elsewhere. If nothing runs there any more, remove ${directory}/parley.lock.`,
    );
  });

  test.each([
    ['free', () => Promise.resolve()],
    ['stale', () => leave({ pid: deadPid(), started: '1', host: hostname() })],
  ])('of ten starters at once on a %s directory one gets it', async (_state, prepare) => {
    await prepare();

    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(directory)));
    const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));

    expect(winners).toHaveLength(1);
    await winners[0]?.release();
    expect(await readdir(directory)).toEqual([]);
  });
});

/** Resolves when the child has committed its rows. It never ends by itself. */
async function startWriter(dataDir: string): Promise<ChildProcess> {
  const program = `
    const { createPgliteDatabase } = require('./src/persistence/database.pglite');
    (async () => {
      const database = await createPgliteDatabase({ dataDir: process.argv[1] });
      await database.exclusive(async ({ sql }) => {
        await sql('CREATE TABLE kept (n int)');
        for (let n = 0; n < 100; n += 1) await sql('INSERT INTO kept VALUES ($1)', [n]);
      });
      console.log('written');
      setInterval(() => undefined, 1000);
    })();`;
  const child = spawn(process.execPath, ['-r', './scripts/register.cjs', '-e', program, dataDir], {
    cwd: projectRoot(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}
