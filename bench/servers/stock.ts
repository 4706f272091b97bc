/**
 * The stock stack: Apollo Server 5, type-graphql, graphql-ws, and graphql-redis-subscriptions (or, without REDIS_URL, an in-memory PubSub),
 * wired as their documentation shows. Processes of one TOPIC hear each other.
 */
import 'reflect-metadata';
import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify from 'fastify';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { PubSub } from 'graphql-subscriptions';
import type { PubSubEngine } from 'graphql-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import Redis from 'ioredis';
import { Arg, buildSchema, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { WebSocketServer } from 'ws';
import { countMessages, createEvent, ready } from './chat';
import { openStore } from './store';

const TOPIC = process.env.TOPIC ?? `bench-stock-${process.pid}`;
const url = process.env.REDIS_URL;
const pubSub: PubSubEngine = url === undefined ? new PubSub() : new RedisPubSub({ publisher: new Redis(url), subscriber: new Redis(url) });
const store = openStore(process.env.DATABASE_URL);

interface Context {
  readonly viewer: string;
}

@ObjectType()
class Sender {
  @Field(() => ID) id!: string;
  @Field() displayName!: string;
}

@ObjectType()
class Message {
  @Field(() => ID) id!: string;
  @Field() body!: string;
  @Field() createdAt!: string;
  @Field(() => Sender) sender!: Sender;
}

@ObjectType()
class MessageAdded {
  @Field() cursor!: string;
  @Field(() => Message) message!: Message;
}

function eventsOf(channelId: string): AsyncIterableIterator<MessageAdded> {
  return pubSub.asyncIterableIterator<MessageAdded>(topicOf(channelId));
}

function topicOf(channelId: string): string {
  return `${TOPIC}:${channelId}`;
}

@Resolver(() => Message)
class ChatResolver {
  @Query(() => Number)
  count(): number {
    return countMessages();
  }

  @FieldResolver(() => String)
  viewerVote(@Root() { id }: Message, @Ctx() { viewer }: Context): Promise<string> {
    return store.voteOf(viewer, id);
  }

  @Mutation(() => Message)
  async sendMessage(
    @Arg('channelId', () => ID, { defaultValue: '0' }) channelId: string,
    @Arg('body', () => String) body: string,
  ): Promise<Message> {
    const event = createEvent(body);
    await store.keep(channelId, event.message);
    await pubSub.publish(topicOf(channelId), event);
    return event.message;
  }

  @Subscription(() => MessageAdded, { subscribe: ({ args }) => eventsOf((args as { channelId: string }).channelId) })
  channelEvents(@Root() event: MessageAdded, @Arg('channelId', () => ID, { defaultValue: '0' }) _channelId: string): MessageAdded {
    return event;
  }
}

async function main(): Promise<void> {
  const schema = await buildSchema({
    resolvers: [ChatResolver],
    validate: false,
    pubSub: { publish: () => undefined, subscribe: eventsOf },
  });
  const fastify = Fastify({ serverFactory: (handler) => createServer(handler) });
  const apollo = new ApolloServer({ schema });
  await apollo.start();
  fastify.route({ url: '/graphql', method: ['GET', 'POST'], handler: fastifyApolloHandler(apollo) });
  const sockets = new WebSocketServer({ server: fastify.server, path: '/graphql' });
  useServer({ schema, context: ({ connectionParams }): Context => ({ viewer: String(connectionParams?.viewer) }) }, sockets);
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  ready(fastify.server.address());
}

void main();
