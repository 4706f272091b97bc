/**
 * Fan-out: one channel, many subscribers, events published through the public API.
 *
 *   npm run bench:fan-out -- [--quick] [--subscribers 1000] [--only Parley]
 *
 * Three ways of publishing: *flood* keeps 16 events in flight (one is in flight until every subscriber has it), *paced* sends ten a second,
 * *single* one at a time. Contestants take turns within each round; the figure is server CPU per delivery (all server processes, from
 * /proc), the median over rounds, and its ratio to the plain WebSocket of the same round. Every run is checked to be complete and in order.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startParley } from './parley';
import { publisher } from './publisher';
import { startServer, stopProcess } from './contestant';
import type { Contestant, Seat } from './contestant';
import { cpuSeconds, median, percentile } from './process-stats';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, subscribers: { type: 'string', default: '1000' }, only: { type: 'string' } },
});
const SUBSCRIBERS = Number(flags.subscribers);
const ROUNDS = flags.quick ? 1 : 3;

interface Mode {
  readonly name: string;
  readonly inFlight: number;
  readonly everyMs: number;
  readonly events: number;
}

const MODES: readonly Mode[] = [
  { name: 'flood', inFlight: 16, everyMs: 0, events: flags.quick ? 500 : 2_000 },
  { name: 'single', inFlight: 1, everyMs: 0, events: flags.quick ? 200 : 500 },
  { name: 'paced', inFlight: Infinity, everyMs: 100, events: flags.quick ? 50 : 100 },
];

interface Figures {
  readonly cpuPerMillion: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** The subscribers, in a process of their own so that their work is not counted. */
class Room {
  private readonly child: ChildProcess;
  private onEveryone: (n: number) => void = () => undefined;
  private onDone: (result: { complete: number; wrong: number }) => void = () => undefined;
  private onReady: () => void = () => undefined;

  constructor() {
    this.child = fork(path.join(__dirname, 'room.ts'), { execArgv: ['-r', path.join(__dirname, '..', 'scripts', 'register.cjs')] });
    this.child.on('message', (message: { kind: string; n: number; complete: number; wrong: number }) => {
      if (message.kind === 'everyone') this.onEveryone(message.n);
      else if (message.kind === 'done') this.onDone(message);
      else this.onReady();
    });
  }

  open(seats: readonly Seat[]): Promise<void> {
    return this.order({ kind: 'open', seats });
  }

  /** Resolves `done` once everyone has everything. */
  async expect(
    from: number,
    count: number,
    onEveryone: (n: number) => void,
  ): Promise<{ done: Promise<{ complete: number; wrong: number }> }> {
    this.onEveryone = onEveryone;
    const done = new Promise<{ complete: number; wrong: number }>((resolve) => (this.onDone = resolve));
    await this.order({ kind: 'expect', from, count });
    return { done };
  }

  stop(): Promise<void> {
    return stopProcess(this.child);
  }

  private order(message: object): Promise<void> {
    return new Promise((resolve) => {
      this.onReady = resolve;
      this.child.send(message);
    });
  }
}

async function measure(contestant: Contestant, room: Room, mode: Mode, from: number): Promise<Figures> {
  const sentAt = new Map<number, number>();
  const latencies: number[] = [];
  const published: Promise<void>[] = [];
  let inFlight = 0;
  let wake: () => void = () => undefined;
  const { done } = await room.expect(from, mode.events, (n) => {
    latencies.push(performance.now() - (sentAt.get(n) ?? 0));
    inFlight -= 1;
    wake();
  });
  const cpuBefore = contestant.pids.map(cpuSeconds);
  const started = performance.now();
  for (let n = from; n < from + mode.events; n += 1) {
    while (inFlight >= mode.inFlight) await new Promise<void>((resolve) => (wake = resolve));
    if (mode.everyMs > 0) await pause(started + (n - from) * mode.everyMs - performance.now());
    inFlight += 1;
    sentAt.set(n, performance.now());
    published.push(contestant.publish(n));
  }
  const result = await done;
  await Promise.all(published);
  const seconds = (performance.now() - started) / 1000;
  if (result.complete !== mode.events || result.wrong > 0)
    throw new Error(`${contestant.name}: ${JSON.stringify(result)} of ${mode.events}`);
  const cpu = contestant.pids.reduce((sum, pid, index) => sum + cpuSeconds(pid) - (cpuBefore[index] ?? 0), 0);
  const deliveries = mode.events * SUBSCRIBERS;
  return {
    cpuPerMillion: (cpu / deliveries) * 1e6,
    perSecond: deliveries / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** About 300 bytes on the wire, as a message with its sender, ids and times is. */
const filler = 'x'.repeat(40);

async function startRaw(coalesce: boolean): Promise<Contestant> {
  const { process: child, pid, ready } = await startServer<{ port: number }>('raw-ws.ts', { COALESCE: coalesce ? '1' : '0' });
  const url = `ws://127.0.0.1:${ready.port}`;
  const frame = (n: number): string =>
    JSON.stringify({
      id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      type: 'next',
      payload: {
        data: {
          channelEvents: {
            cursor: 'cursor-cursor-cursor',
            message: {
              id: 'msg_01jd0000000000000000000000',
              body: `#${n};${filler}`,
              createdAt: '2026-11-21T10:00:00.000Z',
              sender: { id: 'usr_01jd0000000000000000000000', displayName: 'Publisher' },
            },
          },
        },
      },
    });
  const { publish, close } = await publisher(`${url}/publish`, undefined, [], frame);
  return {
    name: coalesce ? 'raw ws, coalescing' : 'raw ws',
    pids: [pid],
    seats: Array.from({ length: SUBSCRIBERS }, () => ({ url: `${url}/subscribe`, hello: [['hello']] })),
    publish,
    stop: async () => {
      close();
      await stopProcess(child);
    },
  };
}

const SUBSCRIBE = 'subscription { channelEvents { cursor message { id body createdAt sender { id displayName } } } }';

async function startStock(redisUrl: string | undefined): Promise<Contestant> {
  const {
    process: child,
    pid,
    ready,
  } = await startServer<{ port: number }>('stock.ts', redisUrl === undefined ? {} : { REDIS_URL: redisUrl });
  const url = `ws://127.0.0.1:${ready.port}/graphql`;
  const protocol = 'graphql-transport-ws';
  const init = JSON.stringify({ type: 'connection_init' });
  const subscribe = JSON.stringify({ id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', type: 'subscribe', payload: { query: SUBSCRIBE } });
  const { publish, close } = await publisher(url, protocol, [init], (n) =>
    JSON.stringify({
      id: `p${n}`,
      type: 'subscribe',
      payload: { query: 'mutation ($body: String!) { sendMessage(body: $body) { id } }', variables: { body: `#${n};${filler}` } },
    }),
  );
  // The subscribe message has no answer: the ping behind it has.
  const hello = [[init], [subscribe, JSON.stringify({ type: 'ping' })]];
  return {
    name: redisUrl === undefined ? 'stock, in-memory PubSub' : 'stock, Redis PubSub',
    pids: [pid],
    seats: Array.from({ length: SUBSCRIBERS }, () => ({ url, protocol, hello })),
    publish,
    stop: async () => {
      close();
      await stopProcess(child);
    },
  };
}

async function main(): Promise<void> {
  const redisUrl = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379';
  const starters: readonly (readonly [string, () => Promise<Contestant>])[] = [
    ['raw', () => startRaw(false)],
    ['coalescing', () => startRaw(true)],
    ['stock', () => startStock(undefined)],
    ['stock-redis', () => startStock(redisUrl)],
    ['Parley', () => startParley(SUBSCRIBERS, filler)],
  ];
  const chosen = starters.filter(([name]) => flags.only === undefined || flags.only.split(',').includes(name));
  const table = new Map<string, Figures[]>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [, start] of chosen) {
      const contestant = await start();
      const room = new Room();
      await room.open(contestant.seats);
      let from = 0;
      for (const mode of [{ name: 'warm-up', inFlight: 16, everyMs: 0, events: 100 }, ...MODES]) {
        const figures = await measure(contestant, room, mode, from);
        from += mode.events;
        const key = `${mode.name}|${contestant.name}`;
        table.set(key, [...(table.get(key) ?? []), figures]);
        process.stderr.write(
          `round ${round}  ${mode.name.padEnd(8)} ${contestant.name.padEnd(26)} ${figures.cpuPerMillion.toFixed(2)} CPU s/M  ${Math.round(figures.perSecond)}/s  p99 ${figures.p99.toFixed(1)} ms\n`,
        );
      }
      await contestant.stop();
      await room.stop();
    }
  }
  print(table);
}

function print(table: Map<string, Figures[]>): void {
  for (const mode of MODES) {
    const rows = [...table].filter(([key]) => key.startsWith(`${mode.name}|`));
    const raw = rows[0]?.[1] ?? [];
    process.stdout.write(
      `\n### ${mode.name}, ${SUBSCRIBERS} subscribers\n\n| server | CPU s per million | × raw ws | deliveries/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|\n`,
    );
    for (const [key, figures] of rows) {
      const of = (pick: (one: Figures) => number): number => median(figures.map(pick));
      const ratio = median(figures.map((one, round) => one.cpuPerMillion / (raw[round]?.cpuPerMillion ?? Number.NaN)));
      process.stdout.write(
        `| ${key.split('|')[1] ?? ''} | ${of((one) => one.cpuPerMillion).toFixed(2)} | ${ratio.toFixed(2)} | ${Math.round(of((one) => one.perSecond))} | ${of((one) => one.p50).toFixed(1)} | ${of((one) => one.p99).toFixed(1)} |\n`,
      );
    }
  }
}

void main();
