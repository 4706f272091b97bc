import { z } from 'zod';

export type Environment = 'development' | 'test' | 'production';

/** One environment variable: what it does to the server, and what docs/config.md and .env.example say of it. */
export interface Variable<Schema extends z.ZodType = z.ZodType> {
  readonly description: string;
  /** Reads the text. It accepts `undefined` when the variable may stay unset and has no default. */
  readonly schema: Schema;
  /** The text taken when the variable is unset. */
  readonly default?: string | Readonly<Record<Environment, string>>;
  /** In place of the default in the docs, where the default is not a fixed text. */
  readonly unset?: string;
  readonly example: string;
  /** Never shown in a message, and also read from the file that `NAME_FILE` names. */
  readonly secret?: true;
}

function variable<Schema extends z.ZodType>(declaration: Variable<Schema>): Variable<Schema> {
  return declaration;
}

const MIN_SECRET_BYTES = 32;
export const ANY_ORIGIN = '*';

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((text) => text === 'on');

function integer(min: number, max: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, `must be a whole number from ${min} to ${max}`)
    .transform(Number);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** In milliseconds; null when it is off. */
function durationOrOff(minMs: number, maxMs: number, problem: string) {
  return z
    .string()
    .transform((text) => (text === 'off' || text === '0' ? null : milliseconds(text)))
    .refine((ms) => ms === null || (ms >= minMs && ms <= maxMs), problem);
}

function milliseconds(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  return Number(count) * (UNIT_MS[unit] ?? NaN);
}

function listOf(item: (text: string) => boolean, problem: string) {
  return z
    .string()
    .transform((text) => (text === 'none' ? [] : text.split(',').map((part) => part.trim())))
    .refine((parts) => parts.every(item), problem);
}

function urlWith(protocols: readonly string[]) {
  return z.string().refine((text) => isUrlWith(protocols, text), `must be a ${protocols.join(' or ')} URL`);
}

/** One, or several as a comma list. */
function urlsWith(protocols: readonly string[]) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every((part) => isUrlWith(protocols, part)), `must be a ${protocols.join(' or ')} URL`);
}

function isUrlWith(protocols: readonly string[], text: string): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol.replace(/:$/, ''));
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

const HOST_AND_PORT = '(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+)(:\\d{1,5})?';
const STUN_URL = new RegExp(`^stuns?:${HOST_AND_PORT}$`);
const TURN_URL = new RegExp(`^turns?:${HOST_AND_PORT}(\\?transport=(udp|tcp))?$`);

/** The one table of everything the environment may say. Order is the order of the docs. */
export const VARIABLES = {
  NODE_ENV: variable({
    description: '`development`, `test` or `production`. Production demands a secret and refuses what is only safe on a laptop.',
    schema: z.enum(['development', 'test', 'production'], 'must be development, test or production'),
    default: 'development',
    example: 'production',
  }),
  PORT: variable({
    description: 'The port of HTTP, WebSocket and SSE. `0` takes a free one.',
    schema: integer(0, 65_535),
    default: '4000',
    example: '4000',
  }),
  HOST: variable({
    description: 'The address to listen on. Outside production only this machine can connect unless you say otherwise.',
    schema: z.string().regex(/^[A-Za-z0-9:._-]{1,253}$/, 'must be a host name or an address'),
    default: { development: '127.0.0.1', test: '127.0.0.1', production: '0.0.0.0' },
    example: '0.0.0.0',
  }),
  DATABASE_URL: variable({
    description: 'The store of record: PostgreSQL 15 or later.',
    schema: urlWith(['postgres', 'postgresql']).optional(),
    unset: 'the embedded PGlite in `PARLEY_DATA_DIR`, for one process',
    example: 'postgres://parley:password@127.0.0.1:5432/parley',
    secret: true,
  }),
  REDIS_URL: variable({
    description:
      'Redis 6.2 or later, for many instances; only together with `DATABASE_URL`. For a cluster, some of its nodes as a comma list; they differ in host and port alone.',
    schema: urlsWith(['redis', 'rediss']).optional().default([]),
    unset: 'PostgreSQL carries the news between instances',
    example: 'redis://127.0.0.1:6379',
    secret: true,
  }),
  JWT_SECRET: variable({
    description: `Signs access tokens and attendee tokens; at least ${MIN_SECRET_BYTES} bytes, the same on every instance. Required in production.`,
    schema: z
      .string()
      .refine(
        (text) => Buffer.byteLength(text) >= MIN_SECRET_BYTES,
        `must have at least ${MIN_SECRET_BYTES} bytes (openssl rand -base64 48)`,
      )
      .optional(),
    unset: 'made once and kept in `PARLEY_DATA_DIR`',
    example: 'at-least-32-bytes-from-openssl-rand-base64-48',
    secret: true,
  }),
  PARLEY_DATA_DIR: variable({
    description: 'Where the embedded database and the development secret are kept, or `memory://` for a store that ends with the process.',
    schema: z
      .string()
      .refine((text) => text === 'memory://' || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text), 'must be a directory or memory://')
      .optional(),
    unset: '`.parley` in the project folder',
    example: '/var/lib/parley',
  }),
  PARLEY_RATE_LIMITS: variable({
    description: 'Rate limits and connection caps per user and address. `off` is for load tests and refused in production.',
    schema: onOff,
    default: 'on',
    example: 'on',
  }),
  PARLEY_GRAPHIQL: variable({
    description: 'The playground on `/graphiql`.',
    schema: onOff,
    default: { development: 'on', test: 'on', production: 'off' },
    example: 'on',
  }),
  PARLEY_ALLOWED_ORIGINS: variable({
    description:
      "Web origins that may call across sites, by CORS and WebSocket, as a comma list. `none`: only the server's own; `*`: any, refused in production.",
    schema: listOf(
      (text) => text === ANY_ORIGIN || isOrigin(text),
      'must be *, none, or a comma list of origins like https://app.example.org',
    ).refine((origins) => origins.length === 1 || !origins.includes(ANY_ORIGIN), 'must be * alone or a list without it'),
    default: { development: ANY_ORIGIN, test: ANY_ORIGIN, production: 'none' },
    example: 'https://app.example.org,https://admin.example.org',
  }),
  PARLEY_TRUST_PROXY: variable({
    description: 'Believe `X-Forwarded-For`. Only `on` behind a proxy that sets it, or callers choose their own address.',
    schema: onOff,
    default: 'off',
    example: 'on',
  }),
  PARLEY_LOG_LEVEL: variable({
    description: 'The least severe line that is logged: `fatal`, `error`, `warn`, `info`, `debug`, or `silent`.',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], 'must be fatal, error, warn, info, debug or silent'),
    default: 'info',
    example: 'info',
  }),
  PARLEY_POOL_SIZE: variable({
    description: 'PostgreSQL connections of this process, beside the one that listens.',
    schema: integer(1, 1_000),
    default: '10',
    example: '10',
  }),
  PARLEY_REDIS_PREFIX: variable({
    description: 'Begins every Redis key and channel; give each installation that shares a Redis its own.',
    schema: z.string().regex(/^[A-Za-z0-9:._-]{1,64}$/, 'must be 1 to 64 of letters, digits and : . _ -'),
    default: 'parley:',
    example: 'parley:',
  }),
  PARLEY_REDIS_CLUSTER: variable({
    description: '`REDIS_URL` names nodes of a Redis Cluster (7.0 or later): its other nodes are found, and topics are spread over them.',
    schema: onOff,
    default: 'off',
    example: 'on',
  }),
  PARLEY_MIGRATE: variable({
    description: 'Apply pending migrations at start, under an advisory lock. `off` leaves them to `npm run db:migrate`.',
    schema: onOff,
    default: 'on',
    example: 'on',
  }),
  PARLEY_ORPHAN_AFTER: variable({
    description:
      'A session under way ends by itself when nobody has been connected to it, and nothing has happened in it, for this long: `90s`, `15m`, `2h`. `off`: never.',
    schema: durationOrOff(60_000, 86_400_000, 'must be off, or a time like 90s, 15m or 2h, from 1m to 24h'),
    default: '1h',
    example: '1h',
  }),
  PARLEY_STUN_URLS: variable({
    description: 'STUN servers handed to peers, as a comma list, or `none`.',
    schema: listOf((text) => STUN_URL.test(text), 'must be none or a comma list of URLs like stun:stun.example.org:3478'),
    default: 'stun:stun.l.google.com:19302',
    example: 'stun:stun.example.org:3478',
  }),
  PARLEY_TURN_URLS: variable({
    description: 'TURN servers handed to peers, as a comma list; needs `PARLEY_TURN_SECRET`.',
    schema: listOf((text) => TURN_URL.test(text), 'must be none or a comma list of URLs like turn:turn.example.org:3478?transport=udp'),
    default: 'none',
    example: 'turn:turn.example.org:3478?transport=udp',
  }),
  PARLEY_TURN_SECRET: variable({
    description: "coturn's `static-auth-secret`: signs each peer's short-lived TURN credentials.",
    schema: z.string().optional(),
    unset: 'none',
    example: 'the-static-auth-secret-of-coturn',
    secret: true,
  }),
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof VARIABLES;
export type Values = { readonly [Name in VariableName]: z.output<(typeof VARIABLES)[Name]['schema']> };

/** The table as a list, for whoever reads it as text. */
export const VARIABLE_LIST: readonly (Variable & { readonly name: VariableName })[] = (Object.keys(VARIABLES) as VariableName[]).map(
  (name) => ({
    name,
    ...(VARIABLES[name] as Variable),
  }),
);
