import type { ApolloServerPlugin, GraphQLResponse } from '@apollo/server';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { parse } from 'graphql';
import type { PublicErrorCode } from '../graphql/error-format';
import { toPublicError } from '../graphql/error-format';
import type { Allowance } from '../graphql/gate';
import { LightEnding } from '../lib/ending';
import type { Ending } from '../lib/ending';
import type { Answer, Caller, OperationRequest, Pipeline, PreparedOperation } from '../graphql/pipeline';
import type { Authenticate } from './authenticate';
import type { Logger } from '../observability/logger';
import type { ProxyTrust } from './address';
import { addressOf } from './address';
import type { Cookies } from './cookies';
import type { ErrorBody } from './http-errors';
import { HttpRefusal, statusOf } from './http-errors';
import { withNamedDocument } from './named-requests';
import { rateHeaders, retryHeaders } from './rate-headers';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlHttpOptions {
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly authenticate: Authenticate;
  readonly cookies: Cookies;
  readonly logger: Logger;
  readonly trustProxy: ProxyTrust;
}

interface ApolloContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Faults of the request itself: for a client that knows `application/json` alone, GraphQL over HTTP wants them under 200. */
const MALFORMED: readonly PublicErrorCode[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
];

/** What Apollo is shown in place of a document that was refused; it is never executed. */
const NO_DOCUMENT = parse('{ __typename }');

/**
 * `/graphql` over HTTP. Apollo Server speaks the protocol: methods, media types, the shape of requests, cross-site request forgery. What it
 * would do with the operation itself is done by the pipeline, which enters at two of its hooks, so that a request is refused, executed
 * and logged here exactly as on a socket. A request in the one form that nearly all of them have leaves Apollo nothing to decide, and goes
 * to the pipeline at once (`docs/decisions/0013`).
 */
export async function serveGraphqlHttp(server: FastifyInstance, options: GraphqlHttpOptions): Promise<ApolloServer<ApolloContext>> {
  const { schema, logger } = options;
  const answered = new WeakSet<FastifyRequest>();
  const apollo = new ApolloServer<ApolloContext>({
    schema,
    logger,
    nodeEnv: 'production',
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // Apollo recognises them, and the pipeline finds them: what stands here is never executed.
    persistedQueries: { cache: { get: async () => '{ __typename }', set: async () => undefined, delete: async () => false } },
    documentStore: null,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    // Only what Apollo refuses by itself passes here. It knows no request: the id is added on the way out.
    formatError: (_formatted, error) => toPublicError(error, ''),
    plugins: [pipelinePlugin(options, answered), ApolloServerPluginLandingPageDisabled(), ApolloServerPluginCacheControlDisabled()],
  });
  await apollo.start();

  const byApollo = fastifyApolloHandler(apollo, { context: (request, reply) => Promise.resolve({ request, reply }) });
  const answerUsual = async (
    { operation, mediaType }: UsualRequest,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    answered.add(request);
    const caller = callerOf(request, goneSignal(reply), options);
    const answer = await options.pipeline.answer(caller, options.pipeline.prepare(operation));
    const { status, headers } = headOf(answer, caller.allowance, request.headers.accept);
    return reply
      .code(status)
      .headers(headers)
      .type(mediaType)
      .send(`${JSON.stringify(answer.payload)}\n`);
  };

  server.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: GRAPHQL_PATH,
    handler: (request, reply) => {
      const usual = usualRequest(request);
      // Apollo's integration makes a URL of it.
      if (usual === null && !URL.canParse(`http://${request.hostname}/`))
        throw new HttpRefusal(400, 'This is no host.', 'UNREADABLE_REQUEST');
      return usual === null ? byApollo.call(server, request, reply) : answerUsual(usual, request, reply);
    },
    onSend: (request, _reply, payload, done) => {
      done(null, answered.has(request) || typeof payload !== 'string' || payload === '' ? payload : withRequestId(payload, request.id));
    },
  });
  return apollo;
}

/** A POST of JSON with nothing but what makes up an operation, from a client that accepts JSON. */
interface UsualRequest {
  readonly operation: OperationRequest;
  readonly mediaType: string;
}

const JSON_TYPES: readonly (string | undefined)[] = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
];
const JSON_ANSWER = 'application/json; charset=utf-8';
const RESPONSE_ANSWER = 'application/graphql-response+json; charset=utf-8';
/** What clients say they accept, and what Apollo then chooses. */
const MEDIA_TYPES: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, JSON_ANSWER],
  ['*/*', JSON_ANSWER],
  ['application/json', JSON_ANSWER],
  ['application/json, */*', JSON_ANSWER],
  ['application/graphql-response+json', RESPONSE_ANSWER],
  ['application/graphql-response+json, application/json', RESPONSE_ANSWER],
  ['application/graphql-response+json,application/json;q=0.9', RESPONSE_ANSWER],
]);
const KEYS: readonly string[] = ['query', 'operationName', 'variables', 'extensions', 'documentId'];

/** Null for anything that Apollo has to look at. */
function usualRequest({ method, headers, body }: FastifyRequest): UsualRequest | null {
  const mediaType = MEDIA_TYPES.get(headers.accept);
  if (method !== 'POST' || mediaType === undefined || !JSON_TYPES.includes(headers['content-type']) || !isRecord(body)) return null;
  const { query, operationName = null, variables = null, extensions = null } = withNamedDocument(body);
  if (typeof query !== 'string' || (query === '' && extensions === null) || Object.keys(body).some((key) => !KEYS.includes(key)))
    return null;
  if ((operationName !== null && typeof operationName !== 'string') || (variables !== null && !isRecord(variables))) return null;
  if (extensions !== null && !isRecord(extensions)) return null;
  return { operation: { query, operationName, variables, extensions }, mediaType };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pipelinePlugin(options: GraphqlHttpOptions, answered: WeakSet<FastifyRequest>): ApolloServerPlugin<ApolloContext> {
  const { pipeline } = options;
  return {
    requestDidStart: async () => {
      let prepared: PreparedOperation | undefined;
      return {
        didResolveSource: async (requestContext) => {
          const { query = '', operationName, variables, extensions } = requestContext.request;
          prepared = pipeline.prepare({ query, operationName, variables, extensions });
          // With a document at hand Apollo neither parses nor validates.
          Object.assign(requestContext, { document: prepared.ok ? prepared.document : NO_DOCUMENT });
        },
        responseForOperation: async ({ contextValue: { request, reply } }) => {
          if (prepared === undefined) return null;
          answered.add(request);
          const gone = goneSignal(reply);
          const caller = callerOf(request, gone, options);
          const answer = await pipeline.answer(caller, prepared);
          return responseOf(answer, caller.allowance, request.headers.accept);
        },
      };
    },
  };
}

/** Keeps what it is told of its rate, for the headers of the answer. */
interface HttpCaller extends Caller {
  allowance: Allowance | null;
}

function callerOf(request: FastifyRequest, signal: Ending, { authenticate, cookies, trustProxy }: GraphqlHttpOptions): HttpCaller {
  return {
    transport: 'http',
    address: addressOf(request.raw, trustProxy),
    requestId: request.id,
    signal,
    authenticate: async () => authenticate(cookies.authorizationOf(request.headers)),
    onTooSlow: () => undefined,
    allowance: null,
    rated(allowance) {
      this.allowance = allowance;
    },
  };
}

/** Aborts when the connection closes before the answer was written. */
function goneSignal({ raw }: FastifyReply): Ending {
  const gone = new LightEnding();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone;
}

function responseOf(answer: Answer, allowance: Allowance | null, accept: string | undefined): GraphQLResponse {
  const { status, headers } = headOf(answer, allowance, accept);
  // The payload's errors are already what clients see.
  return { http: { status, headers: new HeaderMap(Object.entries(headers)) }, body: { kind: 'single', singleResult: answer.payload } };
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

function headOf(answer: Answer, allowance: Allowance | null, accept: string | undefined): Head {
  const status = answer.kind === 'result' ? 200 : refusalStatus(answer.code, accept);
  const challenge: Head['headers'] = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return { status, headers: { ...challenge, ...rateHeaders(allowance), ...retryHeaders(answer) } };
}

function refusalStatus(code: PublicErrorCode, accept: string | undefined): number {
  // Not a failure: the client sends the document too, and Apollo's look for it in an answer of this status.
  if (code === 'PERSISTED_QUERY_NOT_FOUND') return 200;
  return MALFORMED.includes(code) && acceptsOnlyJson(accept) ? 200 : statusOf(code);
}

function acceptsOnlyJson(accept: string | undefined): boolean {
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  return (
    types.includes('application/json') &&
    !['application/graphql-response+json', 'application/*', '*/*'].some((type) => types.includes(type))
  );
}

function withRequestId(body: string, requestId: string): string {
  const { errors } = JSON.parse(body) as ErrorBody;
  return JSON.stringify({ errors: errors.map((error) => ({ ...error, extensions: { ...error.extensions, requestId } })) });
}
