/** graphql-yoga with graphql-ws, as its documentation shows. */
import { createServer } from 'node:http';
import type { execute, ExecutionArgs, GraphQLSchema, parse, subscribe, validate } from 'graphql';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { countMessages, createEvent, ready, SCHEMA } from './chat';
import type { MessageAdded } from './chat';

const pubSub = createPubSub<{ added: [channelId: string, event: MessageAdded] }>();

const schema = createSchema({
  typeDefs: SCHEMA,
  resolvers: {
    Query: { count: countMessages },
    Mutation: {
      sendMessage: (_root: unknown, { channelId, body }: { channelId: string; body: string }) => {
        const event = createEvent(body);
        pubSub.publish('added', channelId, event);
        return event.message;
      },
    },
    Subscription: {
      channelEvents: {
        subscribe: (_root: unknown, { channelId }: { channelId: string }) => pubSub.subscribe('added', channelId),
        resolve: (event: MessageAdded) => event,
      },
    },
  },
});

/** graphql-js as yoga wraps it for one operation; its own types are `any`. */
interface Enveloped {
  readonly schema: GraphQLSchema;
  readonly parse: typeof parse;
  readonly validate: typeof validate;
  readonly execute: typeof execute;
  readonly subscribe: typeof subscribe;
  readonly contextFactory: () => Promise<object>;
}

const yoga = createYoga({ schema });
const http = createServer((request, response) => void yoga(request, response));
const sockets = new WebSocketServer({ server: http, path: yoga.graphqlEndpoint });

/** What runs an operation is yoga's own and comes with it, as its root. */
function runnerOf({ rootValue }: ExecutionArgs): Pick<Enveloped, 'execute' | 'subscribe'> {
  return rootValue as Pick<Enveloped, 'execute' | 'subscribe'>;
}

useServer(
  {
    execute: (args) => runnerOf(args).execute(args),
    subscribe: (args) => runnerOf(args).subscribe(args),
    onSubscribe: async ({ extra: { socket, request } }, _id, params) => {
      const enveloped = yoga.getEnveloped({ req: request, socket, params }) as Enveloped;
      const args = {
        schema: enveloped.schema,
        operationName: params.operationName,
        document: enveloped.parse(params.query),
        variableValues: params.variables,
        contextValue: await enveloped.contextFactory(),
        rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
      };
      const errors = enveloped.validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  sockets,
);

http.listen(0, '127.0.0.1', () => ready(http.address()));
