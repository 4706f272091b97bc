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
  'jwtSecret',
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

/** JSON lines on standard output. Nothing that a client sent as content, and no secret, is ever written. */
export function createLogger({ level }: LogConfig, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
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
