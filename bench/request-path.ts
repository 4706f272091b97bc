/**
 * The request path: POST /graphql on 32 keep-alive connections, a trivial query and a page of 50 messages.
 *
 *   npm run build && npm run bench:request-path -- [--quick] [--only floor,mercurius,Parley]
 *
 * Every server answers in turn within each round; the figure is its CPU per request (from /proc), the median over rounds, and its ratio to
 * the floor of the same round: `node:http` and JSON alone. Peers read the page from memory and, as Parley does, from PostgreSQL, by one
 * statement over `pg`; what Parley does on the way (tokens, rights, the repository) they do not. `Parley, page from memory` is Parley's
 * transport, pipeline and types over the rows that the others have, so that like is compared with like. Every answer must say the same.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { startServer, stopProcess } from './contestant';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import { cpuPerRequest, hangUp, post } from './posting';
import type { Answering } from './posting';
import { median } from './process-stats';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const ROUNDS = flags.quick ? 3 : 7;
const REQUESTS = flags.quick ? 4_000 : 10_000;
const WARM_UP = 2_000;
const PAGE = 50;

const TRIVIAL = { query: '{ __typename }' };
const PAGE_QUERY = `query ($id: ID!) { channel(id: $id) { messages(first: ${PAGE}) {
  edges { node { id body createdAt sender { id displayName } } } pageInfo { hasNextPage } } } }`;

interface Contender extends Answering {
  stop(): Promise<void>;
}

/** One way of asking one server. */
interface Contest {
  readonly contender: Contender;
  readonly task: 'trivial' | 'memory' | 'PostgreSQL';
  readonly body: object;
}

interface Answer {
  readonly data: { readonly channel?: { readonly messages: Messages } };
}

interface Messages {
  readonly edges: readonly { readonly node: object }[];
}

/** A live conference with a channel of messages, read by a guest. */
async function startParley(): Promise<{ contender: Contender; channelId: string; databaseUrl: string }> {
  const { servers, databaseUrl, stop } = await startParleyServers(1);
  const [server] = servers;
  if (server === undefined) throw new Error('Parley did not start');
  const { hostToken, code, channelId } = await openConference(server.url, 10);
  const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
  for (let n = 0; n < 2 * PAGE; n += 1) await ask(server.url, hostToken, send, { input: { channelId, body: `Message ${n} of a page` } });
  const token = await joinAsGuest(server.url, code, 'Reader');
  const port = Number(new URL(server.url).port);
  const contender = { name: 'Parley', pid: server.pid, port, headers: { authorization: `Bearer ${token}` }, stop };
  return { contender, channelId, databaseUrl };
}

async function startPeer(name: string, file: string, env: Record<string, string>): Promise<Contender> {
  const { process: child, pid, ready } = await startServer<{ port: number }>(file, env);
  return { name, pid, port: ready.port, stop: () => stopProcess(child) };
}

async function answerOf({ contender, body }: Contest): Promise<Answer> {
  return JSON.parse(await post(contender, JSON.stringify(body))) as Answer;
}

const PEERS = [
  ['floor', 'bare node:http + JSON', 'page-http.ts'],
  ['mercurius', 'mercurius + jit', 'page-mercurius.ts'],
  ['apollo', 'Apollo 5 + fastify', 'page-apollo.ts'],
] as const;

async function main(): Promise<void> {
  const parley = await startParley();
  const page = { query: PAGE_QUERY, variables: { id: parley.channelId } };
  const real: Contest = { contender: parley.contender, task: 'PostgreSQL', body: page };
  const reference = await answerOf(real);
  const messages = reference.data.channel?.messages.edges.map(({ node }) => node) ?? [];
  // One more, so that the page is not the last.
  const env = { PAGE_MESSAGES: JSON.stringify([...messages, messages[0]]) };

  const contests: Contest[] = [];
  for (const [key, name, file] of [...PEERS, ['memory', 'Parley, page from memory', 'page-parley.ts'] as const]) {
    if (flags.only !== undefined && key !== 'floor' && !flags.only.split(',').includes(key)) continue;
    const inMemory = await startPeer(name, file, env);
    contests.push({ contender: inMemory, task: 'memory', body: page });
    if (key === 'memory') continue;
    const onDatabase = await startPeer(name, file, { PAGE_DATABASE_URL: parley.databaseUrl });
    contests.push({ contender: inMemory, task: 'trivial', body: TRIVIAL }, { contender: onDatabase, task: 'PostgreSQL', body: page });
  }
  contests.push({ contender: parley.contender, task: 'trivial', body: TRIVIAL }, real);

  try {
    print(await measureAll(contests, reference));
  } finally {
    hangUp();
    // Parley last: the others read its database.
    for (const contender of new Set(contests.map((contest) => contest.contender))) await contender.stop();
  }
}

type Figures = ReadonlyMap<Contest, readonly number[]>;

async function measureAll(contests: readonly Contest[], reference: Answer): Promise<Figures> {
  for (const contest of contests) {
    const expected = contest.task === 'trivial' ? { data: { __typename: 'Query' } } : reference;
    const answer = await answerOf(contest);
    if (!isDeepStrictEqual(answer, expected)) throw new Error(`${contest.contender.name} answers ${JSON.stringify(answer)}`);
    await cpuPerRequest(contest.contender, contest.body, WARM_UP);
  }
  const figures = new Map<Contest, number[]>(contests.map((contest) => [contest, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const contest of contests) {
      const milliseconds = await cpuPerRequest(contest.contender, contest.body, REQUESTS);
      figures.get(contest)?.push(milliseconds);
      process.stderr.write(
        `round ${round}  ${contest.task.padEnd(10)} ${contest.contender.name.padEnd(26)} ${milliseconds.toFixed(4)} ms\n`,
      );
    }
  }
  return figures;
}

function print(figures: Figures): void {
  for (const task of ['trivial', 'memory', 'PostgreSQL']) {
    const rows = [...figures].filter(([contest]) => contest.task === task);
    const floor = rows[0]?.[1] ?? [];
    const title = task === 'trivial' ? 'A trivial query' : `A page of ${PAGE} messages from ${task}`;
    process.stdout.write(`\n### ${title}\n\n| server | CPU ms per request | × floor |\n|---|---|---|\n`);
    for (const [{ contender }, values] of rows) {
      const ratio = median(values.map((value, round) => value / (floor[round] ?? Number.NaN)));
      process.stdout.write(`| ${contender.name} | ${median(values).toFixed(3)} | ${ratio.toFixed(2)} |\n`);
    }
  }
}

void main();
