import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { undoAtLast } from './at-last';
import { stopProcess } from './contestant';
import type { Seat } from './contestant';
import { createDatabase } from './database';

const REDIS_URL = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379';
/** For profiling, e.g. `--cpu-prof`. */
const NODE_ARGS = process.env.BENCH_NODE_ARGS?.split(' ') ?? [];
const BASE_ENV = {
  ...process.env,
  NODE_ENV: 'development',
  HOST: '127.0.0.1',
  PARLEY_RATE_LIMITS: 'off',
  PARLEY_LOG_LEVEL: 'error',
};
export const PROTOCOL = 'graphql-transport-ws';
/** Joins that wait together share transactions. */
const JOINING_AT_ONCE = 100;
export const SUBSCRIPTION_ID = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';

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

export interface ServersOptions {
  readonly nodeArgs?: readonly string[];
  /** Over those of the benches, where nobody is limited. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A built Parley (`npm run build`): this many processes on a database of their own, with PostgreSQL and Redis. */
export async function startParleyServers(count: number, { nodeArgs = [], env = {} }: ServersOptions = {}): Promise<ParleyServers> {
  const { name, url: databaseUrl, drop } = await createDatabase();
  const backends = { DATABASE_URL: databaseUrl, REDIS_URL, PARLEY_REDIS_PREFIX: `${name}:` };
  const whole = { ...BASE_ENV, JWT_SECRET: randomBytes(32).toString('hex'), ...backends, ...env };
  const servers = await Promise.all(Array.from({ length: count }, () => startServerProcess(whole, nodeArgs)));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await drop();
  };
  return { servers, databaseUrl, stop };
}

/** A built Parley with nothing but itself: its database ends with it. */
export function startEmbeddedServer({ nodeArgs = [], env = {} }: ServersOptions = {}): Promise<ParleyServer> {
  return startServerProcess({ ...BASE_ENV, PARLEY_DATA_DIR: 'memory://', ...env }, nodeArgs);
}

async function startServerProcess(env: NodeJS.ProcessEnv, nodeArgs: readonly string[]): Promise<ParleyServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [...NODE_ARGS, ...nodeArgs, path.join(__dirname, '..', 'dist', 'main.js')], {
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  undoAtLast(() => stopProcess(child));
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
  const { servers, stop } = await startParleyServers(apart ? 2 : 1, { nodeArgs });
  const [entrance] = servers;
  const server = servers.at(-1);
  if (entrance === undefined || server === undefined) throw new Error('no server');
  const { hostToken, code, channelId } = await openConference(entrance.url, guests);
  const query = `subscription ($channelId: ID!) { channelEvents(channelId: $channelId) {
    ... on StreamOpened { recovered } ... on MessageAdded { cursor message { id body createdAt sender { id displayName } } } } }`;
  const subscribe = JSON.stringify({ id: SUBSCRIPTION_ID, type: 'subscribe', payload: { query, variables: { channelId } } });
  const tokens = await someAtOnce(guests, (n) => joinAsGuest(entrance.url, code, `Guest ${n}`));
  const seats = tokens.map((token) => ({ url: webSocketUrl(server), protocol: PROTOCOL, hello: [[connectionInit(token)], [subscribe]] }));
  return { server, seats, hostToken, channelId, stop };
}

export function webSocketUrl({ url }: ParleyServer): string {
  return `${url.replace(/^http/, 'ws')}/graphql`;
}

export function connectionInit(token: string): string {
  return JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
}

export interface Conference {
  readonly sessionId: string;
  readonly code: string;
  readonly channelId: string;
}

/** A live conference of a host of its own. */
export async function openConference(url: string, capacity: number): Promise<Conference & { readonly hostToken: string }> {
  const hostToken = await register(url, 'Publisher');
  return { hostToken, ...(await openSession(url, hostToken, capacity)) };
}

/** A new account's token. */
export async function register(url: string, displayName: string): Promise<string> {
  const email = `${randomBytes(8).toString('hex')}@example.org`;
  const answer = await ask<{ register: { accessToken: string } }>(
    url,
    null,
    'mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }',
    { input: { email, password: 'a password for benches', displayName } },
  );
  return answer.register.accessToken;
}

export async function openSession(url: string, hostToken: string, capacity: number): Promise<Conference> {
  const { createSession } = await ask<{ createSession: { session: { id: string; code: string; channel: { id: string } } } }>(
    url,
    hostToken,
    'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id code channel { id } } } }',
    { input: { title: 'Bench', capacity } },
  );
  const { id: sessionId, code, channel } = createSession.session;
  await ask(url, hostToken, 'mutation ($id: ID!) { startSession(sessionId: $id) { session { id } } }', { id: sessionId });
  return { sessionId, code, channelId: channel.id };
}

/** The attendee's token. */
export function joinAsGuest(url: string, code: string, displayName: string): Promise<string> {
  return join(url, null, { code, displayName });
}

/** The attendee's token; the account's own does as well. */
export function joinAsUser(url: string, code: string, accountToken: string): Promise<string> {
  return join(url, accountToken, { code });
}

async function join(url: string, token: string | null, input: object): Promise<string> {
  const query = 'mutation ($input: JoinSessionInput!) { joinSession(input: $input) { token } }';
  return (await ask<{ joinSession: { token: string } }>(url, token, query, { input })).joinSession.token;
}

/** Does it for 0 … count - 1, so many at a time; the results in order. */
export async function someAtOnce<T>(count: number, work: (n: number) => Promise<T>, atOnce = JOINING_AT_ONCE): Promise<T[]> {
  const results: T[] = [];
  while (results.length < count) {
    const first = results.length;
    results.push(...(await Promise.all(Array.from({ length: Math.min(atOnce, count - first) }, (_, n) => work(first + n)))));
  }
  return results;
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
