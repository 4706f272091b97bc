import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transaction } from '@electric-sql/pglite';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { createRole, DEFAULT_ROLE } from './application-role';
import type { Database, ExclusiveConnection, PoolStats, RowViewer, ScopedDatabase, SqlValue, Tx } from './database';
import type { DirectoryLock } from './directory-lock';
import { lockDirectory } from './directory-lock';
import { toFailure } from './failure';
import { Gate } from './gate';
import { createOrm } from './orm';
import { PreparedStatements } from './prepared-statements';
import { statement } from './round-trips';
import type { Answer, Statement } from './round-trips';
import { actAs } from './row-viewer';
import { encode, PARSERS } from './sql-values';
import type { RunStatement } from './transaction';
import { inRoundTrips, withRetries, withTx } from './transaction';
import { travel } from './trip.pglite';

export interface PgliteOptions {
  /** A directory, made when absent, or `memory://` for a store that ends with the process. */
  readonly dataDir: string;
  /** What `dumpDataDir` gave; the store starts as its copy. */
  readonly snapshot?: Blob;
}

/** Everybody shares one connection, so a queue is the normal case; this long a wait means that someone waits for itself. */
const PATIENCE_MS = 10_000;
const PING_PATIENCE_MS = 1_800;
const EXCLUSIVE_PATIENCE_MS = 60_000;
const FIRST_USER_OID = 16_384;
/** One session serves everybody, so it meets every statement there is. */
const PREPARED_STATEMENTS = 500;

/** Opens the embedded store. A directory is this process's alone: throws `DirectoryLockedError` when another has it. */
export async function createPgliteDatabase({ dataDir, snapshot }: PgliteOptions): Promise<Database> {
  if (dataDir === 'memory://') return new PgliteDatabase(await openPglite(dataDir, snapshot), null);
  await mkdir(dataDir, { recursive: true });
  const lock = await lockDirectory(dataDir);
  try {
    return new PgliteDatabase(await openPglite(join(dataDir, 'pgdata'), snapshot), lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The port over an open PGlite, which from now on is used, and closed, through it only. */
export async function wrapPglite(pglite: PGlite): Promise<Database> {
  await assumeRole(pglite);
  return new PgliteDatabase(pglite, null);
}

async function openPglite(dataDir: string, snapshot?: Blob): Promise<PGlite> {
  const pglite = await PGlite.create({ dataDir, loadDataDir: snapshot });
  // PGlite reads arrays of types that existed when it was opened: the same column would be an array after a restart and text before.
  for (const oid of Object.keys(pglite.parsers)) if (Number(oid) >= FIRST_USER_OID) Reflect.deleteProperty(pglite.parsers, oid);
  await assumeRole(pglite);
  return pglite;
}

/** Its one session belongs to the owner of everything, who puts on the application's role, and takes it off in `exclusive` alone. */
async function assumeRole(pglite: PGlite): Promise<void> {
  await createRole({ sql: statementsOf(pglite) }, DEFAULT_ROLE);
  await pglite.exec(`SET ROLE ${DEFAULT_ROLE}`);
}

class PgliteDatabase implements Database {
  readonly kind = 'pglite';
  readonly role = DEFAULT_ROLE;
  readonly orm: ReturnType<typeof createOrm>;
  private readonly gate = new Gate(1, PATIENCE_MS);
  private readonly exclusiveGate = new Gate(1, EXCLUSIVE_PATIENCE_MS);
  private closed: Promise<void> | null = null;
  private readonly prepared = new PreparedStatements(PREPARED_STATEMENTS);

  constructor(
    private readonly pglite: PGlite,
    private readonly lock: DirectoryLock | null,
  ) {
    this.orm = createOrm(new PrismaPGlite(pglite), this.gate);
  }

  sql<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return this.sqlAfter<Row>([], statement(text, values));
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.begin([], work);
  }

  as(viewer: RowViewer): ScopedDatabase {
    const acting = actAs(viewer);
    return {
      sql: <Row extends object>(text: string, values?: readonly SqlValue[]) => this.sqlAfter<Row>([acting], statement(text, values)),
      transaction: (work) => this.begin([acting], work),
    };
  }

  exclusive<T>(work: (connection: ExclusiveConnection) => Promise<T>): Promise<T> {
    return this.exclusiveGate.run(() =>
      work({
        sql: (text, values) => this.asOwner(() => statementsOf(this.pglite)(text, values)),
        transaction: (inner) =>
          this.beginAsOwner(async (transaction) => {
            await runScript(transaction, 'SET LOCAL ROLE NONE');
            const script = (text: string): Promise<void> => runScript(transaction, text);
            return withTx(statementsOf(transaction), commitsItself, (tx) => inner({ ...tx, script }));
          }),
      }),
    );
  }

  async ping(): Promise<void> {
    await this.gate.run(() => this.send([statement('SELECT 1')]), PING_PATIENCE_MS);
  }

  poolStats(): PoolStats {
    return { total: 1, idle: 1 - this.gate.busy, waiting: this.gate.waiting };
  }

  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    await this.exclusiveGate.close();
    await this.gate.close();
    await this.orm.$disconnect();
    await this.pglite.close();
    await this.lock?.release();
  }

  private asOwner<T>(work: () => Promise<T>): Promise<T> {
    return this.gate.run(async () => {
      await this.pglite.exec('SET ROLE NONE');
      return work().finally(() => this.pglite.exec(`SET ROLE ${this.role}`));
    });
  }

  private async sqlAfter<Row extends object>(leading: readonly Statement[], last: Statement): Promise<Row[]> {
    const answers = await this.gate.run(() => this.send([...leading, last]));
    return (answers.at(-1)?.rows ?? []) as Row[];
  }

  private begin<T>(leading: readonly Statement[], work: (tx: Tx) => Promise<T>): Promise<T> {
    return withRetries(() =>
      this.gate.run(async () => {
        try {
          return await inRoundTrips((statements) => this.send(statements), leading, work);
        } catch (error) {
          await this.pglite.exec('ROLLBACK');
          throw error;
        }
      }),
    );
  }

  private async send(statements: readonly Statement[]): Promise<Answer[]> {
    try {
      return await travel(this.pglite, this.prepared, statements);
    } catch (error) {
      throw toFailure(error);
    }
  }

  private beginAsOwner<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.gate.run(async () => {
      try {
        return await this.pglite.transaction(work);
      } catch (error) {
        throw toFailure(error);
      }
    });
  }
}

function statementsOf(connection: Pick<Transaction, 'query'>): RunStatement {
  return async <Row extends object>(text: string, values: readonly SqlValue[] = []) => {
    try {
      const { rows } = await connection.query<Row>(text, encode(values), { parsers: PARSERS });
      return rows;
    } catch (error) {
      throw toFailure(error);
    }
  };
}

/** PGlite commits when the work of its transaction resolves. */
async function commitsItself(): Promise<void> {}

async function runScript(transaction: Transaction, text: string): Promise<void> {
  try {
    await transaction.exec(text);
  } catch (error) {
    throw toFailure(error);
  }
}
