import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Client } from 'pg';
import { stopProcess } from './contestant';
import type { Contestant, Seat } from './contestant';
import { publisher } from './publisher';

const ADMIN_URL = process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const REDIS_URL = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379';
/** For profiling, e.g. `--cpu-prof`. */
const NODE_ARGS = process.env.BENCH_NODE_ARGS?.split(' ') ?? [];
const PROTOCOL = 'graphql-transport-ws';
/** Joins that wait together share transactions. */
const JOINING_AT_ONCE = 100;
const SUBSCRIPTION_ID = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';

export interface ParleyServer {
  readonly url: string;
  readonly process: ChildProcess;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ParleyServers {
  readonly servers: readonly ParleyServer[];
  readonly databaseUrl: string;
  readonly stop: () => Promise<void>;
}

/** A built Parley (`npm run build`): this many processes on a database of their own, with PostgreSQL and Redis. */
export async function startParleyServers(count: number, nodeArgs: readonly string[] = []): Promise<ParleyServers> {
  const name = `parley_bench_${randomBytes(6).toString('hex')}`;
  const databaseUrl = Object.assign(new URL(ADMIN_URL), { pathname: `/${name}` }).href;
  await administer(`CREATE DATABASE ${name}`);
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    REDIS_URL,
    PARLEY_REDIS_PREFIX: `${name}:`,
    PARLEY_RATE_LIMITS: 'off',
    PARLEY_LOG_LEVEL: 'error',
    JWT_SECRET: randomBytes(32).toString('hex'),
  };
  const servers = await Promise.all(Array.from({ length: count }, () => startServerProcess(env, nodeArgs)));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { servers, databaseUrl, stop };
}

async function startServerProcess(env: NodeJS.ProcessEnv, nodeArgs: readonly string[]): Promise<ParleyServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [...NODE_ARGS, ...nodeArgs, path.join(__dirname, '..', 'dist', 'main.js')], {
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('Parley could not be started');
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error('Parley did not start: run npm run build first');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, process: child, pid, stop: () => stopProcess(child) };
}

export interface ParleyRoom {
  readonly server: ParleyServer;
  readonly seats: readonly Seat[];
  readonly hostToken: string;
  readonly channelId: string;
  stop(): Promise<void>;
}

/**
 * A live conference with this many guests (at most 10,000), each with a token and a subscription of its own. `apart`: they sit at a process
 * of their own, which has not seen them join, so that what joining leaves in memory is not there.
 */
export async function startParleyRoom(
  guests: number,
  { nodeArgs = [], apart = false }: { nodeArgs?: readonly string[]; apart?: boolean } = {},
): Promise<ParleyRoom> {
  const { servers, stop } = await startParleyServers(apart ? 2 : 1, nodeArgs);
  const [entrance] = servers;
  const server = servers.at(-1);
  if (entrance === undefined || server === undefined) throw new Error('no server');
  const { hostToken, code, channelId } = await openConference(entrance.url, guests);
  const query = `subscription ($channelId: ID!) { channelEvents(channelId: $channelId) {
    ... on StreamOpened { recovered } ... on MessageAdded { cursor message { id body createdAt sender { id displayName } } } } }`;
  const subscribe = JSON.stringify({ id: SUBSCRIPTION_ID, type: 'subscribe', payload: { query, variables: { channelId } } });
  const tokens: string[] = [];
  while (tokens.length < guests) {
    const joining = Array.from({ length: Math.min(JOINING_AT_ONCE, guests - tokens.length) }, (_, n) =>
      joinAsGuest(entrance.url, code, `Guest ${tokens.length + n}`),
    );
    tokens.push(...(await Promise.all(joining)));
  }
  const seats = tokens.map((token) => ({ url: webSocketUrl(server), protocol: PROTOCOL, hello: [[connectionInit(token)], [subscribe]] }));
  return { server, seats, hostToken, channelId, stop };
}

function webSocketUrl({ url }: ParleyServer): string {
  return `${url.replace(/^http/, 'ws')}/graphql`;
}

/** A room whose host publishes by `sendMessage`. */
export async function startParley(subscribers: number, filler: string): Promise<Contestant> {
  const room = await startParleyRoom(subscribers);
  const { server, seats, hostToken, channelId } = room;
  const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
  const { publish, close } = await publisher(webSocketUrl(server), PROTOCOL, [connectionInit(hostToken)], (n) =>
    JSON.stringify({
      id: `p${n}`,
      type: 'subscribe',
      payload: { query: send, variables: { input: { channelId, body: `#${n};${filler}` } } },
    }),
  );
  const stop = async (): Promise<void> => {
    close();
    await room.stop();
  };
  return { name: 'Parley', pids: [server.pid], seats, publish, stop };
}

export function connectionInit(token: string): string {
  return JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
}

export async function openConference(
  url: string,
  capacity: number,
): Promise<{ hostToken: string; sessionId: string; code: string; channelId: string }> {
  const email = `${randomBytes(8).toString('hex')}@example.org`;
  const { register } = await ask<{ register: { accessToken: string } }>(
    url,
    null,
    'mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }',
    { input: { email, password: 'a password for benches', displayName: 'Publisher' } },
  );
  const hostToken = register.accessToken;
  const { createSession } = await ask<{ createSession: { session: { id: string; code: string; channel: { id: string } } } }>(
    url,
    hostToken,
    'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id code channel { id } } } }',
    { input: { title: 'Bench', capacity } },
  );
  const { id: sessionId, code, channel } = createSession.session;
  await ask(url, hostToken, 'mutation ($id: ID!) { startSession(sessionId: $id) { session { id } } }', { id: sessionId });
  return { hostToken, sessionId, code, channelId: channel.id };
}

export async function joinAsGuest(url: string, code: string, displayName: string): Promise<string> {
  const { joinSession } = await ask<{ joinSession: { token: string } }>(
    url,
    null,
    'mutation ($input: JoinSessionInput!) { joinSession(input: $input) { token } }',
    { input: { code, displayName } },
  );
  return joinSession.token;
}

export async function ask<T>(url: string, token: string | null, query: string, variables: object): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: T; errors?: unknown };
  if (data == null || errors !== undefined) throw new Error(JSON.stringify(errors ?? response.status));
  return data;
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: ADMIN_URL });
  await client.connect();
  await client.query(statement);
  await client.end();
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
