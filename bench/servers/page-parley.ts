/**
 * Parley's own request path (transport, pipeline, types of channels and messages) over the page that the others have: what is left of it
 * without access control and the database.
 */
import 'reflect-metadata';
import { Arg, buildSchemaSync, FieldResolver, ID, Int, Query, Resolver } from 'type-graphql';
import { withPlainFields } from '../../src/app/schema';
import { pageRequest, toConnection } from '../../src/graphql/connection';
import { ANONYMOUS } from '../../src/lib/viewer';
import { Channel } from '../../src/modules/channels';
import { MessageConnection, toMessage } from '../../src/modules/messages/message.type';
import { createLogger } from '../../src/observability/logger';
import { Metrics } from '../../src/observability/metrics';
import { createTransport } from '../../src/transport/server';
import { inMemory, ready } from './page';

/** As the repository gives them. */
const records = inMemory.map(({ id, body, createdAt, sender }, offset) => ({
  id,
  offset,
  channelId: 'page',
  senderId: sender.id,
  senderName: sender.displayName,
  body,
  replyToId: null,
  mentions: null,
  createdAt: new Date(createdAt),
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
}));

@Resolver(() => Channel)
class PageResolver {
  @Query(() => Channel)
  channel(@Arg('id', () => ID) id: string): Channel {
    return Object.assign(new Channel(), { id, name: 'page', type: 'SHARED', createdAt: new Date(0) });
  }

  @FieldResolver(() => MessageConnection)
  async messages(@Arg('first', () => Int) first: number): Promise<MessageConnection> {
    return toConnection(
      pageRequest({ first }, 'messages', 1),
      'messages',
      records.slice(0, first + 1),
      ({ offset }) => [offset],
      toMessage,
    );
  }
}

async function main(): Promise<void> {
  const resolver = new PageResolver();
  const transport = await createTransport({
    config: {
      port: 0,
      host: '127.0.0.1',
      graphiql: false,
      allowedOrigins: null,
      rateLimits: false,
      trustProxy: 0,
      publicUrl: 'http://localhost',
      secureCookies: false,
    },
    schema: withPlainFields(buildSchemaSync({ resolvers: [PageResolver], container: { get: () => resolver } })),
    resolverOf: () => {
      throw new Error('nothing is subscribed to');
    },
    authenticate: () => Promise.resolve(ANONYMOUS),
    checks: [],
    logger: createLogger({ level: 'error' }),
    metrics: new Metrics(),
  });
  const { port } = await transport.listen();
  ready({ port });
}

void main();
