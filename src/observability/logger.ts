import type { DestinationStream, Logger as PinoLogger } from 'pino';
import { pino } from 'pino';

export type Logger = PinoLogger;

export interface LogConfig {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
}

/** What must never be read in a log, wherever an object that has it is logged: at its top or one level down. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'connectionParams',
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'jwtKeys',
  'secret',
  'turnSecret',
  'databaseUrl',
  'redis',
  'sdp',
  'candidate',
  'payload',
  'body',
  'answer',
  'variables',
  'query',
  'email',
];

/** What database drivers attach to their errors: rows and parameters. */
const SECRET_ERROR_FIELDS = ['detail', 'where', 'parameters', 'params', 'internalQuery', 'hint', 'meta'];

/**
 * An error as it is written. PostgreSQL's complaints about a value (SQLSTATE class 22) repeat it, so of those only where they happened is
 * left.
 */
function shownError(error: Error): object {
  const shown = pino.stdSerializers.err(error);
  const state = refusedValueState(error);
  if (state === null) return shown;
  const frames = shown.stack.split('\n').filter((line) => /^\s+at /.test(line));
  return { type: shown.type, message: `The database refused a value (SQLSTATE ${state}).`, stack: frames.join('\n') };
}

function refusedValueState(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { state, code } = error as { readonly state?: unknown; readonly code?: unknown };
  const found = [state, code].find((value) => typeof value === 'string' && /^22[0-9A-Z]{3}$/.test(value));
  return typeof found === 'string' ? found : refusedValueState(error.cause);
}

/** JSON lines on standard output. Nothing that a client sent as content, and no secret, is ever written. */
export function createLogger({ level }: LogConfig, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: shownError },
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: [
        ...SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        ...SECRET_ERROR_FIELDS.flatMap((field) => [`err.${field}`, `err.cause.${field}`]),
      ],
      censor: '[redacted]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
