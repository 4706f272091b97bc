import type { ApolloServerPlugin, GraphQLResponse } from '@apollo/server';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { parse } from 'graphql';
import type { PublicErrorCode } from '../graphql/error-format';
import { toPublicError } from '../graphql/error-format';
import type { Answer, Caller, Pipeline, PreparedOperation } from '../graphql/pipeline';
import type { Authenticate } from './authenticate';
import type { Logger } from '../observability/logger';
import { addressOf } from './address';
import type { ErrorBody } from './http-errors';
import { statusOf } from './http-errors';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlHttpOptions {
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  readonly trustProxy: boolean;
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
 * and logged here exactly as on a socket.
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
    persistedQueries: false,
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

  server.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: GRAPHQL_PATH,
    handler: fastifyApolloHandler(apollo, { context: (request, reply) => Promise.resolve({ request, reply }) }),
    onSend: async (request, _reply, payload) =>
      answered.has(request) || typeof payload !== 'string' || payload === '' ? payload : withRequestId(payload, request.id),
  });
  return apollo;
}

function pipelinePlugin(options: GraphqlHttpOptions, answered: WeakSet<FastifyRequest>): ApolloServerPlugin<ApolloContext> {
  const { pipeline } = options;
  return {
    requestDidStart: async () => {
      let prepared: PreparedOperation | undefined;
      return {
        didResolveSource: async (requestContext) => {
          const { operationName, variables } = requestContext.request;
          prepared = pipeline.prepare({ query: requestContext.source, operationName, variables });
          // With a document at hand Apollo neither parses nor validates.
          Object.assign(requestContext, { document: prepared.ok ? prepared.document : NO_DOCUMENT });
        },
        responseForOperation: async ({ contextValue: { request, reply } }) => {
          if (prepared === undefined) return null;
          answered.add(request);
          const gone = goneSignal(reply);
          const answer = await pipeline.answer(callerOf(request, gone, options), prepared);
          return responseOf(answer, request.headers.accept);
        },
      };
    },
  };
}

function callerOf(request: FastifyRequest, signal: AbortSignal, { authenticate, trustProxy }: GraphqlHttpOptions): Caller {
  return {
    transport: 'http',
    address: addressOf(request.raw, trustProxy),
    requestId: request.id,
    signal,
    authenticate: () => authenticate(request.headers.authorization ?? null),
    onTooSlow: () => undefined,
  };
}

/** Aborts when the connection closes before the answer was written. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function responseOf(answer: Answer, accept: string | undefined): GraphQLResponse {
  const status = answer.kind === 'result' ? 200 : refusalStatus(answer.code, accept);
  const headers = new HeaderMap(status === 401 ? [['www-authenticate', 'Bearer']] : status === 503 ? [['retry-after', '1']] : []);
  // The payload's errors are already what clients see.
  return { http: { status, headers }, body: { kind: 'single', singleResult: answer.payload } };
}

function refusalStatus(code: PublicErrorCode, accept: string | undefined): number {
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
