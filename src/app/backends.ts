import type { BackendsConfig } from '../config/config';
import type { Database } from '../persistence/database';
import { createPgliteDatabase } from '../persistence/database.pglite';
import { createPostgresDatabase } from '../persistence/database.postgres';
import type { Bus } from '../realtime/bus';
import { MemoryBus } from '../realtime/bus.memory';
import { PostgresBus } from '../realtime/bus.postgres';
import { RedisBus } from '../realtime/bus.redis';
import { RedisClusterBus } from '../realtime/bus.redis-cluster';
import type { Log } from '../realtime/outage-log';
import type { PresenceStore } from '../realtime/presence-store';
import { MemoryPresenceStore } from '../realtime/presence-store.memory';
import { PostgresPresenceStore } from '../realtime/presence-store.postgres';
import { RedisPresenceStore } from '../realtime/presence-store.redis';
import type { RateLimiter } from '../realtime/rate-limiter';
import { MemoryRateLimiter } from '../realtime/rate-limiter.memory';
import { OffRateLimiter } from '../realtime/rate-limiter.off';
import { PostgresRateLimiter } from '../realtime/rate-limiter.postgres';
import { RedisRateLimiter } from '../realtime/rate-limiter.redis';
import { RedisClusterLink } from '../realtime/redis-cluster-link';
import { RedisLink } from '../realtime/redis-link';
import type { RedisCommands } from '../realtime/redis-link';

/** Everything that differs between a laptop and many instances. */
export interface Backends {
  readonly database: Database;
  readonly bus: Bus;
  readonly presence: PresenceStore;
  readonly rateLimiter: RateLimiter;
  /** Lets go of all of it, the database last. Idempotent. */
  close(): Promise<void>;
}

export interface BackendsOptions {
  /** Told of connections that break and come back. */
  readonly log?: Log;
  /** A database that is open already; it is closed with the rest all the same. */
  readonly database?: Database;
}

type Shared = Pick<Backends, 'bus' | 'presence' | 'rateLimiter'> & { readonly link?: RedisCommands };

/** THE one choice. Nothing set: everything in this process. `databaseUrl`: PostgreSQL for all. `redis` too: Redis between instances. */
export async function createBackends(config: BackendsConfig, options: BackendsOptions = {}): Promise<Backends> {
  const database = options.database ?? (await openDatabase(config, options.log));
  const shared = createShared(config, database, options.log);
  const rateLimiter = config.rateLimits ? shared.rateLimiter : new OffRateLimiter();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await Promise.all([shared.bus.close(), shared.presence.close(), shared.rateLimiter.close()]);
    await shared.link?.close();
    await database.close();
  };
  return { database, bus: shared.bus, presence: shared.presence, rateLimiter, close: () => (closing ??= close()) };
}

export function openDatabase(config: BackendsConfig, log?: Log): Promise<Database> {
  if (config.databaseUrl === null) return createPgliteDatabase({ dataDir: config.dataDir });
  return createPostgresDatabase({
    url: config.databaseUrl,
    ownerUrl: config.migrationDatabaseUrl,
    role: config.databaseRole,
    poolSize: config.poolSize,
    preparedStatements: config.preparedStatements,
    onError: ({ message }) => log?.('A database connection broke.', { message }),
  });
}

function createShared({ databaseUrl, redis, redisPrefix: prefix }: BackendsConfig, database: Database, log?: Log): Shared {
  if (databaseUrl === null) {
    if (redis !== null) throw new Error('Redis joins many instances, and the embedded database serves one: set DATABASE_URL too.');
    return { bus: new MemoryBus(), presence: new MemoryPresenceStore(), rateLimiter: new MemoryRateLimiter() };
  }
  if (redis === null) {
    return {
      bus: new PostgresBus({ url: databaseUrl, log }),
      presence: new PostgresPresenceStore(database),
      rateLimiter: new PostgresRateLimiter(database),
    };
  }
  const { bus, link } = redis.kind === 'server' ? onServer(redis.url, prefix, log) : onCluster(redis.seeds, prefix, log);
  return { bus, presence: new RedisPresenceStore({ link, prefix }), rateLimiter: new RedisRateLimiter({ link, prefix }), link };
}

function onServer(url: string, prefix: string, log?: Log): { bus: Bus; link: RedisCommands } {
  return { bus: new RedisBus({ url, prefix, log }), link: new RedisLink({ url, name: `${prefix}shared`, log }) };
}

function onCluster(seeds: readonly string[], prefix: string, log?: Log): { bus: Bus; link: RedisCommands } {
  return { bus: new RedisClusterBus({ seeds, prefix, log }), link: new RedisClusterLink({ seeds, name: `${prefix}shared`, log }) };
}
