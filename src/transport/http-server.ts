import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import { DomainError, unavailable } from '../errors/domain-error';
import type { Limits } from '../graphql/limits';
import { overLimit } from '../graphql/limits';
import type { Logger } from '../observability/logger';
import { AnswersInTurn } from './answers-in-turn';
import type { Draining } from './draining';
import { errorBody, errorStatus, HttpRefusal } from './http-errors';
import type { AllowedOrigins } from './origins';
import { corsHeaders, PREFLIGHT_HEADERS } from './origins';
import { retryAfterSeconds } from './rate-headers';
import { securityHeaders } from './security-headers';

export interface HttpServerOptions {
  readonly limits: Limits;
  readonly logger: Logger;
  readonly allowedOrigins: AllowedOrigins;
  readonly draining: Draining;
}

/** What a web page's plain form can send: GraphQL refuses it as a possible cross-site request, with a better message than 415. */
const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/** Bytes in and out: headers, sizes, times, request ids, and errors as JSON whatever goes wrong. Routes come from elsewhere. */
export function createHttpServer({ limits, logger, allowedOrigins, draining }: HttpServerOptions): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: limits.httpBodyBytes,
    requestTimeout: limits.httpRequestMs,
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
    // The pipeline refuses such keys where they could matter, with the same answer on every transport.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBrokenRequest,
    http: {
      maxHeaderSize: limits.httpHeaderBytes,
      headersTimeout: limits.httpHeadersMs,
      connectionsCheckingInterval: limits.httpHeadersMs / 5,
    },
  });

  server.removeContentTypeParser('text/plain');
  server.addContentTypeParser('*', { parseAs: 'buffer' }, ({ headers }, _body, done) => {
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (type === '' || FORM_TYPES.includes(type)) done(null, undefined);
    else done(new HttpRefusal(415, 'Send application/json.', 'UNSUPPORTED_MEDIA_TYPE'));
  });

  const turns = new AnswersInTurn();
  server.addHook('onRequest', ({ raw }, reply, next) => turns.await(raw, reply.raw, next));
  const everyAnswer = { ...securityHeaders(), 'cache-control': 'no-store' };
  server.addHook('onRequest', (request, reply, next) => {
    // For this request alone: a WebSocket would keep the timer for ever. Event streams say something every twelve seconds.
    request.raw.socket.setTimeout(limits.httpSilenceMs);
    reply.headers(everyAnswer).headers(corsHeaders(request.headers.origin, allowedOrigins)).header('x-request-id', request.id);
    if (draining.started) {
      reply.header('connection', 'close');
      if (!isProbe(request)) draining.disturbed();
    }
    if (request.method === 'OPTIONS') reply.code(204).headers(PREFLIGHT_HEADERS).send();
    else next(draining.refusing && !isProbe(request) ? unavailable('SHUTTING_DOWN') : undefined);
  });
  server.setNotFoundHandler((request, reply) => refuse(request, reply, new HttpRefusal(404, 'There is nothing here.', 'NO_ROUTE')));
  server.setErrorHandler((error, request, reply) => {
    const shown = publicCause(error, limits);
    if (errorStatus(shown) === 500) logger.error({ err: error, requestId: request.id, path: pathOf(request) }, 'a request failed');
    return refuse(request, reply, shown);
  });
  return server;
}

export function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const status = errorStatus(error);
  const body = errorBody(error, request.id);
  if (status === 429 || status === 503) reply.header('retry-after', retryAfterSeconds(body.errors[0]?.extensions.retryAfterMs));
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}

/** The path without its query, which may hold what nobody should log. */
export function pathOf({ url }: { readonly url: string }): string {
  return url.split('?', 1)[0] ?? '';
}

function isProbe(request: FastifyRequest): boolean {
  return ['/livez', '/readyz', '/healthz', '/metrics'].includes(pathOf(request));
}

/** Fastify's own refusals in our words: its messages are for developers of the server. */
function publicCause(error: unknown, limits: Limits): unknown {
  if (error instanceof HttpRefusal || error instanceof DomainError) return error;
  const { statusCode, code } = error as Partial<FastifyError>;
  if (statusCode === 413) return overLimit('httpBodyBytes', limits.httpBodyBytes);
  if (statusCode === 415) return new HttpRefusal(415, 'Send application/json.', 'UNSUPPORTED_MEDIA_TYPE');
  if (statusCode === 400 || error instanceof SyntaxError)
    return new HttpRefusal(400, 'The request body is not valid JSON.', reasonOf(code));
  if (statusCode !== undefined && statusCode < 500) return new HttpRefusal(statusCode, 'The request cannot be read.', reasonOf(code));
  return error;
}

function reasonOf(code: string | undefined): string {
  return code === 'FST_ERR_CTP_EMPTY_JSON_BODY' ? 'EMPTY_BODY' : 'UNREADABLE_REQUEST';
}

/** A caller's own id is kept, so that its logs and ours can be joined, as long as it is harmless to write down. */
function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

/** What Node's parser refuses never becomes a request: broken HTTP, headers that are too large or come too slowly. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new HttpRefusal(431, 'The headers are too large.', 'HEADERS_TOO_LARGE')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new HttpRefusal(408, 'The request took too long to arrive.', 'REQUEST_TIMEOUT')
        : new HttpRefusal(400, 'This is not HTTP.', 'UNREADABLE_REQUEST');
  answerAndClose(socket, refusal);
}

/** Not only our side of it: who is refused could keep the other side open for as long as they like. */
export function answerAndClose(stream: Duplex, refusal: HttpRefusal): void {
  stream.once('finish', () => stream.destroy());
  stream.end(rawAnswer(refusal, randomUUID()));
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** A whole HTTP answer for a connection that has no reply object: refused upgrades and broken requests. */
function rawAnswer(refusal: HttpRefusal, requestId: string): string {
  const { statusCode } = refusal;
  const body = JSON.stringify(errorBody(refusal, requestId));
  const headers = [
    `HTTP/1.1 ${statusCode} ${STATUS_TEXTS[statusCode] ?? 'Refused'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  if (statusCode === 429 || statusCode === 503) headers.push(`retry-after: ${retryAfterSeconds()}`);
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}
