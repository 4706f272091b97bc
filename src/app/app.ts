import 'reflect-metadata';
import type { Config } from '../config/config';
import { requireScopes } from '../graphql/field-gates';
import { createLogger } from '../observability/logger';
import type { Logger } from '../observability/logger';
import type { OperationGate } from '../modules/abuse';
import { Metrics } from '../observability/metrics';
import { isBound } from '../persistence/application-role';
import { migrate, pendingMigrations } from '../persistence/migrate';
import type { BusStatus } from '../realtime/bus';
import type { Consumers } from '../realtime/consumers';
import type { FanOutStats } from '../realtime/fan-out';
import { RetentionSweeper } from '../realtime/retention';
import { createTransport } from '../transport/server';
import type { CheckResult, HealthCheck } from '../transport/health';
import { createBackends } from './backends';
import type { Backends } from './backends';
import { createKernel } from './kernel';
import { createModules, RETENTION } from './modules';
import { buildParleySchema, resolverRegistry } from './schema';
import { seed } from './seed';
import type { Seeded } from './seed';

/** A consumer is behind for longer than any usual outage takes. */
const DEGRADED_LAG_SECONDS = 60;

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

  const kernel = createKernel(backends, (message, details) => logger.warn(details, message));
  const retention = new RetentionSweeper(kernel.log, RETENTION, (error) => logger.warn({ err: error }, 'trimming the log failed'));
  const modules = createModules(kernel, config, (error) => logger.warn({ err: error }, 'something that runs by itself failed'));
  kernel.consumers.add(modules.consumers);
  const resolverOf = resolverRegistry(modules.resolvers);
  const metrics = new Metrics();
  measure(metrics, backends, () => kernel.fanOut.stats());
  measureGate(metrics, modules.gate);
  measureConsumers(metrics, kernel.consumers);
  const production = config.environment === 'production';
  const { schema, access } = buildParleySchema(resolverOf);
  const transport = await createTransport({
    config: config.http,
    schema,
    authenticate: modules.authenticate,
    browserSignIn: modules.browserSignIn,
    resolverOf,
    checks: checksOf(backends, kernel.consumers),
    publicKeys: modules.publicKeys,
    downloads: { audit: modules.openAuditFile },
    receiveWebhook: modules.receiveWebhook,
    logger,
    metrics,
    pipeline: {
      mayIntrospect: (viewer) => !production || viewer.kind !== 'anonymous',
      admitKey: (key, fields) => requireScopes(access, key, fields),
      trustedDocuments: config.http.trustedDocuments,
      ...(config.http.rateLimits && { gate: modules.gate }),
    },
  });

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await transport.close();
    await kernel.consumers.close();
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
    listen: async () => {
      await modules.followRevocations((isOver) => transport.endConnections(isOver));
      kernel.consumers.start();
      return transport.listen();
    },
    seed: () => seed(kernel.database, modules.services),
    busStatus: () => backends.bus.status(),
    fanOutStats: () => kernel.fanOut.stats(),
    close: () => (closing ??= close()),
  };
}

function checksOf({ database, bus }: Backends, consumers: Consumers): HealthCheck[] {
  return [
    { name: 'database', check: async () => database.ping().then(() => ({ state: 'up', detail: database.kind })) },
    { name: 'bus', check: () => ({ state: bus.status().state, detail: `${bus.kind}: ${bus.status().detail}` }) },
    { name: 'migrations', check: untilDone('pending migrations', async () => (await pendingMigrations(database)).length === 0) },
    { name: 'consumers', check: () => consumersCheck(consumers) },
    { name: 'row security', check: untilDone('does not bind the database role', () => isBound(database)) },
  ];
}

/** However far behind they are, the instance serves. */
function consumersCheck(consumers: Consumers): CheckResult {
  const standings = Object.entries(consumers.lastStandings());
  const behind = standings.some(([, { lagSeconds }]) => lagSeconds > DEGRADED_LAG_SECONDS);
  const detail = standings.map(([name, { lagSeconds, parked }]) => `${name}: ${lagSeconds.toFixed(1)} s behind, ${parked} parked`);
  return { state: behind ? 'degraded' : 'up', detail: detail.join('; ') };
}

/** What was once so stays so while this process runs. */
function untilDone(problem: string, isDone: () => Promise<boolean>): HealthCheck['check'] {
  let done = false;
  return async () => {
    done ||= await isDone();
    return done ? { state: 'up' } : { state: 'down', detail: problem };
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

function measureGate(metrics: Metrics, gate: OperationGate): void {
  metrics.observe({
    name: 'gate_total',
    type: 'counter',
    help: 'What the gate before operations has done: refusals (no points left, or blocked), strikes, blocks that came by themselves.',
    label: 'what',
    read: () => ({ ...gate.counts }),
  });
}

function measureConsumers(metrics: Metrics, consumers: Consumers): void {
  const standing = (figure: 'lagSeconds' | 'parked') => (): Record<string, number> =>
    Object.fromEntries(Object.entries(consumers.lastStandings()).map(([name, standings]) => [name, standings[figure]]));
  metrics.observe({
    name: 'consumer_lag_seconds',
    help: 'How old the oldest event is that a consumer has yet to read, over all instances; 0 when there is none.',
    label: 'consumer',
    read: standing('lagSeconds'),
  });
  metrics.observe({
    name: 'consumer_parked',
    help: 'Events that a consumer has left aside, over all instances.',
    label: 'consumer',
    read: standing('parked'),
  });
  metrics.observe({
    name: 'consumer_handled_total',
    type: 'counter',
    help: 'Events that consumers have handled on this instance.',
    label: 'consumer',
    read: () => consumers.counts('handled'),
  });
  metrics.observe({
    name: 'consumer_failures_total',
    type: 'counter',
    help: 'Batches of events that consumers have failed to handle on this instance.',
    label: 'consumer',
    read: () => consumers.counts('failed'),
  });
}
