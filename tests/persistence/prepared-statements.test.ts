import type { Database } from '../../src/persistence/database';
import { createPostgresDatabase } from '../../src/persistence/database.postgres';
import { PreparedStatements, RowReader } from '../../src/persistence/prepared-statements';
import { testBackends, testServerUrl } from '../support/databases';

const READER = new RowReader([]);

describe('what a connection remembers of its statements', () => {
  test('each is parsed anew after twice as many uses, so that no plan outlives the size of its tables by much', () => {
    const statements = new PreparedStatements(10);
    const parsed: number[] = [];
    for (let use = 1; use <= 5_000; use += 1) {
      const statement = statements.get('SELECT 1');
      if (statement.reader === null) parsed.push(use);
      statement.reader = READER;
    }
    expect(parsed).toEqual([1, 9, 25, 57, 121, 249, 505, 1_017, 2_041, 3_065, 4_089]);
  });

  test('the one that was used longest ago gives its name to the next', () => {
    const statements = new PreparedStatements(2);
    const [first, second] = [statements.get('a'), statements.get('b')];
    statements.get('a');
    const third = statements.get('c');
    expect(new Set([first.name, second.name]).size).toBe(2);
    expect(third.name).toBe(second.name);
    expect(statements.get('a')).toBe(first);
    expect(statements.get('b')).not.toBe(second);
  });
});

if (testBackends().includes('postgres')) {
  describe('prepared statements on PostgreSQL', () => {
    let database: Database;

    const open = async (preparedStatements: number): Promise<Database> =>
      (database = await createPostgresDatabase({ url: testServerUrl(), role: null, poolSize: 1, preparedStatements }));
    const countPrepared = async (): Promise<number> => {
      const [counted] = await database.sql<{ count: number }>('SELECT count(*) AS count FROM pg_prepared_statements');
      return counted?.count ?? Number.NaN;
    };
    const askAll = async (): Promise<void> => {
      for (let use = 0; use < 20; use += 1)
        for (const column of ['a', 'b', 'c'])
          expect(await database.sql(`SELECT $1::int AS ${column}, now() > '2000-01-01' AS late`, [use])).toEqual([
            { [column]: use, late: true },
          ]);
    };

    afterEach(() => database.close());

    test('are no more than were asked for', async () => {
      await open(2);
      await askAll();
      expect(await countPrepared()).toBe(2);
    });

    test('are none where none were asked for', async () => {
      await open(0);
      await askAll();
      expect(await countPrepared()).toBe(0);
    });

    test('fail once when the server has forgotten them, or their columns have changed', async () => {
      await open(10);
      const read = (): Promise<object[]> => database.sql('SELECT n FROM kept');
      await database.sql('CREATE TEMP TABLE kept AS SELECT 1 AS n');
      expect(await read()).toEqual([{ n: 1 }]);
      await database.sql('DEALLOCATE ALL');
      await expect(read()).rejects.toMatchObject({ state: '26000' });
      expect(await read()).toEqual([{ n: 1 }]);
      await database.sql('ALTER TABLE kept ALTER COLUMN n TYPE text');
      await expect(read()).rejects.toMatchObject({ state: '0A000' });
      expect(await read()).toEqual([{ n: '1' }]);
    });

    test('a failure in the midst of a round trip leaves those behind it as they were', async () => {
      await open(10);
      const together = (divisor: number): Promise<object[][]> =>
        database.transaction((tx) =>
          Promise.all([tx.sql('SELECT 1 AS first'), tx.sql('SELECT 6 / $1::int AS quotient', [divisor]), tx.sql('SELECT 3 AS third')]),
        );
      for (const divisor of [0, 2, 0, 3]) {
        if (divisor === 0) await expect(together(divisor)).rejects.toMatchObject({ state: '22012' });
        else expect(await together(divisor)).toEqual([[{ first: 1 }], [{ quotient: 6 / divisor }], [{ third: 3 }]]);
      }
    });
  });
}
