import { DomainError } from '../../src/errors/domain-error';
import { deferred } from '../../src/lib/deferred';
import type { Database, Tx } from '../../src/persistence/database';
import { SqlError } from '../../src/persistence/database';
import type { TestDatabase } from '../support/databases';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';

const SERIALIZATION_FAILURE = `DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$`;

describe.each(testBackends())('transaction on %s', (kind) => {
  let opened: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    database = opened.database;
    await database.sql(`INSERT INTO streams (id, epoch, head) VALUES ('a', 'e', 0), ('b', 'e', 0)`);
  });
  beforeEach(() => database.sql(`UPDATE streams SET head = 0`));
  afterAll(() => opened.drop());

  const bump = (tx: Tx, id: string) => tx.sql('UPDATE streams SET head = head + 1 WHERE id = $1', [id]);
  const headOf = async (id: string) => (await database.sql<{ head: number }>('SELECT head FROM streams WHERE id = $1', [id]))[0]?.head;

  test('commits when the work resolves and returns its result', async () => {
    const result = await database.transaction(async (tx) => {
      await bump(tx, 'a');
      return 'done';
    });

    expect(result).toBe('done');
    expect(await headOf('a')).toBe(1);
  });

  test('rolls back when the work throws, and throws the same', async () => {
    const refusal = new DomainError('CONFLICT', { message: 'no', reason: 'NO' });

    const outcome = database.transaction(async (tx) => {
      await bump(tx, 'a');
      throw refusal;
    });

    await expect(outcome).rejects.toBe(refusal);
    expect(await headOf('a')).toBe(0);
  });

  test('rolls back when a statement fails, also when the work looks away', async () => {
    const thrown = database.transaction(async (tx) => {
      await bump(tx, 'a');
      await tx.sql('SELECT 1/0');
    });
    await expect(thrown).rejects.toMatchObject({ state: '22012' });

    const swallowed = database.transaction(async (tx) => {
      await bump(tx, 'a');
      await tx.sql('SELECT 1/0').catch(() => []);
    });
    await expect(swallowed).rejects.toMatchObject({ state: '25P02' });

    expect(await headOf('a')).toBe(0);
    expect(database.poolStats()).toMatchObject({ waiting: 0 });
  });

  test('a savepoint lets one bad statement fail alone', async () => {
    await database.transaction(async (tx) => {
      await bump(tx, 'a');
      await tx.sql('SAVEPOINT one');
      await tx.sql('SELECT 1/0').catch(() => tx.sql('ROLLBACK TO SAVEPOINT one'));
      await bump(tx, 'a');
    });

    expect(await headOf('a')).toBe(2);
  });

  test('a conflict runs the work again, three times at most', async () => {
    let runs = 0;
    await database.transaction(async (tx) => {
      runs += 1;
      await bump(tx, 'a');
      if (runs < 4) await tx.sql(SERIALIZATION_FAILURE);
    });
    expect(runs).toBe(4);
    expect(await headOf('a')).toBe(1);

    const hopeless = database.transaction(async (tx) => {
      runs += 1;
      await tx.sql(SERIALIZATION_FAILURE);
    });
    await expect(hopeless).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'DATABASE_CONTENTION' });
    expect(runs).toBe(8);
  });

  test('other failures are not repeated', async () => {
    let runs = 0;
    const outcome = database.transaction(async (tx) => {
      runs += 1;
      await tx.sql('SELECT 1/0');
    });

    await expect(outcome).rejects.toBeInstanceOf(SqlError);
    expect(runs).toBe(1);
  });

  test('a statement after the end is refused instead of landing elsewhere', async () => {
    const leaked = await database.transaction((tx) => Promise.resolve(tx));

    await expect(bump(leaked, 'a')).rejects.toThrow('The transaction is over');
    expect(await headOf('a')).toBe(0);
  });

  test('statements given at once run in their order, each seeing what the one before did', async () => {
    const heads = await database.transaction(async (tx) => {
      const head = () => tx.sql<{ head: number }>(`SELECT head FROM streams WHERE id = 'a'`);
      const answers = await Promise.all([head(), bump(tx, 'a'), head(), bump(tx, 'a'), head()]);
      return answers.flatMap((rows) => rows.map((row) => (row as { head: number }).head));
    });
    expect(heads).toEqual([0, 1, 2]);
    expect(await headOf('a')).toBe(2);
  });

  test('of statements given at once those behind a failed one fail too, and nothing is written', async () => {
    const answers: Promise<object[]>[] = [];
    const outcome = database.transaction(async (tx) => {
      answers.push(tx.sql('SELECT 1/0'), bump(tx, 'a'));
      await Promise.all(answers);
    });
    await expect(outcome).rejects.toMatchObject({ state: '22012' });
    expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await headOf('a')).toBe(0);
  });

  test('nothing that was given runs once the work has thrown', async () => {
    const answers: Promise<unknown>[] = [];
    const outcome = database.transaction(async (tx) => {
      const first = bump(tx, 'a');
      await Promise.resolve().then(() => Promise.resolve());
      answers.push(first, bump(tx, 'a'));
      throw new Error('no');
    });
    await expect(outcome).rejects.toThrow('no');
    await Promise.allSettled(answers);
    expect(await headOf('a')).toBe(0);
  });

  test('what is left for the end runs after the work, in order, and commits with it', async () => {
    const seen: unknown[] = [];
    await database.transaction(async (tx) => {
      for (const step of [1, 10]) {
        tx.atCommit('UPDATE streams SET head = head + $1::int WHERE id = $2 RETURNING head', [step, 'a'], (rows) => seen.push(...rows));
      }
      await tx.sql(`UPDATE streams SET head = 5 WHERE id = 'a'`);
      expect(seen).toEqual([]);
    });
    expect(seen).toEqual([{ head: 6 }, { head: 16 }]);
    expect(await headOf('a')).toBe(16);
  });

  test('a failure at the end rolls everything back, and work that throws leaves nothing for it', async () => {
    const failing = database.transaction(async (tx) => {
      tx.atCommit('SELECT 1/0', []);
      await bump(tx, 'a');
    });
    await expect(failing).rejects.toMatchObject({ state: '22012' });
    const throwing = database.transaction(async (tx) => {
      tx.atCommit(`UPDATE streams SET head = 7 WHERE id = 'a'`, []);
      await bump(tx, 'a');
      throw new Error('no');
    });
    await expect(throwing).rejects.toThrow('no');
    expect(await headOf('a')).toBe(0);
    expect(database.poolStats()).toMatchObject({ waiting: 0 });
  });

  test('a conflict at the end runs the work again', async () => {
    let runs = 0;
    await database.transaction(async (tx) => {
      runs += 1;
      await bump(tx, 'a');
      if (runs < 3) tx.atCommit(SERIALIZATION_FAILURE, []);
    });
    expect(runs).toBe(3);
    expect(await headOf('a')).toBe(1);
  });

  test('concurrent read-modify-write on one row loses nothing', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        database.transaction(async (tx) => {
          const [row] = await tx.sql<{ head: number }>(`SELECT head FROM streams WHERE id = 'a' FOR UPDATE`);
          await tx.sql(`UPDATE streams SET head = $1 WHERE id = 'a'`, [(row?.head ?? NaN) + 1]);
        }),
      ),
    );

    expect(await headOf('a')).toBe(50);
  });

  if (kind === 'postgres') {
    test('both sides of a real deadlock succeed', async () => {
      const firstHasA = deferred();
      const secondHasB = deferred();
      let runs = 0;

      const first = database.transaction(async (tx) => {
        runs += 1;
        await bump(tx, 'a');
        firstHasA.resolve();
        await secondHasB.promise;
        await bump(tx, 'b');
      });
      const second = database.transaction(async (tx) => {
        runs += 1;
        await bump(tx, 'b');
        secondHasB.resolve();
        await firstHasA.promise;
        await bump(tx, 'a');
      });
      await Promise.all([first, second]);

      expect(runs).toBe(3);
      expect([await headOf('a'), await headOf('b')]).toEqual([2, 2]);
    });

    test('a connection killed inside a transaction is UNAVAILABLE, and only that', async () => {
      const outcome = database.transaction(async (tx) => {
        await bump(tx, 'a');
        const [own] = await tx.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await asOwner(database, 'SELECT pg_terminate_backend($1)', [own?.pid ?? 0]);
        await bump(tx, 'a');
      });

      await expect(outcome).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await headOf('a')).toBe(0);
    });
  }
});
