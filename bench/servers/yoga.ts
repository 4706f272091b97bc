/** graphql-yoga with graphql-ws, as its documentation shows. */
import { createServer } from 'node:http';
import type { ExecutionArgs } from 'graphql';
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

/** What graphql-ws executes is yoga's: it comes with the operation, as its root. */
interface Enveloped extends ExecutionArgs {
  readonly rootValue: Pick<ReturnType<typeof yoga.getEnveloped>, 'execute' | 'subscribe'>;
}

const yoga = createYoga({ schema });
const http = createServer((request, response) => void yoga(request, response));
const sockets = new WebSocketServer({ server: http, path: yoga.graphqlEndpoint });

useServer(
  {
    execute: (args) => (args as Enveloped).rootValue.execute(args),
    subscribe: (args) => (args as Enveloped).rootValue.subscribe(args),
    onSubscribe: async ({ extra: { socket, request } }, _id, { operationName, query, variables }) => {
      const { schema: enveloped, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        req: request,
        socket,
        params: { query, operationName, variables },
      });
      const args = {
        schema: enveloped,
        operationName,
        document: parse(query),
        variableValues: variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  sockets,
);

http.listen(0, '127.0.0.1', () => ready(http.address()));
