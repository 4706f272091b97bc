import { randomBytes } from 'node:crypto';
import type { App } from '../../src/app/app';
import { createApp } from '../../src/app/app';
import { createBackends } from '../../src/app/backends';
import type { Config, HooksConfig, LivekitConfig, MailConfig, RedisConfig, SignInConfig } from '../../src/config/config';
import { secretJwtKey } from '../../src/config/jwt-keys';
import { createLogger } from '../../src/observability/logger';
import { DEFAULT_ROLE } from '../../src/persistence/application-role';
import type { Database } from '../../src/persistence/database';
import { openTestDatabase } from './databases';
import type { TestDatabase } from './databases';
import { requireRedisUrl } from './redis';

/** Which backends the apps of this run stand on: chosen once for the whole run, by PARLEY_TEST_BACKENDS. */
export const APP_BACKENDS: 'embedded' | 'postgres-redis' =
  process.env.PARLEY_TEST_BACKENDS === 'postgres-redis' ? 'postgres-redis' : 'embedded';

/** With which every app of the tests signs. */
export const TEST_JWT_SECRET = 'a-secret-for-tests-of-more-than-32-bytes';

export interface TestApp {
  readonly url: string;
  readonly app: App;
  /** The database it stands on, for facts that nothing of the schema can set. */
  readonly database: Database;
  /** Another instance on the same database and Redis. Only with `postgres-redis`: PGlite is for one process. */
  another(): Promise<TestApp>;
  close(): Promise<void>;
}

export interface TestAppOptions {
  readonly rateLimits?: boolean;
  /** In place of the Redis that suites share. */
  readonly redis?: RedisConfig;
  readonly environment?: Config['environment'];
  readonly orphanAfterMs?: number;
  /** Nobody is lost when left out. */
  readonly graceMs?: number;
  readonly signIn?: SignInConfig;
  readonly livekit?: LivekitConfig;
  readonly sfuAbove?: number;
  /** The first instance's; any free one when left out. */
  readonly port?: number;
  readonly allowedOrigins?: readonly string[];
  readonly hooks?: HooksConfig;
  readonly mail?: MailConfig;
  /** Everything that is logged, at the level `debug`. */
  readonly log?: (line: string) => void;
}

/** A whole Parley on a fresh database, listening on a free port. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const opened = await openTestDatabase(APP_BACKENDS === 'embedded' ? 'pglite' : 'postgres');
  const redis = APP_BACKENDS === 'embedded' ? null : (options.redis ?? { kind: 'server', url: await requireRedisUrl() });
  const config = testConfig(opened, redis, options);
  const apps: App[] = [];
  const start = async (port: number): Promise<TestApp> => {
    // PGlite is opened by the test from a snapshot; PostgreSQL by each app itself, as in production.
    const backends = await createBackends(config.backends, APP_BACKENDS === 'embedded' ? { database: opened.database } : {});
    const logger = options.log && createLogger({ level: 'debug' }, { write: options.log });
    const app = await createApp({ ...config, http: { ...config.http, port } }, { backends, logger });
    apps.push(app);
    const { url } = await app.listen();
    return { url, app, database: opened.database, another: () => start(0), close: () => closeAll(apps, opened) };
  };
  return start(options.port ?? 0);
}

async function closeAll(apps: App[], opened: TestDatabase): Promise<void> {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await opened.drop();
}

function testConfig(opened: TestDatabase, redis: RedisConfig | null, options: TestAppOptions): Config {
  const rateLimits = options.rateLimits ?? false;
  const signIn = options.signIn ?? { publicUrl: 'http://localhost', returnUrls: [], providers: [] };
  return {
    environment: options.environment ?? 'test',
    http: {
      port: 0,
      host: '127.0.0.1',
      graphiql: true,
      allowedOrigins: options.allowedOrigins ?? null,
      rateLimits,
      trustProxy: 0,
      publicUrl: signIn.publicUrl,
      secureCookies: false,
    },
    backends: {
      databaseUrl: opened.url,
      migrationDatabaseUrl: null,
      databaseRole: DEFAULT_ROLE,
      redis,
      dataDir: 'memory://',
      redisPrefix: `parley-test-${randomBytes(6).toString('hex')}:`,
      poolSize: 10,
      preparedStatements: 100,
      rateLimits,
    },
    auth: { jwtKeys: [secretJwtKey(TEST_JWT_SECRET)] },
    signIn,
    ice: { stunUrls: ['stun:stun.example.org:3478'], turnUrls: ['turn:turn.example.org:3478'], turnSecret: 'turn-secret' },
    livekit: options.livekit ?? null,
    hooks: options.hooks ?? {},
    sessions: {
      orphanAfterMs: options.orphanAfterMs ?? null,
      graceMs: options.graceMs ?? null,
      sfuAbove: options.sfuAbove ?? null,
      joinUrl: 'https://app.example.org/join/{code}',
    },
    channels: { archiveAfterMs: null, messagesPerMinute: 100 },
    mail: options.mail ?? null,
    log: { level: 'silent' },
    migrateAtStart: false,
  };
}
