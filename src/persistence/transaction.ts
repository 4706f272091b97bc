import { setTimeout as delay } from 'node:timers/promises';
import { unavailable } from '../errors/domain-error';
import type { SqlValue, Tx } from './database';
import { RoundTrips, statement } from './round-trips';
import type { Send, Statement } from './round-trips';
import { SqlError } from './sql-error';

const MAX_RETRIES = 3;
const FIRST_PAUSE_MS = 10;
const IN_FAILED_TRANSACTION = '25P02';
const RETRYABLE_STATES = new Set(['40001', '40P01']);
const BEGIN = statement('BEGIN');
const COMMIT = statement('COMMIT');

export type RunStatement = <Row extends object>(text: string, values?: readonly SqlValue[]) => Promise<Row[]>;

/**
 * Runs `attempt` again when PostgreSQL sacrificed it to another transaction, three times at most, after a random pause that
 * doubles its bound. The fourth failure is UNAVAILABLE: nothing was written, and the caller may try again later.
 */
export async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof SqlError) || !RETRYABLE_STATES.has(error.state)) throw error;
      if (retry === MAX_RETRIES) throw unavailable('DATABASE_CONTENTION', error);
      await delay(Math.random() * FIRST_PAUSE_MS * 2 ** retry);
    }
  }
}

/**
 * Runs `work` with a `Tx` that refuses statements once `work` has ended: they would land outside, or in a stranger's transaction.
 * Then gives what was left for the end, and `commit`, without a wait in between.
 */
export async function withTx<T>(run: RunStatement, commit: () => Promise<void>, work: (tx: Tx) => Promise<T>): Promise<T> {
  let open = true;
  const atEnd: (() => Promise<void>)[] = [];
  const sql: RunStatement = async (text, values) => {
    if (!open) throw new Error('The transaction is over: a statement in it was not awaited.');
    return run(text, values);
  };
  const atCommit: Tx['atCommit'] = <Row extends object>(text: string, values: readonly SqlValue[], take?: (rows: Row[]) => void) => {
    atEnd.push(async () => {
      const rows = await run<Row>(text, values);
      take?.(rows);
    });
  };
  let result: T;
  try {
    result = await work({ inTransaction: true, sql, atCommit });
  } finally {
    open = false;
  }
  await Promise.all([...atEnd, commit].map((give) => give()));
  return result;
}

/** One transaction over round trips, begun by `leading` statements beside BEGIN. Whoever calls it rolls back when it throws. */
export async function inRoundTrips<T>(send: Send, leading: readonly Statement[], work: (tx: Tx) => Promise<T>): Promise<T> {
  const trips = new RoundTrips(send, [BEGIN, ...leading]);
  const run: RunStatement = async <Row extends object>(text: string, values?: readonly SqlValue[]) => {
    const { rows } = await trips.add(statement(text, values));
    return rows as Row[];
  };
  const commit = async (): Promise<void> => {
    const { command } = await trips.add(COMMIT);
    if (command !== 'COMMIT') throw commitRefused();
  };
  try {
    return await withTx(run, commit, work);
  } catch (error) {
    trips.abandon(error);
    throw error;
  }
}

/** COMMIT after a failed statement is answered by a rollback without an error: `work` swallowed the failure. */
export function commitRefused(): SqlError {
  return new SqlError('A statement of the transaction had failed, so it was rolled back.', {
    state: IN_FAILED_TRANSACTION,
    constraint: null,
    cause: undefined,
  });
}
