/** mercurius with its compiled executor and its own WebSocket transport and emitter, as its documentation shows. */
import Fastify from 'fastify';
import mercurius from 'mercurius';
import type { IResolvers } from 'mercurius';
import { countMessages, createEvent, ready, SCHEMA } from './chat';

const resolvers: IResolvers = {
  Query: { count: countMessages },
  Mutation: {
    sendMessage: async (_root, { channelId, body }: { channelId: string; body: string }, { pubsub }) => {
      const event = createEvent(body);
      await pubsub.publish({ topic: channelId, payload: { channelEvents: event } });
      return event.message;
    },
  },
  Subscription: {
    channelEvents: { subscribe: (_root, { channelId }: { channelId: string }, { pubsub }) => pubsub.subscribe(channelId) },
  },
};

const app = Fastify();
void app.register(mercurius, { schema: SCHEMA, resolvers, jit: 1, subscription: { fullWsTransport: true } });
void app.listen({ port: 0, host: '127.0.0.1' }).then(() => ready(app.server.address()));
