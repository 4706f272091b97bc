/**
 * Message rate: `sendMessage` on one channel, over WebSockets, durable (PostgreSQL's fsync is what it says in the last line).
 *
 *   npm run bench:message-rate -- [--quick] [--sockets 16] [--in-flight 4] [--messages 20000]
 *
 * Two ways of sending: *hot*, every socket keeps several requests in flight; *idle*, one sender waits for each answer. Each sender is a
 * guest of its own. CPU is from /proc: of the server process, and of PostgreSQL's processes that serve it. After each run the channel is
 * read back by polling `channelEvents` and from the rows: nothing missing, nothing twice, no gap, and whatever was answered before
 * another message was sent stands before it.
 */
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { Caller } from './caller';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import { backendsOf } from './database';
import { cpuOf, cpuSince, median, percentile } from './process-stats';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    sockets: { type: 'string', default: '16' },
    'in-flight': { type: 'string', default: '4' },
    messages: { type: 'string' },
  },
});
const SOCKETS = Number(flags.sockets);
const ROUNDS = flags.quick ? 1 : 3;
const PAGE = 100;

interface Mode {
  readonly name: string;
  readonly sockets: number;
  readonly inFlight: number;
  readonly messages: number;
}

const WARM_UP: Mode = { name: 'warm-up', sockets: SOCKETS, inFlight: Number(flags['in-flight']), messages: 3_000 };
const MODES: readonly Mode[] = [
  { ...WARM_UP, name: 'hot', messages: Number(flags.messages ?? (flags.quick ? 5_000 : 20_000)) },
  { name: 'idle', sockets: 1, inFlight: 1, messages: flags.quick ? 200 : 500 },
];

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly serverMs: number;
  readonly databaseMs: number;
}

/** One answered message; times are of `performance.now()`. */
interface Sent {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

interface SentData {
  readonly sendMessage: { readonly message: { readonly id: string } };
}

interface Polled {
  readonly cursor: string;
  readonly message?: { readonly id: string };
}

const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';
const POLL = `query ($channelId: ID!, $after: StreamCursor) { channelEvents(channelId: $channelId, after: $after, first: ${PAGE}) {
  ... on StreamOpened { cursor } ... on MessageAdded { cursor message { id } } } }`;

class Sender {
  private constructor(
    private readonly caller: Caller,
    private readonly channelId: string,
  ) {}

  static async open(url: string, token: string, channelId: string): Promise<Sender> {
    return new Sender(await Caller.open(url, token), channelId);
  }

  async send(body: string): Promise<Sent> {
    const variables = { input: { channelId: this.channelId, body, clientId: body } };
    const { data, sentAt, answeredAt } = await this.caller.ask<SentData>(SEND, variables);
    return { id: data.sendMessage.message.id, body, sentAt, answeredAt };
  }

  close(): void {
    this.caller.close();
  }
}

class Channel {
  /** What was sent, over all runs. */
  private readonly sent: Sent[] = [];
  private cursor: string | null = null;
  private readonly polled: string[] = [];

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly id: string,
    private readonly database: Client,
    private readonly pids: readonly number[],
  ) {}

  async measure(mode: Mode, senders: readonly Sender[]): Promise<Figures> {
    const server = cpuOf(this.pids);
    const database = cpuOf(await backendsOf(this.database));
    const started = performance.now();
    const sent = await sendAll(mode, senders);
    const seconds = (performance.now() - started) / 1_000;
    const serverSince = cpuSince(server, cpuOf(this.pids));
    const databaseSince = cpuSince(database, cpuOf(await backendsOf(this.database)));
    const figures = {
      perSecond: sent.length / seconds,
      ...latencyOf(sent),
      serverMs: (serverSince * 1_000) / sent.length,
      databaseMs: (databaseSince * 1_000) / sent.length,
    };
    this.sent.push(...sent);
    await this.verify();
    return figures;
  }

  private async verify(): Promise<void> {
    const { rows } = await this.database.query<{ offset: string; id: string; body: string }>(
      'SELECT "offset", id, body FROM messages WHERE channel_id = $1 ORDER BY "offset"',
      [this.id],
    );
    rows.forEach(({ offset }, index) => expectThat(Number(offset) === index + 1, `place ${index + 1} is missing`));
    const stored = new Map(rows.map(({ id, body }, index) => [`${id} ${body}`, index]));
    expectThat(stored.size === this.sent.length, `${this.sent.length} were answered, ${stored.size} are stored`);
    expectThat(
      inRealTimeOrder(this.sent, ({ id, body }) => stored.get(`${id} ${body}`)),
      'the order is not that of sending',
    );
    await this.poll(rows.length);
    rows.forEach(({ id }, index) => expectThat(this.polled[index] === id, `channelEvents tells another message at place ${index + 1}`));
  }

  /** The first call, before anything is sent, only gets a place to start from. */
  async poll(until: number): Promise<void> {
    while (this.cursor === null || this.polled.length < until) {
      const { channelEvents } = await ask<{ channelEvents: readonly Polled[] }>(this.url, this.token, POLL, {
        channelId: this.id,
        after: this.cursor,
      });
      const last = channelEvents.at(-1);
      if (last === undefined) throw new Error(`channelEvents ends after ${this.polled.length} of ${until}`);
      this.polled.push(...channelEvents.flatMap(({ message }) => message?.id ?? []));
      this.cursor = last.cursor;
    }
  }
}

let run = 0;

async function sendAll({ sockets, inFlight, messages }: Mode, senders: readonly Sender[]): Promise<Sent[]> {
  run += 1;
  const sent: Sent[] = [];
  let next = 0;
  const lane = async (sender: Sender): Promise<void> => {
    while (next < messages) sent.push(await sender.send(`run ${run}, message ${(next += 1)}: ${'x'.repeat(40)}`));
  };
  await Promise.all(senders.slice(0, sockets).flatMap((sender) => Array.from({ length: inFlight }, () => lane(sender))));
  return sent;
}

/** Whether each message stands after all that had been answered when it was sent. */
function inRealTimeOrder(sent: readonly Sent[], placeOf: (sent: Sent) => number | undefined): boolean {
  const answered = [...sent].sort((a, b) => a.answeredAt - b.answeredAt);
  let index = 0;
  let highest = -1;
  return [...sent]
    .sort((a, b) => a.sentAt - b.sentAt)
    .every((message) => {
      for (let before = answered[index]; before !== undefined && before.answeredAt < message.sentAt; before = answered[(index += 1)])
        highest = Math.max(highest, placeOf(before) ?? Infinity);
      return (placeOf(message) ?? -1) > highest;
    });
}

function latencyOf(sent: readonly Sent[]): { p50: number; p99: number } {
  const latencies = sent.map(({ sentAt, answeredAt }) => answeredAt - sentAt);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

function expectThat(fact: boolean, otherwise: string): void {
  if (!fact) throw new Error(otherwise);
}

async function main(): Promise<void> {
  const { servers, databaseUrl, stop } = await startParleyServers(1);
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  const database = new Client({ connectionString: databaseUrl });
  const senders: Sender[] = [];
  try {
    await database.connect();
    const { rows } = await database.query<{ fsync: string }>('SHOW fsync');
    const { hostToken, code, channelId } = await openConference(server.url, SOCKETS);
    for (let n = 0; n < SOCKETS; n += 1)
      senders.push(await Sender.open(server.url, await joinAsGuest(server.url, code, `Guest ${n}`), channelId));
    const channel = new Channel(server.url, hostToken, channelId, database, [server.pid]);
    await channel.poll(0);
    await channel.measure(WARM_UP, senders);
    const table = new Map<Mode, Figures[]>(MODES.map((mode) => [mode, []]));
    for (let round = 0; round < ROUNDS; round += 1) for (const mode of MODES) table.get(mode)?.push(await channel.measure(mode, senders));
    print(table, rows[0]?.fsync ?? 'unknown');
  } finally {
    for (const sender of senders) sender.close();
    await database.end();
    await stop();
  }
}

function print(table: Map<Mode, Figures[]>, fsync: string): void {
  process.stdout.write(
    '| sending | in flight | messages/s | p50 ms | p99 ms | server CPU ms per message | PostgreSQL CPU ms per message |\n|---|---|---|---|---|---|---|\n',
  );
  for (const [mode, figures] of table) {
    const of = (pick: (one: Figures) => number, digits: number): string => median(figures.map(pick)).toFixed(digits);
    const cells = [
      mode.name,
      `${mode.sockets} × ${mode.inFlight}`,
      of((one) => one.perSecond, 0),
      of((one) => one.p50, 1),
      of((one) => one.p99, 1),
      of((one) => one.serverMs, 3),
      of((one) => one.databaseMs, 3),
    ];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
  process.stdout.write(`\nMedians of ${ROUNDS}; complete, gapless and in order; fsync is ${fsync}.\n`);
}

void main();
