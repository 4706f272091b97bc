import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import type { Request, RequestParams, Response, ResponseInit } from 'graphql-sse';
import { createHandler, TOKEN_HEADER_KEY, TOKEN_QUERY_KEY } from 'graphql-sse';
import type { DomainError } from '../errors/domain-error';
import { unauthenticated } from '../errors/domain-error';
import { blocked } from '../graphql/gate';
import type { Visitor } from '../graphql/gate';
import type { Caller, Payload, Pipeline, PreparedOperation, Subscribed } from '../graphql/pipeline';
import { refusal } from '../graphql/pipeline';
import type { Viewer } from '../lib/viewer';
import type { Logger } from '../observability/logger';
import type { Metrics } from '../observability/metrics';
import type { ProxyTrust } from './address';
import type { Authenticate } from './authenticate';
import type { ConnectionCaps, Seat } from './connection-caps';
import type { Cookies } from './cookies';
import type { Draining } from './draining';
import { EventStream, Paced } from './event-streams';
import { HttpRefusal } from './http-errors';
import { withNamedDocument, withNamedDocumentIn } from './named-requests';
import { operationIdOf } from './sse-messages';
import { visitorOf } from './visitors';

export interface GraphqlSseOptions {
  readonly pipeline: Pipeline;
  readonly authenticate: Authenticate;
  readonly cookies: Cookies;
  readonly caps: ConnectionCaps;
  readonly draining: Draining;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly path: string;
  readonly trustProxy: ProxyTrust;
  readonly rated: boolean;
}

/** What one HTTP request brings along through graphql-sse. */
interface Exchange {
  readonly viewer: Viewer;
  readonly address: string;
  readonly requestId: string;
  /** The stream that carries the results: this request's own, or the one its token names. */
  readonly stream: EventStream;
  expiry?: NodeJS.Timeout;
  /** Why its subscription must end, though it may be opening still. */
  over?: DomainError;
  subscription?: Subscribed;
}

interface Reservation {
  readonly stream: EventStream;
  /** Gives it up; stopped when the stream is opened. */
  readonly timer: NodeJS.Timeout;
}

type SseRequest = Request<FastifyRequest, Exchange>;

/** A reserved stream that nobody opens is given up: graphql-sse itself would keep it, and what runs on it, for ever. */
const RESERVATION_MS = 10_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
const CHECK_EVERY_MS = 1_000;
const NO_SEAT: Seat = { identify: () => null, release: () => undefined };

/**
 * graphql-sse in both its modes: a stream for each operation, and one reserved stream (`PUT`) that carries many. graphql-sse speaks the
 * protocol; each operation takes the pipeline's way, refusals included, which arrive as a result on the stream. Around it this adds what
 * it has not: back-pressure, caps, the expiry of tokens and of reservations.
 */
export class GraphqlSse {
  private readonly reserved = new Map<string, Reservation>();
  /** With whoever opened each. */
  private readonly open = new Map<EventStream, Viewer>();
  private readonly running = new Set<Exchange>();
  private readonly handle: (request: SseRequest) => Promise<Response>;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: GraphqlSseOptions) {
    this.handle = createHandler<FastifyRequest, Exchange>({
      authenticate: ({ method, headers, raw }) => tokenOf(method, headers.get(TOKEN_HEADER_KEY), raw.query) ?? randomUUID(),
      onSubscribe: (request, params) => this.start(request, params),
      onNext: (_context, { context }) => context.stream.queued(),
      onComplete: (_context, { context }) => {
        clearTimeout(context.expiry);
        this.running.delete(context);
        context.stream.completed();
      },
    });
    this.timer = setInterval(() => this.checkStalled(), CHECK_EVERY_MS).unref();
  }

  get size(): number {
    return this.open.size;
  }

  /** Bytes that event streams have been given and have not taken yet. */
  get unsentBytes(): number {
    let bytes = 0;
    for (const stream of this.open.keys()) bytes += stream.unsentBytes;
    return bytes;
  }

  register(server: FastifyInstance): void {
    server.route({
      method: ['GET', 'POST', 'PUT', 'DELETE'],
      url: this.options.path,
      handler: (request, reply) => this.answer(request, reply),
    });
  }

  /** Ends every stream without completing its operations, so that clients come back for the rest. */
  drain(): void {
    for (const stream of this.open.keys()) stream.finish('restarting');
  }

  /** What they follow first, each with the reason, then the streams they have opened. */
  endConnections(isOver: (viewer: Viewer) => boolean): void {
    for (const exchange of this.running) if (isOver(exchange.viewer)) end(exchange, unauthenticated('TOKEN_REVOKED', 'Access has ended.'));
    const streams = [...this.open].flatMap(([stream, viewer]) => (isOver(viewer) ? [stream] : []));
    setImmediate(() => streams.forEach((stream) => stream.finish('revoked')));
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { gate } = this.options.pipeline;
    const visitor = await visitorOf(request, { ...this.options, gate });
    const { viewer, address } = visitor;
    const blockedForMs = gate?.blockedForMs(visitor) ?? 0;
    if (blockedForMs > 0) throw blocked(blockedForMs);
    const token = tokenOf(request.method, request.headers[TOKEN_HEADER_KEY], request.query);
    const known = token === null ? undefined : this.reserved.get(token);
    const streams = request.headers.accept === 'text/event-stream';
    if ((streams || request.method === 'PUT') && this.options.draining.started)
      throw new HttpRefusal(503, 'Shutting down.', 'SHUTTING_DOWN');
    const needsSeat = known === undefined && (streams || request.method === 'PUT');
    const stream = known?.stream ?? (needsSeat ? this.admit(visitor) : this.createStream(NO_SEAT, visitor));
    const exchange: Exchange = {
      viewer,
      address,
      requestId: request.id,
      stream,
    };
    const [body, init] = await this.ask(request, exchange);
    if (body !== null && typeof body !== 'string') {
      clearTimeout(known?.timer);
      return this.write(body, init, reply, exchange);
    }
    if (init.status >= 400) {
      if (needsSeat) stream.end();
      throw refusalOf(body, init.status);
    }
    if (request.method === 'PUT' && typeof body === 'string') this.reserve(body, stream, request, exchange);
    return reply
      .code(init.status)
      .headers(init.headers ?? {})
      .send(body ?? '');
  }

  private ask(request: FastifyRequest, context: Exchange): Promise<Response> {
    const { method, url, headers, body } = request;
    return this.handle({
      method,
      url: withNamedDocumentIn(url),
      headers: { get: (name) => (Array.isArray(headers[name]) ? headers[name].join('\n') : headers[name]) },
      body: isRecord(body) ? withNamedDocument(body) : null,
      raw: request,
      context,
    });
  }

  private admit(visitor: Visitor): EventStream {
    const { caps, metrics } = this.options;
    const seat = caps.admit(visitor.address);
    const reached = typeof seat === 'string' ? seat : seat.identify(visitor.viewer);
    if (typeof seat !== 'string' && reached === null) return this.createStream(seat, visitor);
    if (typeof seat !== 'string') seat.release();
    metrics.connectionRefused(reached ?? 'sockets');
    throw new HttpRefusal(reached === 'sockets' ? 503 : 429, 'Too many connections.', 'TOO_MANY_CONNECTIONS');
  }

  private createStream(seat: Seat, visitor: Visitor): EventStream {
    return new EventStream({ seat, visitor, limits: this.options.pipeline.limits, rated: this.options.rated });
  }

  private reserve(token: string, stream: EventStream, request: FastifyRequest, exchange: Exchange): void {
    const timer = setTimeout(() => void this.discard(token, request, exchange), RESERVATION_MS).unref();
    this.reserved.set(token, { stream, timer });
    const forget = (): void => {
      clearTimeout(timer);
      this.reserved.delete(token);
    };
    stream.signal.addEventListener('abort', { handleEvent: forget });
  }

  /** The only way to make graphql-sse forget a reservation is to open the stream and leave it. */
  private async discard(token: string, request: FastifyRequest, context: Exchange): Promise<void> {
    const headers = new Map([
      ['accept', 'text/event-stream'],
      [TOKEN_HEADER_KEY, token],
    ]);
    const [body] = await this.handle({
      method: 'GET',
      url: this.options.path,
      headers: { get: (name) => headers.get(name) },
      body: null,
      raw: request,
      context,
    });
    if (body !== null && typeof body !== 'string') await body.return();
    context.stream.end();
  }

  private async write(body: AsyncGenerator<string>, init: ResponseInit, reply: FastifyReply, { stream, viewer }: Exchange): Promise<void> {
    const { raw } = reply;
    reply.hijack();
    raw.writeHead(init.status, { ...reply.getHeaders(), ...init.headers, 'x-accel-buffering': 'no' } as Record<string, string>);
    this.open.set(stream, viewer);
    try {
      const reason = await stream.carry(body, raw);
      this.options.metrics.eventStreamClosed(reason);
      this.options.logger.debug({ requestId: reply.request.id, reason, durationMs: Math.round(reply.elapsedTime) }, 'event stream closed');
    } finally {
      this.open.delete(stream);
    }
  }

  /** Never throws, so that graphql-sse never keeps the place of an operation that has not begun. */
  private async start({ method, context, raw }: SseRequest, params: RequestParams): Promise<AsyncIterable<ExecutionResult>> {
    const { pipeline } = this.options;
    const { stream, viewer } = context;
    this.running.add(context);
    const over = stream.begin();
    const caller = callerOf(context, operationIdOf(raw.headers.accept, params));
    const started = await pipeline.start(caller, over === null ? this.prepare(method, params) : pipeline.refused(over));
    if (started.kind !== 'events') return asResults(new Paced(once(started.payload), stream));
    context.subscription = started;
    if (context.over !== undefined) end(context, context.over);
    if (viewer.kind !== 'anonymous') {
      const untilExpiry = Math.max(0, viewer.expiresAt.getTime() - Date.now());
      const onExpiry = (): void => end(context, unauthenticated('TOKEN_EXPIRED', 'The token has expired.'));
      context.expiry = setTimeout(onExpiry, Math.min(untilExpiry, MAX_TIMER_MS)).unref();
    }
    return asResults(new Paced(started.events, stream));
  }

  private prepare(method: string, { query, operationName, variables, extensions }: RequestParams): PreparedOperation {
    const { pipeline } = this.options;
    const prepared = pipeline.prepare({ query, operationName, variables, extensions });
    const changes = prepared.ok && prepared.operation.operation === 'mutation';
    return method === 'GET' && changes ? pipeline.refused(refusal('BAD_REQUEST', 'GET requests cannot carry mutations.')) : prepared;
  }

  private checkStalled(): void {
    const now = performance.now();
    const { gate } = this.options.pipeline;
    for (const stream of this.open.keys()) {
      stream.checkStalled(now);
      if (gate !== undefined && gate.blockedForMs(stream.visitor) > 0) stream.cut('blocked');
    }
  }
}

function end(exchange: Exchange, reason: DomainError): void {
  exchange.over = reason;
  exchange.subscription?.events.fail(reason);
}

function callerOf({ viewer, address, requestId, stream }: Exchange, operationId: string | null): Caller {
  return {
    transport: 'sse',
    address,
    requestId,
    signal: stream.signal,
    authenticate: () => Promise.resolve(viewer),
    onTooSlow: () => stream.cut(),
    takeShared: (batch) => stream.takeShared(operationId, batch),
  };
}

async function* once(payload: Payload): AsyncGenerator<Payload, void, undefined> {
  yield payload;
}

/** graphql-sse sends what it is given; the errors in it are formatted already. */
function asResults(payloads: AsyncIterable<unknown>): AsyncIterable<ExecutionResult> {
  return payloads as AsyncIterable<ExecutionResult>;
}

/** The stream a request names. A reservation is named by us alone: nobody can reserve a token that somebody else could guess. */
function tokenOf(method: string, header: unknown, query: unknown): string | null {
  const token = header ?? (isRecord(query) ? query[TOKEN_QUERY_KEY] : undefined);
  return method !== 'PUT' && typeof token === 'string' && /^[0-9a-f-]{36}$/.test(token) ? token : null;
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MESSAGES: Readonly<Record<number, string>> = {
  405: 'Use GET, POST, PUT or DELETE.',
  406: 'Accept text/event-stream.',
  415: 'Send application/json.',
};

/** graphql-sse's own refusals, which have a message at most. */
function refusalOf(body: string | null, status: number): HttpRefusal {
  const { errors } = body === null ? { errors: [] } : (JSON.parse(body) as { errors: readonly { message: string }[] });
  return new HttpRefusal(status, errors[0]?.message ?? MESSAGES[status] ?? 'Refused.', 'EVENT_STREAM');
}
