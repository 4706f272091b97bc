/** Apollo Server 5 on fastify, as their documentation shows. */
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify from 'fastify';
import { ready, RESOLVERS, SCHEMA } from './page';

async function main(): Promise<void> {
  const apollo = new ApolloServer({ typeDefs: SCHEMA, resolvers: RESOLVERS });
  await apollo.start();
  const app = Fastify();
  app.route({ url: '/graphql', method: ['GET', 'POST'], handler: fastifyApolloHandler(apollo) });
  await app.listen({ port: 0, host: '127.0.0.1' });
  ready(app.server.address());
}

void main();
