import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config, HttpConfig, JwtKeys, LivekitConfig, MailConfig, RedisConfig } from './config';
import { developmentSecret } from './development-secret';
import type { JwtKey } from './jwt-keys';
import { pemJwtKeys } from './jwt-keys';
import { nearest } from './nearest';
import { publicUrlOf, signInRules, toSignIn } from './sign-in';
import { readTrustedDocuments } from './trusted-documents';
import type { Environment, Values, Variable, VariableName } from './variables';
import { ANY_ORIGIN, VARIABLE_LIST, VARIABLES } from './variables';

type Env = Readonly<Record<string, string | undefined>>;

/** The environment is not one that Parley can start in: everything that is wrong with it, at once. Shows no secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}\n`).join('')}See docs/config.md.`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const PREFIX = 'PARLEY_';
/** Read by the test suite alone. */
const TEST_PREFIX = 'PARLEY_TEST_';
const FILE_SUFFIX = '_FILE';
const DEFAULT_DATA_DIR = resolve(__dirname, '../../.parley');

/**
 * The configuration that the environment describes: the only reader of `process.env`. An empty variable counts as unset.
 * Throws `ConfigError` with every problem. In development it may create the data directory, to keep the secret it made there.
 */
export function loadConfig(env: Env = process.env): Config {
  const problems = unknownNames(env);
  const values = readValues(env, problems);
  if (values === null) throw new ConfigError(problems);
  problems.push(...conflicts(values));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values);
}

function unknownNames(env: Env): string[] {
  const known = VARIABLE_LIST.flatMap(({ name, secret }) => (secret ? [name, name + FILE_SUFFIX] : [name]));
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX) && !known.includes(name))
    .sort()
    .map((name) => {
      const bare = name.slice(PREFIX.length);
      const meant = known.includes(bare) ? bare : nearest(name, known);
      return `${name} is not a setting of Parley${meant === null ? '' : `; did you mean ${meant}?`}`;
    });
}

/** Null when a value could not be read; the reasons are then among the problems. */
function readValues(env: Env, problems: string[]): Values | null {
  const environment = VARIABLES.NODE_ENV.schema.safeParse(env.NODE_ENV).data ?? 'development';
  const values: Partial<Record<VariableName, unknown>> = {};
  let complete = true;
  for (const variable of VARIABLE_LIST) {
    const read = readValue(env, variable, environment);
    if (read.ok) values[variable.name] = read.value;
    else problems.push(read.problem);
    complete &&= read.ok;
  }
  return complete ? (values as Values) : null;
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

function readValue(env: Env, variable: Variable & { readonly name: string }, environment: Environment): Read<unknown> {
  const text = readText(env, variable);
  if (!text.ok) return text;
  const parsed = variable.schema.safeParse(text.value ?? defaultOf(variable, environment));
  if (parsed.success) return { ok: true, value: parsed.data };
  const problem = parsed.error.issues[0]?.message ?? 'is not valid';
  return { ok: false, problem: `${variable.name} ${problem}${variable.secret ? '' : `, not ${JSON.stringify(text.value)}`}` };
}

function readText(env: Env, { name, secret }: { readonly name: string; readonly secret?: true }): Read<string | undefined> {
  const text = env[name] || undefined;
  const fileName = name + FILE_SUFFIX;
  const file = secret ? env[fileName] || undefined : undefined;
  if (file === undefined) return { ok: true, value: text };
  if (text !== undefined) return { ok: false, problem: `${name} and ${fileName} are both set; keep one` };
  try {
    const content = readFileSync(file, 'utf8').trim();
    return content === '' ? { ok: false, problem: `${fileName} names an empty file` } : { ok: true, value: content };
  } catch {
    return { ok: false, problem: `${fileName} names a file that cannot be read: ${file}` };
  }
}

function defaultOf(variable: Variable, environment: Environment): string | undefined {
  return typeof variable.default === 'object' ? variable.default[environment] : variable.default;
}

/** What no single variable can know: combinations that could not keep a promise. */
function conflicts(values: Values): string[] {
  const production = values.NODE_ENV === 'production';
  const rules: readonly (readonly [broken: boolean, problem: string])[] = [
    [
      values.REDIS_URL.length > 0 && values.DATABASE_URL === undefined,
      'REDIS_URL needs DATABASE_URL: the embedded database is for one process',
    ],
    [
      values.PARLEY_MIGRATION_DATABASE_URL !== undefined && values.DATABASE_URL === undefined,
      'PARLEY_MIGRATION_DATABASE_URL needs DATABASE_URL: it is the same database, for another user',
    ],
    [
      values.REDIS_URL.length > 1 && !values.PARLEY_REDIS_CLUSTER,
      'REDIS_URL lists several servers; set PARLEY_REDIS_CLUSTER=on if they are nodes of one cluster',
    ],
    [values.PARLEY_REDIS_CLUSTER && values.REDIS_URL.length === 0, 'PARLEY_REDIS_CLUSTER=on needs REDIS_URL'],
    [
      values.PARLEY_REDIS_CLUSTER && new Set(values.REDIS_URL.map(withoutAddress)).size > 1,
      'REDIS_URL lists nodes of one cluster: they may differ in host and port alone',
    ],
    [
      values.PARLEY_REDIS_CLUSTER && values.REDIS_URL.some((url) => new URL(url).pathname.length > 1),
      'REDIS_URL names a database, and a cluster has none',
    ],
    [
      values.PARLEY_TRUSTED_DOCUMENTS_ONLY && values.PARLEY_TRUSTED_DOCUMENTS === undefined,
      'PARLEY_TRUSTED_DOCUMENTS_ONLY=on needs PARLEY_TRUSTED_DOCUMENTS',
    ],
    [
      (values.PARLEY_SMTP_URL === undefined) !== (values.PARLEY_MAIL_FROM === undefined),
      'PARLEY_SMTP_URL and PARLEY_MAIL_FROM go together',
    ],
    [
      isPartly(livekitOf(values)),
      'PARLEY_LIVEKIT_URL, PARLEY_LIVEKIT_API_KEY and PARLEY_LIVEKIT_API_SECRET are set together or not at all',
    ],
    [values.PARLEY_TURN_URLS.length > 0 && values.PARLEY_TURN_SECRET === undefined, 'PARLEY_TURN_URLS needs PARLEY_TURN_SECRET'],
    [
      production && values.JWT_SECRET === undefined && values.PARLEY_JWT_KEYS.length === 0,
      'JWT_SECRET is required in production (openssl rand -base64 48)',
    ],
    [production && !values.PARLEY_RATE_LIMITS, 'PARLEY_RATE_LIMITS=off is refused in production'],
    [
      production && values.PARLEY_ALLOWED_ORIGINS.includes(ANY_ORIGIN),
      'PARLEY_ALLOWED_ORIGINS=* is refused in production: list the origins',
    ],
    ...signInRules(values),
  ];
  return rules.flatMap(([broken, problem]) => (broken ? [problem] : []));
}

function withoutAddress(text: string): string {
  const { protocol, username, password, search } = new URL(text);
  return JSON.stringify([protocol, username, password, search]);
}

function toConfig(values: Values): Config {
  const dataDir = dataDirectory(values.PARLEY_DATA_DIR);
  const rateLimits = values.PARLEY_RATE_LIMITS;
  return {
    environment: values.NODE_ENV,
    http: {
      port: values.PORT,
      host: values.HOST,
      graphiql: values.PARLEY_GRAPHIQL,
      allowedOrigins: values.PARLEY_ALLOWED_ORIGINS.includes(ANY_ORIGIN) ? null : values.PARLEY_ALLOWED_ORIGINS,
      rateLimits,
      trustProxy: values.PARLEY_TRUST_PROXY,
      publicUrl: publicUrlOf(values),
      secureCookies: values.NODE_ENV === 'production' || publicUrlOf(values).startsWith('https://'),
      trustedDocuments: toTrustedDocuments(values),
    },
    backends: {
      databaseUrl: values.DATABASE_URL ?? null,
      migrationDatabaseUrl: values.PARLEY_MIGRATION_DATABASE_URL ?? null,
      databaseRole: values.PARLEY_DATABASE_ROLE,
      redis: toRedis(values),
      dataDir,
      redisPrefix: values.PARLEY_REDIS_PREFIX,
      poolSize: values.PARLEY_POOL_SIZE,
      preparedStatements: values.PARLEY_PREPARED_STATEMENTS,
      rateLimits,
    },
    auth: { jwtKeys: toJwtKeys(values, dataDir) },
    signIn: toSignIn(values),
    ice: {
      stunUrls: values.PARLEY_STUN_URLS,
      turnUrls: values.PARLEY_TURN_URLS,
      turnSecret: values.PARLEY_TURN_SECRET ?? null,
    },
    livekit: toLivekit(values),
    hooks: values.PARLEY_HOOKS,
    mail: toMail(values),
    sessions: {
      orphanAfterMs: values.PARLEY_ORPHAN_AFTER,
      graceMs: values.PARLEY_ATTENDEE_GRACE,
      sfuAbove: toLivekit(values) === null ? null : values.PARLEY_SFU_ABOVE,
      joinUrl: values.PARLEY_JOIN_URL ?? `${publicUrlOf(values)}/join/{code}`,
    },
    channels: { archiveAfterMs: values.PARLEY_CHANNEL_ARCHIVE_AFTER, messagesPerMinute: values.PARLEY_MESSAGES_PER_MINUTE },
    log: { level: values.PARLEY_LOG_LEVEL },
    migrateAtStart: values.PARLEY_MIGRATE,
  };
}

function livekitOf(values: Values): readonly (string | undefined)[] {
  return [values.PARLEY_LIVEKIT_URL, values.PARLEY_LIVEKIT_API_KEY, values.PARLEY_LIVEKIT_API_SECRET];
}

function isPartly(texts: readonly (string | undefined)[]): boolean {
  return texts.includes(undefined) && texts.some((text) => text !== undefined);
}

function toLivekit(values: Values): LivekitConfig | null {
  const [url, apiKey, apiSecret] = livekitOf(values);
  return url === undefined || apiKey === undefined || apiSecret === undefined ? null : { url, apiKey, apiSecret };
}

function toRedis({ REDIS_URL: urls, PARLEY_REDIS_CLUSTER: cluster }: Values): RedisConfig | null {
  const [url] = urls;
  if (url === undefined) return null;
  return cluster ? { kind: 'cluster', seeds: urls } : { kind: 'server', url };
}

function toMail({ PARLEY_SMTP_URL: smtpUrl, PARLEY_MAIL_FROM: from }: Values): MailConfig | null {
  return smtpUrl === undefined || from === undefined ? null : { smtpUrl, from };
}

function toTrustedDocuments({
  PARLEY_TRUSTED_DOCUMENTS: path,
  PARLEY_TRUSTED_DOCUMENTS_ONLY: only,
}: Values): HttpConfig['trustedDocuments'] {
  if (path === undefined) return undefined;
  const documents = readTrustedDocuments(path);
  if (documents === null) throw new ConfigError([`PARLEY_TRUSTED_DOCUMENTS must name a JSON file of documents by name, not ${path}`]);
  return { documents, only };
}

function dataDirectory(value: string | undefined): string {
  if (value === undefined) return DEFAULT_DATA_DIR;
  return value === 'memory://' ? value : resolve(value);
}

/** With both, the secrets check what they have signed before the keys were there. */
function toJwtKeys({ JWT_SECRET: secrets = [], PARLEY_JWT_KEYS: files }: Values, dataDir: string): JwtKeys {
  const [first, ...others] = [...files.flatMap(readKeys), ...secrets];
  if (first === undefined) return [keptKey(dataDir)];
  if (first.key.type === 'public') throw new ConfigError(['PARLEY_JWT_KEYS must begin with a private key: the first one signs']);
  return [first, ...others];
}

function readKeys(file: string): JwtKey[] {
  try {
    return pemJwtKeys(readFileSync(file, 'utf8'));
  } catch (error) {
    const problem = error instanceof Error && !('code' in error) ? error.message : 'cannot be read';
    throw new ConfigError([`PARLEY_JWT_KEYS names a file that ${problem}: ${file}`]);
  }
}

function keptKey(dataDir: string): JwtKey {
  const [key] = VARIABLES.JWT_SECRET.schema.safeParse(madeSecret(dataDir)).data ?? [];
  if (key !== undefined) return key;
  throw new ConfigError([`${dataDir}/jwt-secret is too short for a secret: remove it, or set JWT_SECRET`]);
}

function madeSecret(dataDir: string): string {
  try {
    return developmentSecret(dataDir);
  } catch (error) {
    throw new ConfigError([`PARLEY_DATA_DIR cannot keep a secret, and JWT_SECRET is not set: ${String(error)}`]);
  }
}
