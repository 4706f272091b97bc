/**
 * The stock stack: Apollo Server 5, type-graphql, graphql-ws, and graphql-redis-subscriptions (or, without REDIS_URL, an in-memory PubSub),
 * wired as their documentation shows. Messages are kept in an array.
 */
import 'reflect-metadata';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify from 'fastify';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { PubSub } from 'graphql-subscriptions';
import type { PubSubEngine } from 'graphql-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import Redis from 'ioredis';
import { Arg, buildSchema, Field, ID, Mutation, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { WebSocketServer } from 'ws';

const TOPIC = `bench-stock-${process.pid}`;
const url = process.env.REDIS_URL;
const pubSub: PubSubEngine = url === undefined ? new PubSub() : new RedisPubSub({ publisher: new Redis(url), subscriber: new Redis(url) });
const kept: Message[] = [];

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

@Resolver()
class ChatResolver {
  @Query(() => Number)
  count(): number {
    return kept.length;
  }

  @Mutation(() => Message)
  async sendMessage(@Arg('body', () => String) body: string): Promise<Message> {
    const message = {
      id: `msg_${kept.length}`,
      body,
      createdAt: new Date().toISOString(),
      sender: { id: 'usr_1', displayName: 'Publisher' },
    };
    kept.push(message);
    await pubSub.publish(TOPIC, { cursor: String(kept.length), message });
    return message;
  }

  @Subscription(() => MessageAdded, { subscribe: () => pubSub.asyncIterableIterator(TOPIC) as AsyncIterableIterator<MessageAdded> })
  channelEvents(@Root() event: MessageAdded): MessageAdded {
    return event;
  }
}

async function main(): Promise<void> {
  const schema = await buildSchema({
    resolvers: [ChatResolver],
    validate: false,
    pubSub: { publish: () => undefined, subscribe: () => pubSub.asyncIterableIterator(TOPIC) },
  });
  const fastify = Fastify({ serverFactory: (handler) => createServer(handler) });
  const apollo = new ApolloServer({ schema });
  await apollo.start();
  fastify.route({ url: '/graphql', method: ['GET', 'POST'], handler: fastifyApolloHandler(apollo) });
  const sockets = new WebSocketServer({ server: fastify.server, path: '/graphql' });
  useServer({ schema }, sockets);
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  process.stdout.write(`${JSON.stringify({ port: (fastify.server.address() as AddressInfo).port })}\n`);
}

void main();
