import { z } from 'zod';
import { secretJwtKey } from './jwt-keys';
import {
  durationOrOff,
  hookSources,
  integer,
  isMailbox,
  isOrigin,
  isPlace,
  listOf,
  onOff,
  placeUrl,
  STUN_URL,
  trustedProxies,
  TURN_URL,
  urlsWith,
  urlWith,
} from './texts';

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

/** Places in `/auth/:provider` that are taken. */
const TAKEN_NAMES = ['google', 'github', 'cookie'];

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
  PARLEY_MIGRATION_DATABASE_URL: variable({
    description:
      "The same database as the owner of its tables, for migrations alone: so that `DATABASE_URL` can sign in as the application's role itself (docs/row-security.md).",
    schema: urlWith(['postgres', 'postgresql']).optional(),
    unset: '`DATABASE_URL` migrates too',
    example: 'postgres://parley_owner:password@127.0.0.1:5432/parley',
    secret: true,
  }),
  PARLEY_DATABASE_ROLE: variable({
    description:
      'What the application runs as in PostgreSQL: a role that owns nothing, bound by row security. Migrations make it when they may; give each installation on one server its own.',
    schema: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a name of a-z, 0-9 and _, at most 63'),
    default: 'parley_app',
    example: 'parley_app',
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
    description: `Signs access tokens and attendee tokens; at least ${MIN_SECRET_BYTES} bytes, the same on every instance. Several, apart by a comma or a space, to change it: the first signs, all are good (docs/tokens.md). Required in production, or \`PARLEY_JWT_KEYS\`.`,
    schema: z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((secret) => secret !== ''))
      .refine(
        (secrets) => secrets.length > 0 && secrets.every((secret) => Buffer.byteLength(secret) >= MIN_SECRET_BYTES),
        `must have at least ${MIN_SECRET_BYTES} bytes (openssl rand -base64 48)`,
      )
      .transform((secrets) => secrets.map(secretJwtKey))
      .optional(),
    unset: 'made once and kept in `PARLEY_DATA_DIR`',
    example: 'at-least-32-bytes-from-openssl-rand-base64-48',
    secret: true,
  }),
  PARLEY_JWT_KEYS: variable({
    description:
      'PEM files with keys for tokens that others can check, as a comma list, or `none`: RSA (RS256) or EC on P-256 (ES256). The first, which is private, signs in place of `JWT_SECRET`; all are good, and their public halves are at `/.well-known/jwks.json` (docs/tokens.md).',
    schema: listOf((text) => text !== '', 'must be none or a comma list of files'),
    default: 'none',
    example: '/run/secrets/jwt-2026-11.pem,/run/secrets/jwt-2026-05.pem',
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
    description:
      'Whose `X-Forwarded-For` is believed: `off`; `on`, for the one proxy in front; how many proxies every request comes through; or the addresses and networks of the proxies, as a comma list. Without a proxy in front, callers would choose their own address.',
    schema: trustedProxies,
    default: 'off',
    example: '10.0.0.0/8,192.0.2.7',
  }),
  PARLEY_TRUSTED_DOCUMENTS: variable({
    description:
      'A file with the operations of your own clients, as their build prints it: a JSON object of documents by name. They may be asked for by `documentId` alone.',
    schema: z.string().optional(),
    unset: 'none',
    example: '/etc/parley/persisted-documents.json',
  }),
  PARLEY_TRUSTED_DOCUMENTS_ONLY: variable({
    description:
      'Refuse every document that is not in `PARLEY_TRUSTED_DOCUMENTS`, whoever sends it: the playground and introspection are of no use then.',
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
  PARLEY_PREPARED_STATEMENTS: variable({
    description:
      'How many statements each of them keeps prepared; 0 behind a pooler that lends connections by the transaction and does not know prepared statements (PgBouncer before 1.21).',
    schema: integer(0, 1_000),
    default: '100',
    example: '100',
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
  PARLEY_CHANNEL_ARCHIVE_AFTER: variable({
    description: 'A channel is archived by itself when nothing was written in it for this long: `12h`, `90d`. `off`: never.',
    schema: durationOrOff(3_600_000, 3_650 * 86_400_000, 'must be off, or a time like 12h or 90d, from 1h to 3650d'),
    default: '90d',
    example: '90d',
  }),
  PARLEY_MESSAGES_PER_MINUTE: variable({
    description: 'How many messages one sender may write in one channel in a minute.',
    schema: integer(1, 1_000_000),
    default: '100',
    example: '100',
  }),
  PARLEY_ATTENDEE_GRACE: variable({
    description:
      'An attendee who was connected has left, with the reason `lost`, when nothing of theirs has been connected for this long: `20s`, `2m`. `off`: never.',
    schema: durationOrOff(5_000, 3_600_000, 'must be off, or a time like 20s or 2m, from 5s to 1h'),
    default: '20s',
    example: '20s',
  }),
  PARLEY_SMTP_URL: variable({
    description:
      'Where notifications are handed over as letters: `smtps://user:password@host:465`, or `smtp://…:587`, which turns to TLS when the server offers it. Unset: no letters.',
    schema: urlWith(['smtp', 'smtps']).optional(),
    unset: 'no letters',
    example: 'smtps://parley:password@mail.example.org:465',
    secret: true,
  }),
  PARLEY_MAIL_FROM: variable({
    description: 'Who letters come from: an address, or a name and an address. Together with `PARLEY_SMTP_URL`.',
    schema: z.string().refine(isMailbox, 'must be an address, or a name and an address in angle brackets').optional(),
    unset: 'no letters',
    example: 'Parley <parley@example.org>',
  }),
  PARLEY_PUBLIC_URL: variable({
    description:
      'Where browsers reach this server: redirect URIs are `<it>/auth/:provider/callback`, and under `https` cookies are `Secure`. Required in production to sign in with a provider.',
    schema: placeUrl.optional(),
    unset: '`http://localhost:<PORT>`',
    example: 'https://api.example.org',
  }),
  PARLEY_JOIN_URL: variable({
    description: 'The page where people join a session, told by `Session.joinUrl`: `{code}` in it stands for the join code.',
    schema: z
      .string()
      .refine(
        (text) => isPlace(text.replace('{code}', 'CODE')) && text.includes('{code}'),
        'must be an http or https URL with {code} in its path',
      )
      .optional(),
    unset: '`<PARLEY_PUBLIC_URL>/join/{code}`',
    example: 'https://app.example.org/join/{code}',
  }),
  PARLEY_OAUTH_RETURN_URLS: variable({
    description:
      'Pages that a browser may be sent to after signing in with a provider, as a comma list; `returnTo` must equal one in origin and path. `none`: nobody can.',
    schema: listOf(isPlace, 'must be none or a comma list of URLs like https://app.example.org/signed-in'),
    default: 'none',
    example: 'https://app.example.org/signed-in',
  }),
  PARLEY_OAUTH_GOOGLE_CLIENT_ID: variable({
    description: 'Sign in with Google, under `/auth/google`; needs the secret.',
    schema: z.string().optional(),
    unset: 'Google is not offered',
    example: '1234567890-abc.apps.googleusercontent.com',
  }),
  PARLEY_OAUTH_GOOGLE_CLIENT_SECRET: variable({
    description: "Google's secret for this client.",
    schema: z.string().optional(),
    unset: 'none',
    example: 'the-client-secret-of-google',
    secret: true,
  }),
  PARLEY_OAUTH_GITHUB_CLIENT_ID: variable({
    description: 'Sign in with GitHub, under `/auth/github`; needs the secret.',
    schema: z.string().optional(),
    unset: 'GitHub is not offered',
    example: 'Iv1.0123456789abcdef',
  }),
  PARLEY_OAUTH_GITHUB_CLIENT_SECRET: variable({
    description: "GitHub's secret for this client.",
    schema: z.string().optional(),
    unset: 'none',
    example: 'the-client-secret-of-github',
    secret: true,
  }),
  PARLEY_OAUTH_GITHUB_URL: variable({
    description: 'Where people sign in to GitHub; another for GitHub Enterprise.',
    schema: placeUrl,
    default: 'https://github.com',
    example: 'https://github.example.org',
  }),
  PARLEY_OAUTH_GITHUB_API_URL: variable({
    description: "GitHub's REST API; `https://<host>/api/v3` for GitHub Enterprise.",
    schema: placeUrl,
    default: 'https://api.github.com',
    example: 'https://github.example.org/api/v3',
  }),
  PARLEY_OIDC_ISSUER: variable({
    description: 'Any OpenID Connect issuer, by its URL as its discovery document has it; needs a client id and a secret.',
    schema: urlWith(['https', 'http']).optional(),
    unset: 'none is offered',
    example: 'https://id.example.org',
  }),
  PARLEY_OIDC_CLIENT_ID: variable({
    description: 'The client id at `PARLEY_OIDC_ISSUER`.',
    schema: z.string().optional(),
    unset: 'none',
    example: 'parley',
  }),
  PARLEY_OIDC_CLIENT_SECRET: variable({
    description: "The issuer's secret for this client.",
    schema: z.string().optional(),
    unset: 'none',
    example: 'the-client-secret-of-the-issuer',
    secret: true,
  }),
  PARLEY_OIDC_NAME: variable({
    description: 'Its place in `/auth/:provider`. Stored with each account that was linked: changing it unlinks them.',
    schema: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of lower-case letters, digits and -')
      .refine((name) => !TAKEN_NAMES.includes(name), `must not be one of ${TAKEN_NAMES.join(', ')}`),
    default: 'oidc',
    example: 'company',
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
  PARLEY_HOOKS: variable({
    description:
      'Where webhooks may come in from, as a comma list of `name:secret`, or `none`; secrets as Standard Webhooks has them (`whsec_…`). A name that stands there twice may sign with either secret, so that a secret can be changed.',
    schema: hookSources,
    default: 'none',
    example: 'payments:whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr',
    secret: true,
  }),
  PARLEY_TURN_SECRET: variable({
    description: "coturn's `static-auth-secret`: signs each peer's short-lived TURN credentials.",
    schema: z.string().optional(),
    unset: 'none',
    example: 'the-static-auth-secret-of-coturn',
    secret: true,
  }),
  PARLEY_LIVEKIT_URL: variable({
    description: 'A LiveKit server that media goes through in large sessions, as clients reach it; needs the key and the secret.',
    schema: urlWith(['wss', 'ws']).optional(),
    unset: 'media goes from peer to peer alone',
    example: 'wss://media.example.org',
  }),
  PARLEY_LIVEKIT_API_KEY: variable({
    description: "The API key of LiveKit's that `mediaToken` issues tokens under.",
    schema: z.string().optional(),
    unset: 'none',
    example: 'APIabcdefghijk',
  }),
  PARLEY_LIVEKIT_API_SECRET: variable({
    description: "That key's secret: signs the tokens.",
    schema: z
      .string()
      .refine((text) => Buffer.byteLength(text) >= MIN_SECRET_BYTES, `must have at least ${MIN_SECRET_BYTES} bytes`)
      .optional(),
    unset: 'none',
    example: 'the-secret-of-the-api-key-in-32-bytes-or-more',
    secret: true,
  }),
  PARLEY_SFU_ABOVE: variable({
    description: 'With more attendees than this a session becomes `SFU`: its people connect to the media server instead of to each other.',
    schema: integer(2, 10_000),
    default: '12',
    example: '12',
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
