import { randomBytes } from 'node:crypto';
import { startServer, stopProcess } from '../contestant';
import { createDatabase, run } from '../database';
import { TABLES } from '../servers/store';
import type { Contestant, RoomSeat } from './contestant';
import { bodyOf, roomOf } from './event';
import { openPublisher, readGraphql } from './publisher';
import type { Setting } from './variant';

const PROTOCOL = 'graphql-transport-ws';
const AUDIENCES = ['Host', 'Members', 'Guests'];

interface Peer {
  readonly name: string;
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly instances?: number;
  readonly onStopped?: () => Promise<void>;
}

export function startMercurius(setting: Setting): Promise<Contestant> {
  return start(setting, { name: 'mercurius + jit', file: 'mercurius.ts' });
}

export function startYoga(setting: Setting): Promise<Contestant> {
  return start(setting, { name: 'graphql-yoga + graphql-ws', file: 'yoga.ts' });
}

export function startStock(setting: Setting): Promise<Contestant> {
  return start(setting, { name: 'stock, in-memory PubSub', file: 'stock.ts' });
}

export function startStockOnRedis(setting: Setting): Promise<Contestant> {
  const { instances } = setting.variant;
  return start(setting, { name: 'stock, Redis PubSub', file: 'stock.ts', env: sharedTopic(), instances });
}

/** As much as Parley does: every message is a row in PostgreSQL before it is published. */
export async function startStockThatStores(setting: Setting): Promise<Contestant> {
  const database = await createDatabase();
  await run(database.url, TABLES);
  return start(setting, {
    name: 'stock, Redis PubSub, PostgreSQL',
    file: 'stock.ts',
    env: { ...sharedTopic(), DATABASE_URL: database.url },
    instances: setting.variant.instances,
    onStopped: () => database.drop(),
  });
}

function sharedTopic(): { REDIS_URL: string; TOPIC: string } {
  const REDIS_URL = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379';
  return { REDIS_URL, TOPIC: `bench-stock-${randomBytes(6).toString('hex')}` };
}

async function start(setting: Setting, { name, file, env = {}, instances = 1, onStopped }: Peer): Promise<Contestant> {
  const servers = await Promise.all(Array.from({ length: instances }, () => startServer<{ port: number }>(file, env)));
  const urls = servers.map(({ ready }) => `ws://127.0.0.1:${ready.port}/graphql`);
  const { publish, close } = await openPublisher({
    url: urls[0] ?? '',
    protocol: PROTOCOL,
    hello: [connectionInit('publisher')],
    write: (n) => sendMessage(n, roomOf(n, setting.rooms)),
    read: readGraphql,
  });
  return {
    name,
    pids: servers.map(({ pid }) => pid),
    seats: Array.from({ length: setting.subscribers }, (_, index) => seat(setting, urls[index % urls.length] ?? '', index)),
    publish,
    stop: async () => {
      close();
      await Promise.all(servers.map((server) => stopProcess(server.process)));
      await onStopped?.();
    },
  };
}

function seat({ variant, rooms }: Setting, url: string, index: number): RoomSeat {
  const room = roomOf(index, rooms);
  const operationName = variant.audiences ? AUDIENCES[index % AUDIENCES.length] : undefined;
  const ownVote = variant.personal === 'read' ? 'viewerVote' : '';
  const query = `subscription ${operationName ?? ''}($channelId: ID!) { channelEvents(channelId: $channelId) {
    cursor message { id body createdAt ${ownVote} sender { id displayName } } } }`;
  const payload = { query, operationName, variables: { channelId: String(room) } };
  const subscribe = JSON.stringify({ id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', type: 'subscribe', payload });
  const ping = JSON.stringify({ type: 'ping' });
  // The subscribe message has no answer: the pings behind it have, and leave those time who subscribe in several turns.
  return { url, protocol: PROTOCOL, hello: [[connectionInit(`viewer-${index}`)], [subscribe, ping], [ping]], room };
}

function connectionInit(viewer: string): string {
  return JSON.stringify({ type: 'connection_init', payload: { viewer } });
}

function sendMessage(n: number, room: number): string {
  const query = 'mutation ($channelId: ID!, $body: String!) { sendMessage(channelId: $channelId, body: $body) { id } }';
  const variables = { channelId: String(room), body: bodyOf(n) };
  return JSON.stringify({ id: `p${n}`, type: 'subscribe', payload: { query, variables } });
}
