/**
 * Reconnect storm: everybody on one channel is cut off at the same moment and comes back by cursor, with the jittered backoff of
 * `client/resume.ts`: once to the process they were on, once to another one that has never heard of the channel.
 *
 *   npm run bench:storm -- [--clients 1000] [--rate 5]
 *
 * Messages go on all the while. Says how long it takes until everybody is back and has everything, and how many transactions the database
 * ran in that time (a read is one), against the same time with everybody connected.
 */
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { openDoor } from './door';
import type { Door } from './door';
import { Listener } from './listener';
import { ask, joinAsGuest, openConference, startParleyServers } from './parley';
import { cpuSeconds } from './process-stats';

const { values: flags } = parseArgs({ options: { clients: { type: 'string', default: '1000' }, rate: { type: 'string', default: '5' } } });
const CLIENTS = Number(flags.clients);
const EVERY_MS = 1_000 / Number(flags.rate);
const IDLE_MS = 10_000;
/** Until what the joining cost has reached the statistics. */
const SETTLING_MS = 5_000;
const PATIENCE_MS = 60_000;
/** Database statistics reach the view with a delay. */
const STATISTICS_MS = 1_500;
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends on and on; what it has sent so far is what everybody must have. */
class Speaker {
  readonly sent: string[] = [];
  private speaking = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly channelId: string,
  ) {
    this.done = this.speak();
  }

  async stop(): Promise<void> {
    this.speaking = false;
    await this.done;
  }

  private async speak(): Promise<void> {
    while (this.speaking) {
      const body = `${this.sent.length} ${Date.now()}`;
      await ask(this.url, this.token, SEND, { input: { channelId: this.channelId, body } });
      this.sent.push(body);
      await pause(EVERY_MS);
    }
  }
}

/** Transactions of this database so far, without those of asking. */
class Counter {
  private asked = 0;

  constructor(private readonly client: Client) {}

  async transactions(): Promise<number> {
    await pause(STATISTICS_MS);
    const { rows } = await this.client.query<{ n: string }>(
      'SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(rows[0]?.n ?? 0) - (this.asked += 1);
  }
}

interface Measured {
  readonly seconds: number;
  readonly perSecond: number;
}

async function measured(counter: Counter, work: () => Promise<void>): Promise<Measured> {
  const before = await counter.transactions();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  const total = (await counter.transactions()) - before;
  return { seconds, perSecond: total / (seconds + STATISTICS_MS / 1_000) };
}

async function cutAndWait(door: Door, listeners: readonly Listener[], speaker: Speaker): Promise<void> {
  const opened = listeners.map(({ openings }) => openings);
  door.cutAll();
  const isBack = (listener: Listener, index: number): boolean =>
    listener.openings > (opened[index] ?? 0) && listener.received.length >= speaker.sent.length - 1;
  const deadline = performance.now() + PATIENCE_MS;
  while (!listeners.every(isBack)) {
    if (performance.now() > deadline) throw new Error(`${listeners.filter(isBack).length} of ${CLIENTS} are back`);
    await pause(20);
  }
}

async function main(): Promise<void> {
  const { servers, databaseUrl, stop } = await startParleyServers(2);
  const [near, far] = servers;
  if (near === undefined || far === undefined) throw new Error('two servers');
  const door = await openDoor(near.url);
  const { hostToken, code, channelId } = await openConference(near.url, CLIENTS);
  const tokens = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => joinAsGuest(near.url, code, `Guest ${n}`)));
  const listeners = tokens.map((token) => new Listener(door.url, token));
  await Promise.all(listeners.map((listener) => listener.open(channelId)));
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const counter = new Counter(client);
  const speaker = new Speaker(near.url, hostToken, channelId);
  const cpu = (): number => [near, far].map(({ pid }) => pid).reduce((sum, pid) => sum + cpuSeconds(pid), 0);

  await pause(SETTLING_MS);
  const idle = await measured(counter, () => pause(IDLE_MS));
  process.stdout.write(`| everybody | back and caught up after s | transactions/s | × connected | server CPU s |\n|---|---|---|---|---|\n`);
  process.stdout.write(`| connected | – | ${idle.perSecond.toFixed(1)} | 1 | – |\n`);
  for (const [where, to] of [
    ['to the same process', near.url],
    ['to another process', far.url],
  ] as const) {
    door.leadTo(to);
    const cpuBefore = cpu();
    const { seconds, perSecond } = await measured(counter, () => cutAndWait(door, listeners, speaker));
    const figures = [seconds.toFixed(1), perSecond.toFixed(1), (perSecond / idle.perSecond).toFixed(1), (cpu() - cpuBefore).toFixed(1)];
    process.stdout.write(`| back ${where} | ${figures.join(' | ')} |\n`);
  }

  await speaker.stop();
  const deadline = performance.now() + PATIENCE_MS;
  while (listeners.some(({ received }) => received.length < speaker.sent.length) && performance.now() < deadline) await pause(50);
  const whole = listeners.filter(({ received }) => received.join() === speaker.sent.join()).length;
  const told = listeners.reduce((sum, { resets }) => sum + resets, 0);
  process.stdout.write(`\n${whole} of ${CLIENTS} have all ${speaker.sent.length} messages, in order, none twice; told as lost: ${told}.\n`);
  if (whole < CLIENTS) process.exitCode = 1;
  await Promise.all(listeners.map((listener) => listener.stop()));
  await client.end();
  await door.close();
  await stop();
}

void main();
