import { randomBytes } from 'node:crypto';
import type { App } from '../../src/app/app';
import { createApp } from '../../src/app/app';
import { createBackends } from '../../src/app/backends';
import type { Config, RedisConfig } from '../../src/config/config';
import { openTestDatabase } from './databases';
import type { TestDatabase } from './databases';
import { requireRedisUrl } from './redis';

/** Which backends the apps of this run stand on: chosen once for the whole run, by PARLEY_TEST_BACKENDS. */
export const APP_BACKENDS: 'embedded' | 'postgres-redis' =
  process.env.PARLEY_TEST_BACKENDS === 'postgres-redis' ? 'postgres-redis' : 'embedded';

export interface TestApp {
  readonly url: string;
  readonly app: App;
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
}

/** A whole Parley on a fresh database, listening on a free port. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const opened = await openTestDatabase(APP_BACKENDS === 'embedded' ? 'pglite' : 'postgres');
  const redis = APP_BACKENDS === 'embedded' ? null : (options.redis ?? { kind: 'server', url: await requireRedisUrl() });
  const config = testConfig(opened, redis, options);
  const apps: App[] = [];
  const start = async (): Promise<TestApp> => {
    // PGlite is opened by the test from a snapshot; PostgreSQL by each app itself, as in production.
    const backends = await createBackends(config.backends, APP_BACKENDS === 'embedded' ? { database: opened.database } : {});
    const app = await createApp(config, { backends });
    apps.push(app);
    const { url } = await app.listen();
    return { url, app, another: start, close: () => closeAll(apps, opened) };
  };
  return start();
}

async function closeAll(apps: App[], opened: TestDatabase): Promise<void> {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await opened.drop();
}

function testConfig(opened: TestDatabase, redis: RedisConfig | null, options: TestAppOptions): Config {
  const rateLimits = options.rateLimits ?? false;
  return {
    environment: options.environment ?? 'test',
    http: { port: 0, host: '127.0.0.1', graphiql: true, allowedOrigins: null, rateLimits, trustProxy: false },
    backends: {
      databaseUrl: opened.url,
      redis,
      dataDir: 'memory://',
      redisPrefix: `parley-test-${randomBytes(6).toString('hex')}:`,
      poolSize: 10,
      rateLimits,
    },
    auth: { jwtSecret: 'a-secret-for-tests-of-more-than-32-bytes' },
    ice: { stunUrls: ['stun:stun.example.org:3478'], turnUrls: ['turn:turn.example.org:3478'], turnSecret: 'turn-secret' },
    sessions: { orphanAfterMs: options.orphanAfterMs ?? null },
    log: { level: 'silent' },
    migrateAtStart: false,
  };
}
