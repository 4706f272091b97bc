/**
 * What each wall costs a request: server and PostgreSQL CPU with it and without it, side by side in one run.
 *
 *   npm run build && npm run bench:overheads -- [--quick]
 *
 * Two servers, each with a database of its own: one as it is, one with row security taken off its tables and an audit log that takes nothing
 * in. What a token costs is seen by asking without one, as a guest (nothing is read) and as a user (has the sign-in ended?). Rates are off in
 * both, because nobody is let in as often as this asks.
 *
 * What rates take is measured apart: two servers that differ in them alone, and people who ask in turn, each from an address of their own
 * and so seldom that nobody is refused; CPU of each request, and how long it takes one after the other.
 */
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { backendsOf, run } from './database';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import type { ParleyServers } from './parley';
import { cpuPerRequest, hangUp } from './posting';
import type { Answering } from './posting';
import { cpuOf, cpuSince, median } from './process-stats';
import { measureRates } from './overheads/rates';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' } } });
const ROUNDS = flags.quick ? 3 : 7;
const REQUESTS = flags.quick ? 2_000 : 6_000;
const WARM_UP = 1_000;
const PAGE = 50;

const TRIVIAL = { query: '{ __typename }' };
const TABLES = ['organizations', 'memberships', 'channels', 'channel_members', 'messages'];

interface Room {
  readonly servers: ParleyServers;
  readonly anonymous: Answering;
  readonly guest: Answering;
  readonly host: Answering;
  readonly database: Client;
  readonly channelId: string;
  readonly sessionId: string;
}

interface Question {
  readonly asks: string;
  readonly walls: string;
  readonly by: 'anonymous' | 'guest' | 'host';
  readonly body: (room: Room) => object;
}

const QUESTIONS: readonly Question[] = [
  { asks: 'a trivial query, nobody', walls: 'none', by: 'anonymous', body: () => TRIVIAL },
  { asks: 'a trivial query, a guest', walls: 'a token', by: 'guest', body: () => TRIVIAL },
  { asks: 'a trivial query, a user', walls: 'a token, its sign-in read', by: 'host', body: () => TRIVIAL },
  {
    asks: `a page of ${PAGE} messages, a guest`,
    walls: 'row security',
    by: 'guest',
    body: ({ channelId }) => ({
      query: `query ($id: ID!) { channel(id: $id) { messages(first: ${PAGE}) { edges { node { id body createdAt sender { id } } } } } }`,
      variables: { id: channelId },
    }),
  },
  {
    asks: 'a session edited by its host',
    walls: 'row security, audit',
    by: 'host',
    body: ({ sessionId }) => ({
      query: 'mutation ($input: UpdateSessionInput!) { updateSession(input: $input) { session { id } } }',
      variables: { input: { sessionId, title: 'Bench' } },
    }),
  },
];

async function open(name: string, prepare: (databaseUrl: string) => Promise<void>): Promise<Room> {
  const servers = await startParleyServers(1);
  const [server] = servers.servers;
  if (server === undefined) throw new Error('Parley did not start');
  await prepare(servers.databaseUrl);
  const { hostToken, code, channelId, sessionId } = await openConference(server.url, 10);
  const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
  for (let n = 0; n < PAGE; n += 1) await ask(server.url, hostToken, send, { input: { channelId, body: `Message ${n}` } });
  const guestToken = await joinAsGuest(server.url, code, 'Reader');
  const as = (token: string | null): Answering => ({
    name,
    pid: server.pid,
    port: Number(new URL(server.url).port),
    ...(token !== null && { headers: { authorization: `Bearer ${token}` } }),
  });
  const database = new Client({ connectionString: servers.databaseUrl });
  await database.connect();
  return { servers, anonymous: as(null), guest: as(guestToken), host: as(hostToken), database, channelId, sessionId };
}

/** CPU milliseconds of the server and of PostgreSQL for one request. */
async function measure(room: Room, { by, body }: Question, requests: number): Promise<{ server: number; database: number }> {
  const before = cpuOf(await backendsOf(room.database));
  const server = await cpuPerRequest(room[by], body(room), requests);
  const after = cpuOf(await backendsOf(room.database));
  return { server, database: (cpuSince(before, after) / requests) * 1_000 };
}

async function takeWallsDown(databaseUrl: string): Promise<void> {
  for (const table of TABLES) await run(databaseUrl, `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
  await run(databaseUrl, 'CREATE RULE nothing_in AS ON INSERT TO audit_entries DO INSTEAD NOTHING');
}

async function main(): Promise<void> {
  await measureRates(ROUNDS, REQUESTS);
  const walled = await open('with', () => Promise.resolve());
  const bare = await open('without', takeWallsDown);
  try {
    process.stdout.write(
      '| request | walls | server CPU ms with | without | PostgreSQL CPU ms with | without |\n|---|---|---|---|---|---|\n',
    );
    for (const question of QUESTIONS) {
      const rooms = [walled, bare];
      for (const room of rooms) await measure(room, question, WARM_UP);
      const figures = rooms.map((): { server: number; database: number }[] => []);
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [index, room] of rooms.entries()) figures[index]?.push(await measure(room, question, REQUESTS));
      }
      const told = (what: 'server' | 'database'): string =>
        figures.map((each) => median(each.map((figure) => figure[what])).toFixed(3)).join(' | ');
      process.stdout.write(`| ${question.asks} | ${question.walls} | ${told('server')} | ${told('database')} |\n`);
    }
  } finally {
    hangUp();
    for (const { database, servers } of [walled, bare]) {
      await database.end();
      await servers.stop();
    }
  }
}

void main();
