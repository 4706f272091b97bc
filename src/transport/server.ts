import type { AddressInfo } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import type { HttpConfig } from '../config/config';
import type { Context } from '../graphql/context';
import type { PipelineObserver, PipelineOptions } from '../graphql/pipeline';
import { Pipeline } from '../graphql/pipeline';
import type { Viewer } from '../lib/viewer';
import type { Logger } from '../observability/logger';
import type { Metrics } from '../observability/metrics';
import { proxyTrust } from './address';
import type { Authenticate } from './authenticate';
import type { BrowserSignIn } from './browser-sign-in';
import { serveBrowserSignIn } from './browser-sign-in';
import { ConnectionCaps } from './connection-caps';
import { Cookies } from './cookies';
import type { OpenDownload } from './downloads';
import { serveDownloads } from './downloads';
import { Draining } from './draining';
import { serveGraphiql } from './graphiql';
import { GRAPHQL_PATH, serveGraphqlHttp } from './graphql-http';
import { GraphqlSse } from './graphql-sse';
import { GraphqlWs } from './graphql-ws';
import type { HealthCheck } from './health';
import { serveHealth } from './health';
import { createHttpServer } from './http-server';
import { serveJwks } from './jwks';
import { serveMetrics } from './metrics';
import type { ReceiveWebhook } from './webhook-ingress';
import { serveWebhookIngress } from './webhook-ingress';

export interface TransportOptions {
  readonly config: HttpConfig;
  readonly schema: GraphQLSchema;
  readonly authenticate: Authenticate;
  /** Left out, nobody signs in by provider or cookie. */
  readonly browserSignIn?: BrowserSignIn;
  readonly resolverOf: Context['resolverOf'];
  readonly checks: readonly HealthCheck[];
  /** The public keys of tokens. Default: there are none. */
  readonly publicKeys?: readonly object[];
  readonly downloads?: Readonly<Record<string, OpenDownload>>;
  readonly receiveWebhook?: ReceiveWebhook;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pipeline?: Pick<PipelineOptions, 'limits' | 'execute' | 'mayIntrospect' | 'admitKey' | 'gate' | 'trustedDocuments'>;
}

export interface Transport {
  readonly pipeline: Pipeline;
  listen(): Promise<{ url: string; port: number }>;
  /** Ends the sockets (4403) and event streams of everybody this is true of: their access has ended. One look at each, nobody is kept in an index. */
  endConnections(isOver: (viewer: Viewer) => boolean): void;
  /**
   * Not ready any more, at once. Sockets are closed 1012 one after the other over at most five seconds, each once its queries and mutations
   * are answered, event streams ended; plain requests are still served, and asked to come back on another connection. Resolves when that is
   * done and whoever has been asking `/readyz` has noticed, for which it waits five seconds at most.
   */
  drain(): Promise<void>;
  /** Drains, then refuses what is new, lets what is in flight finish for a few seconds, and ends. At most ten seconds in all. Idempotent. */
  close(): Promise<void>;
}

const DRAIN_MS = 5_000;
const DRAIN_MS_PER_SOCKET = 10;
const IN_FLIGHT_MS = 2_000;
/** How long a balancer may take to ask `/readyz` again and to turn to others. */
const NOTICE_MS = 5_000;

/** Everything between bytes and GraphQL: HTTP, WebSocket and SSE in front of one pipeline, the playground, probes and metrics. */
export async function createTransport(options: TransportOptions): Promise<Transport> {
  const { config, schema, authenticate, checks, logger, metrics } = options;
  const rated = config.rateLimits;
  const { resolverOf } = options;
  const pipeline = new Pipeline({ ...options.pipeline, schema, resolverOf, rated, observer: observer(logger, metrics) });
  const { limits } = pipeline;
  const draining = new Draining();
  const caps = new ConnectionCaps(limits, rated);
  const cookies = new Cookies(config.secureCookies, config);
  const shared = { pipeline, authenticate, cookies, caps, draining, logger, metrics, trustProxy: proxyTrust(config.trustProxy), rated };

  const server = createHttpServer({ limits, logger, allowedOrigins: config.allowedOrigins, draining });
  const apollo = await serveGraphqlHttp(server, { ...shared, schema });
  const sse = new GraphqlSse({ ...shared, path: `${GRAPHQL_PATH}/stream` });
  sse.register(server);
  const ws = new GraphqlWs({ ...shared, path: GRAPHQL_PATH, allowedOrigins: config.allowedOrigins });
  server.server.on('upgrade', (request, stream, head) => ws.upgrade(request, stream, head));
  if (options.browserSignIn !== undefined) serveBrowserSignIn(server, { ...shared, signIn: options.browserSignIn });
  serveHealth(server, { checks, draining, limits });
  serveMetrics(server, metrics);
  serveJwks(server, options.publicKeys ?? []);
  serveDownloads(server, { ...shared, gate: pipeline.gate, downloads: options.downloads ?? {} });
  if (options.receiveWebhook !== undefined) {
    serveWebhookIngress(server, { ...shared, gate: pipeline.gate, receive: options.receiveWebhook });
  }
  if (config.graphiql) serveGraphiql(server);
  measure(metrics, pipeline, ws, sse);

  let drained: Promise<unknown> | null = null;
  let closed: Promise<void> | null = null;

  const drain = async (): Promise<void> => {
    draining.start();
    sse.drain();
    drained ??= Promise.all([ws.drain(Math.min(DRAIN_MS, ws.size * DRAIN_MS_PER_SOCKET)), draining.noticed(NOTICE_MS)]);
    await drained;
  };
  const finish = async (): Promise<void> => {
    await drain();
    draining.refuse();
    const force = setTimeout(() => server.server.closeAllConnections(), IN_FLIGHT_MS);
    ws.close();
    sse.close();
    await server.close();
    clearTimeout(force);
    await apollo.stop();
  };

  return {
    pipeline,
    listen: async () => {
      await server.listen({ port: config.port, host: config.host });
      const { port } = server.server.address() as AddressInfo;
      return { url: `http://${urlHost(config.host)}:${port}`, port };
    },
    endConnections: (isOver) => {
      ws.endConnections(isOver);
      sse.endConnections(isOver);
    },
    drain,
    close: () => (closed ??= finish()),
  };
}

/** An address to open from this machine. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function observer(logger: Logger, metrics: Metrics): PipelineObserver {
  // A record holds what the pipeline chose and no secret. Looking for some in each cost forty times the line itself.
  const operations = logger.child({}, { redact: [] });
  return {
    operationEnded: (record) => {
      metrics.operationEnded(record);
      operations.info({ ...record, durationMs: Math.round(record.durationMs * 100) / 100 }, 'operation');
    },
    operationFailed: (error, about) => {
      if (about.code === 'UNAVAILABLE') logger.warn({ err: error, ...about }, 'something is away');
      else logger.error({ err: error, ...about }, 'an operation failed');
    },
  };
}

function measure(metrics: Metrics, pipeline: Pipeline, ws: GraphqlWs, sse: GraphqlSse): void {
  metrics.observe({ name: 'subscriptions_open', help: 'Open subscriptions, all transports.', read: () => pipeline.openSubscriptions });
  metrics.observe({
    name: 'connections_open',
    help: 'Open connections.',
    label: 'transport',
    read: () => ({ ws: ws.size, sse: sse.size }),
  });
  metrics.observe({
    name: 'subscription_payloads_total',
    type: 'counter',
    help: 'Events delivered to subscribers, rendered for each or shared.',
    read: () => pipeline.deliveredPayloads,
  });
  metrics.observe({
    name: 'share_groups',
    help: 'Groups of equal subscriptions, for which each event is rendered once.',
    read: () => pipeline.shareGroups,
  });
  metrics.observe({
    name: 'socket_unsent_bytes',
    help: 'Bytes given to sockets and event streams and not taken yet.',
    read: () => ws.unsentBytes + sse.unsentBytes,
  });
  metrics.observe({ name: 'document_cache_bytes', help: 'Estimated size of checked documents.', read: () => pipeline.documents.bytes });
  metrics.observe({ name: 'document_cache_entries', help: 'Checked documents.', read: () => pipeline.documents.size });
}
