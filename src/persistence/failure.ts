import { DomainError, unavailable } from '../errors/domain-error';
import { SqlError } from './sql-error';

/**
 * SQLSTATEs that say nothing about the statement: connection lost (08), resources short, disk and connections included (53),
 * server going down or still coming up (57P), statement or session timed out (57014, 25P03), standby after a failover (25006), disk (58030).
 */
const UNAVAILABLE_STATE = /^(08...|53...|57P0.|57014|25P03|25006|58030)$/;

/** After these the server has ended the connection, or is about to. */
const CONNECTION_ENDING_STATE = /^(08...|53300|57P0.|25P03)$/;

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** The drivers' own words for "no connection" and "no answer": they have no codes. */
const CONNECTION_MESSAGE =
  /^(timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after|PGlite is clos)/;

const CONNECTION_KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections', 'TlsConnectionError']);

interface ServerReport {
  readonly state: string;
  readonly message: string;
  readonly constraint: string | null;
}

/**
 * What callers of the database see of a failure: `UNAVAILABLE` when nothing can be said about the statement, `SqlError` when the
 * server refused it. Errors from elsewhere pass unchanged. Knows pg's and PGlite's errors and those of Prisma's driver adapters.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof DomainError || error instanceof SqlError) return error;
  const report = serverReport(error);
  if (report && !UNAVAILABLE_STATE.test(report.state)) return new SqlError(report.message, { ...report, cause: error });
  if (report || isConnectionFailure(error)) return unavailable('DATABASE_UNAVAILABLE', error);
  return error instanceof Error ? error : new Error('The database driver failed.', { cause: error });
}

/** Whether a connection that met this error must not be used again. */
export function endsConnection(error: unknown): boolean {
  const report = serverReport(error);
  return report ? CONNECTION_ENDING_STATE.test(report.state) : isConnectionFailure(error);
}

function serverReport(error: unknown): ServerReport | null {
  const state = text(error, 'code');
  if (state !== null && text(error, 'severity') !== null) {
    return { state, message: text(error, 'message') ?? state, constraint: text(error, 'constraint') };
  }
  return adapterReport(property(error, 'cause'));
}

/** Prisma's adapters keep code and message, but drop the constraint's name: it is quoted in the message. */
function adapterReport(cause: unknown): ServerReport | null {
  const state = text(cause, 'originalCode');
  if (state === null) return null;
  const message = text(cause, 'originalMessage') ?? state;
  return { state, message, constraint: /constraint "([^"]+)"/.exec(message)?.[1] ?? null };
}

function isConnectionFailure(error: unknown): boolean {
  return (
    NETWORK_CODES.has(text(error, 'code') ?? '') ||
    text(error, 'syscall') === 'connect' ||
    CONNECTION_MESSAGE.test(text(error, 'message') ?? '') ||
    CONNECTION_KINDS.has(text(property(error, 'cause'), 'kind') ?? '')
  );
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function text(value: unknown, key: string): string | null {
  const found = property(value, key);
  return typeof found === 'string' ? found : null;
}
