/**
 * Parley's own request path (transport, pipeline, types of channels and messages) over the page that the others have: what is left of it
 * without access control and the database.
 */
import 'reflect-metadata';
import { Arg, buildSchemaSync, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { withPlainFields } from '../../src/app/schema';
import { pageRequest, toConnection } from '../../src/graphql/connection';
import { ANONYMOUS } from '../../src/lib/viewer';
import { Channel } from '../../src/modules/channels';
import { MessageConnection, toMessage } from '../../src/modules/messages/message.type';
import { createLogger } from '../../src/observability/logger';
import { Metrics } from '../../src/observability/metrics';
import { createTransport } from '../../src/transport/server';
import { messagesOf, ready } from './page';

@Resolver(() => Channel)
class PageResolver {
  @Query(() => Channel)
  channel(@Arg('id', () => ID) id: string): Channel {
    return Object.assign(new Channel(), { id, name: 'page', type: 'SHARED' });
  }

  @FieldResolver(() => MessageConnection)
  async messages(@Root() channel: Channel, @Arg('first', () => Int) first: number): Promise<MessageConnection> {
    const rows = (await messagesOf(channel.id, first + 1)).map(({ sender, createdAt, ...message }, offset) => ({
      ...message,
      offset,
      channelId: channel.id,
      senderId: sender.id,
      senderName: sender.displayName,
      createdAt: new Date(createdAt),
      editedAt: null,
      deletedAt: null,
    }));
    return toConnection(pageRequest({ first }, 'messages', 1), 'messages', rows, ({ offset }) => [offset], toMessage);
  }
}

async function main(): Promise<void> {
  const resolver = new PageResolver();
  const transport = await createTransport({
    config: { port: 0, host: '127.0.0.1', graphiql: false, allowedOrigins: null, rateLimits: false, trustProxy: false },
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
