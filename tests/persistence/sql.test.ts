import { DomainError } from '../../src/errors/domain-error';
import type { Database } from '../../src/persistence/database';
import { isUniqueViolation, SqlError } from '../../src/persistence/database';
import type { TestDatabase } from '../support/databases';
import { asOwner, openTestDatabase, testBackends } from '../support/databases';
import { closeAfterTest } from '../support/jest-leaks';

const USER = { id: 'usr_1', displayName: 'Ada', email: 'ada@example.com', passwordHash: 'x' };
const INSERT_USER = `INSERT INTO users (id, display_name, email, password_hash) VALUES ($1, 'Ada', $2, 'x')`;

describe.each(testBackends())('sql and orm on %s', (kind) => {
  let opened: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    database = opened.database;
  });
  afterEach(() => asOwner(database, 'TRUNCATE users, streams CASCADE'));
  afterAll(() => opened.drop());

  test('values come back as they went in, alike on every database', async () => {
    const at = new Date('2026-11-21T10:11:12.345Z');
    const awkward = 'a "quoted" {brace}, back\\slash, comma, NULL, é 🎉';
    const [row] = await database.sql(
      `SELECT $1::int8 AS int8, $2::int8[] AS int8s, $3::timestamptz AS at, $4::timestamptz[] AS ats, $5::jsonb AS json, $6::text AS text,
              $7::text[] AS texts, $8::boolean AS yes, $9::float8 AS float, $10::int AS absent, $11::numeric AS numeric, $12::boolean[] AS booleans`,
      [
        Number.MAX_SAFE_INTEGER,
        [1, null, -2],
        at,
        [at, null],
        JSON.stringify({ a: [1, 'two', null], b: awkward }),
        awkward,
        [awkward, null, '', 'NULL'],
        true,
        0.1,
        null,
        '12.340',
        [true, false],
      ],
    );

    expect(row).toEqual({
      int8: Number.MAX_SAFE_INTEGER,
      int8s: [1, null, -2],
      at,
      ats: [at, null],
      json: { a: [1, 'two', null], b: awkward },
      text: awkward,
      texts: [awkward, null, '', 'NULL'],
      yes: true,
      float: 0.1,
      absent: null,
      numeric: '12.340',
      booleans: [true, false],
    });
  });

  test('types are read alike where the drivers differ', async () => {
    const [row] = await database.sql(
      `SELECT count(*) AS count, '{}'::int8[] AS none, '2026-11-21'::date AS date, '1 hour'::interval AS hour, 'FREE'::"Plan" AS plan,
              '{FREE,PRO}'::"Plan"[] AS plans, '{FREE,PRO}'::"Plan"[]::text[] AS plan_texts, '7'::xid8 AS xid FROM (VALUES (1), (2)) AS two (n)`,
    );

    expect(row).toEqual({
      count: 2,
      none: [],
      date: '2026-11-21',
      hour: '01:00:00',
      plan: 'FREE',
      plans: '{FREE,PRO}',
      plan_texts: ['FREE', 'PRO'],
      xid: '7',
    });
  });

  test('arrays of enums and empty arrays can be parameters', async () => {
    const rows = await database.sql(`SELECT plan FROM unnest($1::"Plan"[]) AS plan WHERE plan = ANY($2::"Plan"[])`, [
      ['FREE', 'PRO'],
      ['PRO'],
    ]);
    const none = await database.sql('SELECT n FROM unnest($1::int[]) AS n', [[]]);

    expect(rows).toEqual([{ plan: 'PRO' }]);
    expect(none).toEqual([]);
  });

  test('a refused statement is a SqlError with its state and constraint', async () => {
    await database.sql(INSERT_USER, ['usr_1', 'a@b']);

    const failure = await failureOf(database.sql(INSERT_USER, ['usr_2', 'a@b']));

    expect(failure).toBeInstanceOf(SqlError);
    expect(failure).toMatchObject({ state: '23505', constraint: 'users_email_key' });
    expect(isUniqueViolation(failure, 'users_email_key')).toBe(true);
    expect(await failureOf(database.sql('SELECT 1/0'))).toMatchObject({ state: '22012', constraint: null });
  });

  test('a statement that runs out of its time on the server is UNAVAILABLE', async () => {
    const failure = await failureOf(database.sql(`DO $$ BEGIN RAISE EXCEPTION 'canceled' USING ERRCODE = '57014'; END $$`));

    expect(failure).toBeInstanceOf(DomainError);
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', reason: 'DATABASE_UNAVAILABLE' });
  });

  test('orm and sql see the same rows: bigint, dates and json included', async () => {
    const at = new Date('2026-11-21T23:59:59.999Z');
    await database.orm.stream.create({ data: { id: 's', epoch: 'e', head: 9_007_199_254_740_993n } });
    await database.orm.event.create({ data: { streamId: 's', offset: 1n, type: 't', version: 1, payload: { deep: [1] }, at } });

    expect(await database.orm.stream.findUnique({ where: { id: 's' } })).toMatchObject({ head: 9_007_199_254_740_993n, tail: 0n });
    expect(await database.orm.event.findFirst()).toMatchObject({ offset: 1n, payload: { deep: [1] }, at, seq: 1n });
    expect(await database.sql('SELECT "offset", payload, at, seq FROM events')).toEqual([
      { offset: 1, payload: { deep: [1] }, at, seq: 1 },
    ]);
  });

  test('orm fails as sql does, in nested writes too', async () => {
    const { orm } = database;
    await orm.user.create({ data: USER });

    const single = await failureOf(orm.user.create({ data: { ...USER, id: 'usr_2' } }));
    const token = { tokenHash: 'h', familyId: 'h', expiresAt: new Date() };
    const nested = await failureOf(
      orm.user.create({ data: { ...USER, id: 'usr_3', email: 'b@c', refreshTokens: { create: [token, token] } } }),
    );

    expect(single).toBeInstanceOf(SqlError);
    expect(single).toMatchObject({ state: '23505', constraint: 'users_email_key' });
    expect(nested).toMatchObject({ state: '23505', constraint: 'refresh_tokens_pkey' });
    expect(await orm.user.count()).toBe(1);
  });

  test('a refused statement costs no connection', async () => {
    await database.orm.user.create({ data: USER });
    const before = database.poolStats().total;

    await failureOf(database.orm.user.create({ data: USER }));
    await failureOf(database.sql('SELECT 1/0'));

    expect(database.poolStats()).toEqual({ total: before, idle: before, waiting: 0 });
  });
});

describe.each(testBackends())('closing %s', (kind) => {
  test('waits for what runs, refuses what comes later, and may be asked twice', async () => {
    const { database, drop } = await openTestDatabase(kind);
    closeAfterTest(drop);
    const running = database.transaction(async (tx) => {
      await tx.sql(INSERT_USER, ['usr_1', 'a@b']);
      return tx.sql('SELECT count(*) AS n FROM users');
    });
    await database.sql('SELECT 1');

    await Promise.all([database.close(), database.close()]);

    expect(await running).toEqual([{ n: 1 }]);
    expect(await failureOf(database.sql('SELECT 1'))).toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
    expect(await failureOf(database.orm.user.count())).toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
  });
});

async function failureOf(work: PromiseLike<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => error,
  );
}
