import type { SqlDriverAdapterFactory, Transaction } from '@prisma/driver-adapter-utils';
import { toFailure } from './failure';
import type { Gate, Leave } from './gate';
import { PrismaClient } from './generated/client';

/**
 * Prisma makes an error of its own, without cause, of any that has a `code`, and hands on every other one. So a failure crosses it
 * in this envelope and is taken out on the other side.
 */
class Envelope extends Error {
  constructor(readonly failure: Error) {
    super(failure.message, { cause: failure });
  }
}

/** Prisma's models and raw queries. Its transactions are left out: `Database.transaction` is the one way to begin one. */
export type Orm = Omit<OpenOrm, '$transaction' | '$connect' | '$disconnect' | '$extends'>;

type OpenOrm = ReturnType<typeof createOrm>;

/** Prisma on a driver adapter, so that every statement passes the database's gate and every failure leaves as the port promises. */
export function createOrm(factory: SqlDriverAdapterFactory, gate: Gate) {
  const client = new PrismaClient({ adapter: guardAdapter(factory, gate), errorFormat: 'minimal' });
  return client.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          const result: unknown = await query(args);
          return result;
        } catch (error) {
          throw error instanceof Envelope ? error.failure : toFailure(error);
        }
      },
    },
  });
}

function guardAdapter(factory: SqlDriverAdapterFactory, gate: Gate): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      return {
        provider: adapter.provider,
        adapterName: adapter.adapterName,
        queryRaw: (query) => enveloped(() => gate.run(() => adapter.queryRaw(query))),
        executeRaw: (query) => enveloped(() => gate.run(() => adapter.executeRaw(query))),
        executeScript: (script) => enveloped(() => gate.run(() => adapter.executeScript(script))),
        startTransaction: (isolation) =>
          enveloped(async () => {
            const leave = await gate.enter();
            try {
              return guardTransaction(await adapter.startTransaction(isolation), leave);
            } catch (error) {
              leave();
              throw error;
            }
          }),
        getConnectionInfo: () => adapter.getConnectionInfo?.() ?? { supportsRelationJoins: false },
        dispose: () => adapter.dispose(),
      };
    },
  };
}

/** Prisma opens one for a nested write. */
function guardTransaction(transaction: Transaction, leave: Leave): Transaction {
  return {
    provider: transaction.provider,
    adapterName: transaction.adapterName,
    options: transaction.options,
    queryRaw: (query) => enveloped(() => transaction.queryRaw(query)),
    executeRaw: (query) => enveloped(() => transaction.executeRaw(query)),
    commit: () => enveloped(() => transaction.commit()).finally(leave),
    rollback: () => enveloped(() => transaction.rollback()).finally(leave),
  };
}

async function enveloped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Envelope(toFailure(error));
  }
}
