import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Server, SubscribePayload } from 'graphql-ws';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Server as SocketServer } from 'ws';
import { WebSocketServer } from 'ws';
import { DomainError } from '../errors/domain-error';
import { toPublicError } from '../graphql/error-format';
import type { Gate } from '../graphql/gate';
import type { Pipeline } from '../graphql/pipeline';
import type { Viewer } from '../lib/viewer';
import type { Logger } from '../observability/logger';
import type { Metrics } from '../observability/metrics';
import type { ProxyTrust } from './address';
import { addressOf } from './address';
import type { Authenticate } from './authenticate';
import { CLOSE } from './closing';
import type { Closing } from './closing';
import { Connection } from './connection';
import type { ConnectionCaps } from './connection-caps';
import { ConnectionLog } from './connection-log';
import type { ConversationHost, Extra } from './conversation';
import { Conversation, ConversingSocket } from './conversation';
import type { Cookies } from './cookies';
import type { Draining } from './draining';
import { HttpRefusal } from './http-errors';
import { answerAndClose } from './http-server';
import type { AllowedOrigins } from './origins';
import { mayConnect } from './origins';
import { SocketCaller } from './socket-caller';
import { authorizationIn, forgetText, RefusalError, takeParams, takePayload } from './socket-messages';

export interface GraphqlWsOptions {
  readonly pipeline: Pipeline;
  readonly authenticate: Authenticate;
  readonly cookies: Cookies;
  readonly caps: ConnectionCaps;
  readonly draining: Draining;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly path: string;
  readonly allowedOrigins: AllowedOrigins;
  readonly trustProxy: ProxyTrust;
  /** Whether operations per second are limited. */
  readonly rated: boolean;
}

const CHECK_EVERY_MS = 1_000;
/** In so many turns everybody is pinged once: ten thousand at once would hold up everything else for a second. */
const PING_TURNS = 12;
/** How long a draining instance waits for a socket's queries and mutations. */
const IN_FLIGHT_PATIENCE_MS = 2_000;
/** For the closing handshake: the close frame stands behind what the peer does not read, and who floods us may not answer it. */
const CLOSE_TIMEOUT_MS = 2_000;
/** As an operation over a limit would be told. */
const TOO_MANY_FRAMES = { code: 'RATE_LIMITED', details: { limit: 'framesPerSecond' } } as const;
/** A stopping instance has less. */
const STOP_PATIENCE_MS = 1_000;

/**
 * `graphql-transport-ws` at one path. graphql-ws speaks the protocol; each operation takes the pipeline's way. One timer serves all
 * sockets, and an idle subscription costs none.
 */
export class GraphqlWs implements ConversationHost {
  private readonly connections = new Set<Connection>();
  readonly protocol: Server<Extra>;
  private readonly sockets: SocketServer<typeof ConversingSocket>;
  private readonly timers: NodeJS.Timeout[];
  private readonly log: ConnectionLog;
  private opened = 0;
  private pingTurn = 0;
  private checkedAt = performance.now();

  constructor(private readonly options: GraphqlWsOptions) {
    const { limits } = options.pipeline;
    this.log = new ConnectionLog(options.logger);
    const socketLimits = {
      maxPayload: limits.frameBytes,
      maxFragments: limits.messageFragments,
      maxBufferedChunks: limits.messageChunks,
      // `ws` drops a connection that lets more than these wait: our own bound, which tells it why, comes first.
      maxPendingAutoPongs: limits.framesBurst + 1,
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    this.sockets = new WebSocketServer<typeof ConversingSocket>({
      noServer: true,
      WebSocket: ConversingSocket,
      perMessageDeflate: false,
      clientTracking: false,
      // One message of a socket at a time: thousands in one chunk would hold up everybody else.
      allowSynchronousEvents: false,
      handleProtocols,
      ...socketLimits,
    });
    this.protocol = makeServer<Record<string, unknown>, Extra>({
      // One of our own for all sockets: see `check`.
      connectionInitWaitTimeout: 0,
      onConnect: (context) => this.connect(context.extra, takeParams(context)),
      onSubscribe: ({ extra, subscriptions }, id, payload) => this.startOperation(extra, Object.keys(subscriptions).length, id, payload),
      execute: startedOf,
      subscribe: startedOf,
      // The pipeline's payloads go out as they are.
      onNext: (_context, _id, _payload, _args, result) => takePayload(result),
    });
    this.timers = [
      setInterval(() => this.ping(), limits.silenceMs / PING_TURNS).unref(),
      setInterval(() => this.check(), CHECK_EVERY_MS).unref(),
    ];
  }

  get size(): number {
    return this.connections.size;
  }

  /** Bytes that sockets have been given and have not taken yet. */
  get unsentBytes(): number {
    let bytes = 0;
    for (const { socket } of this.connections) bytes += socket.bufferedAmount;
    return bytes;
  }

  /** For the HTTP server's `upgrade` event. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', destroyOnError);
    const refusal = this.refusalOf(request);
    const address = addressOf(request, this.options.trustProxy);
    const seat = refusal === null ? this.options.caps.admit(address) : null;
    if (refusal !== null || seat === 'sockets') {
      this.options.metrics.connectionRefused(refusal === null ? 'sockets' : refusal.reason);
      answerAndClose(stream, refusal ?? new HttpRefusal(503, 'Too many connections.', 'TOO_MANY_CONNECTIONS'));
      return;
    }
    let upgraded = false;
    this.sockets.handleUpgrade(request, stream, head, (socket) => {
      upgraded = true;
      // From here on `ws` looks after it.
      stream.removeListener('error', destroyOnError);
      if (seat === null || typeof seat === 'string') return this.turnAway(socket);
      const { pipeline, cookies, rated } = this.options;
      this.opened += 1;
      const pingTurn = this.opened % PING_TURNS;
      const authorization = cookies.authorizationIn(request.headers);
      const options = { socket, stream: request.socket, address, seat, limits: pipeline.limits, rated, pingTurn, authorization };
      this.open(new Connection(options), socket);
    });
    // `ws` has answered what is no handshake; otherwise the connection gives the seat back when it is closed.
    if (!upgraded && seat !== null && typeof seat !== 'string') seat.release();
  }

  /** Closes all sockets 1012, one after the other over this time, each once its queries and mutations are answered. */
  async drain(overMs: number): Promise<void> {
    const connections = [...this.connections];
    const pause = overMs / Math.max(1, connections.length);
    const startedAt = performance.now();
    for (const [index, connection] of connections.entries()) {
      connection.closeWhenIdle('restarting', IN_FLIGHT_PATIENCE_MS);
      const ahead = startedAt + (index + 1) * pause - performance.now();
      if (ahead > 1 && index + 1 < connections.length) await sleep(ahead);
    }
    await this.emptied(IN_FLIGHT_PATIENCE_MS + STOP_PATIENCE_MS);
  }

  /** For a client 4403 means to ask for a fresh token and to come again; then it is told. */
  endConnections(isOver: (viewer: Viewer) => boolean): void {
    this.forEach((connection) => {
      if (isOver(connection.viewer)) connection.close('revoked');
    });
  }

  /** Ends what is left. */
  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.forEach(({ socket }) => socket.terminate());
    this.sockets.close();
  }

  /** Not for others: what happens in a conversation. */
  socketFailed({ id }: Connection, error: Error): void {
    this.options.logger.debug({ err: error, connectionId: id }, 'a socket failed');
  }

  messageFailed(connection: Connection, error: unknown): void {
    // graphql-ws throws at messages that only a server sends.
    if (error instanceof Error && error.message.startsWith('Unexpected message of type')) return connection.close('badRequest');
    if (connection.signal.aborted) return;
    this.options.logger.error({ err: error, connectionId: connection.id }, 'a message could not be handled');
    connection.close('failed');
  }

  closed(connection: Connection, code: number): void {
    connection.release();
    this.connections.delete(connection);
    if (connection.endCause === 'tooManyFrames') this.gate?.noted(connection, TOO_MANY_FRAMES);
    this.options.metrics.socketClosed(connection.endCode ?? code, connection.endCause);
    this.log.closed(connection, connection.endCode ?? code);
  }

  private get gate(): Gate | undefined {
    return this.options.pipeline.gate;
  }

  private refusalOf(request: IncomingMessage): HttpRefusal | null {
    const { path, allowedOrigins, cookies, draining } = this.options;
    if (request.url?.split('?', 1)[0] !== path) return new HttpRefusal(404, 'There is nothing here.', 'NO_ROUTE');
    if (!mayConnect(request.headers, allowedOrigins)) return new HttpRefusal(403, 'This origin is not allowed.', 'ORIGIN_NOT_ALLOWED');
    if (cookies.areMisused(request.headers)) return new HttpRefusal(403, 'This page may not use cookies here.', 'ORIGIN_NOT_ALLOWED');
    return draining.started ? new HttpRefusal(503, 'Shutting down.', 'SHUTTING_DOWN') : null;
  }

  /** A close frame rather than an HTTP status: graphql-ws clients come back after the former and give up after the latter. */
  private turnAway(socket: ConversingSocket): void {
    this.options.metrics.connectionRefused('anonymousSocketsPerAddress');
    socket.on('error', () => undefined);
    socket.close(...CLOSE.tooMany);
  }

  private open(connection: Connection, socket: ConversingSocket): void {
    this.connections.add(connection);
    this.log.opened(connection);
    new Conversation(this, connection, socket);
  }

  /** A refused token closes with 4403: a client that comes back asks for a fresh one first. */
  private async connect(connection: Connection, params: Readonly<Record<string, unknown>> | undefined): Promise<boolean> {
    connection.greet();
    const fromCookie = connection.takeAuthorization();
    try {
      const viewer = await this.options.authenticate(authorizationIn(params) ?? fromCookie);
      if (!connection.identify(viewer)) this.refuse(connection, 'socketsPerViewer', 'tooMany');
      else if ((this.gate?.blockedForMs(connection) ?? 0) > 0) this.refuse(connection, 'blocked', 'blocked');
      else this.log.greeted(connection);
    } catch (error) {
      const refused = error instanceof DomainError && error.code === 'UNAUTHENTICATED';
      if (refused) this.gate?.noted(connection, error);
      if (!refused) this.options.logger.warn({ err: error, connectionId: connection.id }, 'a token could not be checked');
      this.refuse(connection, refused ? 'unauthenticated' : 'unavailable', refused ? 'forbidden' : 'unavailable');
    }
    return true;
  }

  private refuse(connection: Connection, reason: string, closing: Closing): void {
    this.options.metrics.connectionRefused(reason);
    connection.close(closing);
  }

  private async startOperation(
    connection: Connection,
    open: number,
    id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | RefusalError[]> {
    const requestId = connection.nextRequestId();
    const over = connection.budget.take(open);
    if (over !== null) {
      this.gate?.noted(connection, over);
      // After the refusals have been written.
      if (connection.budget.exceeded) setImmediate(() => connection.close('tooManyOperations'));
      return [new RefusalError(toPublicError(over, requestId))];
    }
    const { pipeline } = this.options;
    const prepared = pipeline.prepare(payload);
    forgetText(payload);
    const starting = pipeline.start(new SocketCaller(connection, requestId, id), prepared);
    const subscribes = prepared.ok && prepared.operation.operation === 'subscription';
    if (subscribes) this.log.subscribed(connection, requestId);
    const started = await (subscribes ? starting : connection.inFlight(starting));
    if (started.kind === 'refused') return started.payload.errors.map((error) => new RefusalError(error));
    if (!prepared.ok) throw new Error('what was not prepared is refused');
    return { schema: pipeline.schema, document: prepared.document, operationName: payload.operationName, contextValue: started };
  }

  private async emptied(patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (this.connections.size > 0 && performance.now() < deadline) await sleep(20);
  }

  private check(): void {
    const [now, sinceStart] = [Date.now(), performance.now()];
    const frames = Math.ceil(((sinceStart - this.checkedAt) / 1_000) * this.options.pipeline.limits.framesPerSecond);
    this.checkedAt = sinceStart;
    this.forEach((connection) => {
      connection.allowFrames(frames);
      connection.checkFinished(sinceStart);
      connection.checkGreeted(sinceStart);
      connection.checkExpired(now);
      connection.checkStalled(sinceStart);
      if (this.gate !== undefined) connection.checkBlocked(this.gate);
    });
  }

  private ping(): void {
    this.pingTurn = (this.pingTurn + 1) % PING_TURNS;
    this.forEach((connection) => {
      if (connection.pingTurn === this.pingTurn) connection.checkAlive();
    });
  }

  private forEach(act: (connection: Connection) => void): void {
    for (const connection of this.connections) act(connection);
  }
}

function destroyOnError(this: Duplex): void {
  this.destroy();
}

/**
 * What the pipeline has started already, left in the context by `startOperation`. graphql-ws only has to send it, and because of `onNext`
 * it does so without looking: the errors in it are formatted already.
 */
function startedOf({ contextValue }: ExecutionArgs): AsyncIterable<ExecutionResult> | ExecutionResult {
  const started = contextValue as Started;
  return started.kind === 'events' ? started.events : started.payload;
}

type Started =
  | { readonly kind: 'events'; readonly events: AsyncIterable<ExecutionResult> }
  | { readonly kind: 'result'; readonly payload: ExecutionResult };

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
