/** mercurius with its compiled executor, as its documentation shows. */
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { ready, RESOLVERS, SCHEMA } from './page';

const app = Fastify();
app.register(mercurius, { schema: SCHEMA, resolvers: RESOLVERS, jit: 1 });
void app.listen({ port: 0, host: '127.0.0.1' }).then(() => ready(app.server.address()));
