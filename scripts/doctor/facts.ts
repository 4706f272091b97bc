import Redis from 'ioredis';
import { openDatabase } from '../../src/app/backends';
import type { BackendsConfig, Config } from '../../src/config/config';
import { ConfigError, loadConfig } from '../../src/config/load';
import type { Database } from '../../src/persistence/database';
import { pendingMigrations } from '../../src/persistence/migrate';

/** What the doctor has found out. Null: there is no such thing, or nobody asked; `unreachable`: it should be there, and did not answer. */
export interface Facts {
  /** Null when the environment is not one that Parley starts in. */
  readonly config: Config | null;
  readonly problems: readonly string[];
  readonly database: DatabaseFacts | 'unreachable' | null;
  readonly redis: RedisFacts | 'unreachable' | null;
  readonly instance: InstanceFacts | 'unreachable' | null;
}

export interface DatabaseFacts {
  /** Of the role that the server signs in as: what it can be again, whatever it serves as. */
  readonly superuser: boolean;
  readonly bypassesRowSecurity: boolean;
  readonly ownsTables: boolean;
  readonly encrypted: boolean;
  readonly statementTimeout: string;
  readonly pendingMigrations: readonly string[];
  /** How far this machine's clock is ahead. */
  readonly clockAheadMs: number;
}

export interface RedisFacts {
  /** Whether it obeys somebody who gives no password. */
  readonly open: boolean;
}

/** What a stranger sees of a running instance. */
export interface InstanceFacts {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly introspects: boolean;
  readonly playground: boolean;
  readonly metrics: boolean;
  /** The origin that a page of another site is told it may be. */
  readonly allowedOrigin: string | null;
  /** The answer to a body that is no JSON. */
  readonly errorAnswer: { readonly mediaType: string; readonly body: string };
}

const PATIENCE_MS = 5_000;
const STRANGER = 'https://stranger.invalid';

export async function gatherFacts(url: string | null): Promise<Facts> {
  const { config, problems } = readConfig();
  const [database, redis, instance] = await Promise.all([
    config === null || config.backends.databaseUrl === null ? null : reached(askDatabase(config.backends)),
    config === null || config.backends.redis === null ? null : reached(askRedis(config.backends.redis)),
    url === null ? null : reached(askInstance(url)),
  ]);
  return { config, problems, database, redis, instance };
}

function readConfig(): Pick<Facts, 'config' | 'problems'> {
  try {
    return { config: loadConfig(), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { config: null, problems: error.problems };
    throw error;
  }
}

async function reached<T>(asking: Promise<T>): Promise<T | 'unreachable'> {
  return asking.catch(() => 'unreachable' as const);
}

async function askDatabase(backends: BackendsConfig): Promise<DatabaseFacts> {
  const database = await openDatabase(backends);
  try {
    return await factsOf(database);
  } finally {
    await database.close();
  }
}

export async function factsOf(database: Database): Promise<DatabaseFacts> {
  const [role] = await database.sql<Omit<DatabaseFacts, 'pendingMigrations' | 'clockAheadMs'>>(
    `SELECT rolsuper AS superuser, rolbypassrls AS "bypassesRowSecurity",
       EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tableowner = session_user) AS "ownsTables",
       COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
       current_setting('statement_timeout') AS "statementTimeout"
     FROM pg_roles WHERE rolname = session_user`,
  );
  if (role === undefined) throw new Error('the database does not know its own role');
  return { ...role, pendingMigrations: await pendingMigrations(database), clockAheadMs: await clockAhead(database) };
}

/** Between the moments of asking and of hearing: half of the way there is the best guess of when it was looked at. */
async function clockAhead(database: Database): Promise<number> {
  const asked = Date.now();
  const [clock] = await database.sql<{ now: Date }>('SELECT clock_timestamp() AS now');
  return Math.round((asked + Date.now()) / 2 - (clock?.now.getTime() ?? 0));
}

async function askRedis(redis: NonNullable<BackendsConfig['redis']>): Promise<RedisFacts> {
  const address = new URL(redis.kind === 'server' ? redis.url : (redis.seeds[0] ?? ''));
  address.username = address.password = '';
  const client = new Redis(address.href, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: null, connectTimeout: PATIENCE_MS });
  client.on('error', () => undefined);
  try {
    await client.ping();
    return { open: true };
  } catch (error) {
    if (error instanceof Error && /NOAUTH|NOPERM/.test(error.message)) return { open: false };
    throw error;
  } finally {
    client.disconnect();
  }
}

/** Everything is asked as a stranger would: without a token, from a page of another site. */
export async function askInstance(url: string): Promise<InstanceFacts> {
  const ask = (path: string, options: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, url), { ...options, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
  const post = (body: string): Promise<Response> =>
    ask('/graphql', { method: 'POST', body, headers: { 'content-type': 'application/json', origin: STRANGER } });
  const answers = [ask('/livez'), ask('/graphiql'), ask('/metrics'), post('{"query":"{__schema{queryType{name}}}"}'), post('{')] as const;
  const [live, playground, metrics, introspection, broken] = await Promise.all(answers);
  return {
    url,
    headers: Object.fromEntries(live.headers),
    playground: playground.ok,
    metrics: metrics.ok,
    introspects: (await introspection.text()).includes('"queryType"'),
    allowedOrigin: introspection.headers.get('access-control-allow-origin'),
    errorAnswer: { mediaType: broken.headers.get('content-type') ?? '', body: await broken.text() },
  };
}
