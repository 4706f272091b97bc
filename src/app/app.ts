import 'reflect-metadata';
import type { Config } from '../config/config';
import { createLogger } from '../observability/logger';
import type { Logger } from '../observability/logger';
import { Metrics } from '../observability/metrics';
import { migrate, pendingMigrations } from '../persistence/migrate';
import type { BusStatus } from '../realtime/bus';
import type { FanOutStats } from '../realtime/fan-out';
import { RetentionSweeper } from '../realtime/retention';
import { createTransport } from '../transport/server';
import type { HealthCheck } from '../transport/health';
import { createBackends } from './backends';
import type { Backends } from './backends';
import { createKernel } from './kernel';
import { createModules, RETENTION } from './modules';
import { buildParleySchema, resolverRegistry } from './schema';
import { seed } from './seed';
import type { Seeded } from './seed';

/** One instance of Parley. */
export interface App {
  /** Which backends were chosen, for the one line that says so at start. */
  readonly backends: { readonly database: string; readonly bus: string; readonly presence: string; readonly rateLimiter: string };
  /** Resolves when requests are answered. */
  listen(): Promise<{ url: string; port: number }>;
  /** Makes the session for newcomers, once; signs in anew each time. */
  seed(): Promise<Seeded>;
  busStatus(): BusStatus;
  fanOutStats(): FanOutStats;
  /** Graceful: not ready at once, running work finishes, sockets are told to come back elsewhere. At most ten seconds. Idempotent. */
  close(): Promise<void>;
}

export interface AppOptions {
  readonly logger?: Logger;
  /** Backends that are open already; they are closed with the app all the same. */
  readonly backends?: Backends;
}

/** Opens the backends, migrates when asked to, builds the rooms and the transport. Listens to nobody yet. */
export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const logger = options.logger ?? createLogger(config.log);
  const backends =
    options.backends ?? (await createBackends(config.backends, { log: (message, details) => logger.warn(details, message) }));
  if (config.migrateAtStart) await migrate(backends.database);

  const kernel = createKernel(backends);
  const retention = new RetentionSweeper(kernel.log, RETENTION, (error) => logger.warn({ err: error }, 'trimming the log failed'));
  const modules = createModules(kernel, config, (error) => logger.warn({ err: error }, 'looking for orphaned sessions failed'));
  const resolverOf = resolverRegistry(modules.resolvers);
  const metrics = new Metrics();
  measure(metrics, backends, () => kernel.fanOut.stats());
  const production = config.environment === 'production';
  const transport = await createTransport({
    config: config.http,
    schema: buildParleySchema(resolverOf),
    authenticate: modules.authenticate,
    resolverOf,
    checks: checksOf(backends),
    logger,
    metrics,
    pipeline: { mayIntrospect: (viewer) => !production || viewer.kind !== 'anonymous' },
  });

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await transport.close();
    await modules.close();
    await retention.close();
    await kernel.fanOut.close();
    await backends.close();
  };

  return {
    backends: {
      database: backends.database.kind,
      bus: backends.bus.kind,
      presence: backends.presence.kind,
      rateLimiter: backends.rateLimiter.kind,
    },
    listen: () => transport.listen(),
    seed: () => seed(kernel.database, modules.services),
    busStatus: () => backends.bus.status(),
    fanOutStats: () => kernel.fanOut.stats(),
    close: () => (closing ??= close()),
  };
}

function checksOf({ database, bus }: Backends): HealthCheck[] {
  return [
    { name: 'database', check: async () => database.ping().then(() => ({ state: 'up', detail: database.kind })) },
    { name: 'bus', check: () => ({ state: bus.status().state, detail: `${bus.kind}: ${bus.status().detail}` }) },
    { name: 'migrations', check: untilDone(async () => (await pendingMigrations(database)).length === 0) },
  ];
}

/** What was once applied stays applied while this process runs. */
function untilDone(isDone: () => Promise<boolean>): HealthCheck['check'] {
  let done = false;
  return async () => {
    done ||= await isDone();
    return done ? { state: 'up' } : { state: 'down', detail: 'pending migrations' };
  };
}

function measure(metrics: Metrics, { database, bus }: Backends, fanOut: () => FanOutStats): void {
  metrics.observe({ name: 'fanout_streams', help: 'Streams followed by somebody on this instance.', read: () => fanOut().streams });
  metrics.observe({ name: 'fanout_subscribers', help: 'Readers of streams on this instance.', read: () => fanOut().subscribers });
  metrics.observe({ name: 'fanout_gaps', help: 'Times a head check found news that the bus had not brought.', read: () => fanOut().gaps });
  metrics.observe({ name: 'fanout_log_reads', help: 'Reads of the log to catch up with other instances.', read: () => fanOut().logReads });
  metrics.observe({ name: 'fanout_overflows', help: 'Readers cut off for being too slow.', read: () => fanOut().overflows });
  metrics.observe({
    name: 'subscriptions_opened_total',
    help: 'Subscriptions of durable streams: without a cursor (fresh), after one with nothing missing (recovered) or something (unrecovered).',
    label: 'outcome',
    type: 'counter',
    read: () => ({ ...fanOut().openings }),
  });
  bus.onReconnect(() => metrics.busReconnected());
  metrics.observe({
    name: 'bus_up',
    help: '1 while the bus is up, 0 while it is degraded.',
    read: () => (bus.status().state === 'up' ? 1 : 0),
  });
  metrics.observe({ name: 'bus_queued', help: 'Messages that wait for the bus.', read: () => bus.status().queued });
  metrics.observe({ name: 'bus_dropped', help: 'Messages that the bus dropped.', read: () => bus.status().dropped });
  metrics.observe({
    name: 'database_pool',
    help: 'Connections to the database, by state.',
    label: 'state',
    read: () => ({ ...database.poolStats() }),
  });
}
