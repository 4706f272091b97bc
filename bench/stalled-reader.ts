/**
 * A stalled reader among a hundred: what it costs the server, and the others.
 *
 *   npm run bench:stalled-reader -- [--quick] [--readers 100] [--events 40000]
 *
 * Three runs, each on a server of its own: all hundred read; one of them stops reading once it is attached; one reads 1 kB/s. The others
 * check that they get every event, in order. The stalled one goes on sending pongs, so that it is a slow reader and not a dead one. Memory
 * is looked at twice a second: resident from /proc, and what is held (heap and what it holds) after a full collection.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import type { Seat } from './contestant';
import { measure as measureFanOut } from './fan-out/measure';
import type { Mode } from './fan-out/mode';
import { openPublisher, readGraphql } from './fan-out/publisher';
import { Room } from './fan-out/room';
import { connectionInit, startParleyRoom } from './parley';
import type { ParleyRoom, ParleyServer } from './parley';
import { residentKib } from './process-stats';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, readers: { type: 'string', default: '100' }, events: { type: 'string' } },
});
const READERS = Number(flags.readers);
const EVENTS = Number(flags.events ?? (flags.quick ? 10_000 : 40_000));
const WARM_UP = 2_000;
/** Events that not everybody has yet: fewer than a socket may have operations open, and so few that nobody who reads is taken for slow. */
const IN_FLIGHT = 40;
const FILLER = 'x'.repeat(2_000);
const LOOK_EVERY_MS = 500;
const PONG_EVERY_MS = 3_000;
const BOUND_BYTES = 1_000_000;
const SLOW_BYTES = 1_000;
const NODE_ARGS = ['--expose-gc', '-r', path.join(__dirname, 'servers', 'memory-report.cjs')];
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }';

type Reading = 'reads' | 'never reads' | 'reads 1 kB/s';

interface Memory {
  readonly resident: number;
  readonly held: number;
}

interface Figures {
  readonly before: Memory;
  readonly highest: Memory;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cutOff: { readonly afterMs: number; readonly overBoundMs: number } | null;
}

/** A subscriber that stops reading, or all but stops, once it is attached. */
async function stall({ url, protocol, hello }: Seat, reading: Reading): Promise<() => void> {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
  socket.on('error', () => undefined);
  const [[{ socket: stream }]] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])) as unknown as [[{ socket: Socket }]];
  for (const burst of hello) {
    for (const message of burst) socket.send(message);
    await once(socket, 'message');
  }
  socket.pause();
  const timers = [setInterval(() => socket.readyState === socket.OPEN && socket.pong(), PONG_EVERY_MS)];
  if (reading === 'reads 1 kB/s') timers.push(setInterval(() => void stream.read(SLOW_BYTES), 1_000));
  return () => {
    timers.forEach(clearInterval);
    socket.terminate();
  };
}

/** Looks at the server until told to stop. */
class Watch {
  highest: Memory = { resident: 0, held: 0 };
  private readonly startedAt = performance.now();
  private overAt: number | null = null;
  private closedAt: number | null = null;
  private watching = true;
  private readonly done: Promise<void>;

  constructor(private readonly server: ParleyServer) {
    this.done = this.watch();
  }

  async stop(): Promise<Pick<Figures, 'highest' | 'cutOff'>> {
    this.watching = false;
    await this.done;
    const { highest, startedAt, overAt, closedAt } = this;
    const cutOff = closedAt === null ? null : { afterMs: closedAt - startedAt, overBoundMs: closedAt - (overAt ?? closedAt) };
    return { highest, cutOff };
  }

  private async watch(): Promise<void> {
    for (let looks = 0; this.watching; looks += 1) {
      if (this.closedAt === null) await this.lookForClose();
      if (looks % 5 === 0) {
        const { resident, held } = await memoryOf(this.server);
        this.highest = { resident: Math.max(this.highest.resident, resident), held: Math.max(this.highest.held, held) };
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS / 5));
    }
  }

  private async lookForClose(): Promise<void> {
    const metrics = await (await fetch(`${this.server.url}/metrics`)).text();
    if (figureOf(metrics, 'parley_socket_unsent_bytes') > BOUND_BYTES) this.overAt ??= performance.now();
    if (figureOf(metrics, 'parley_socket_closes_total{code="1013"}') > 0) this.closedAt = performance.now();
  }
}

function figureOf(metrics: string, name: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.slice(name.length) ?? 0);
}

/** In bytes. Resident before the collection: with whatever garbage lies about. */
async function memoryOf({ process: server, pid }: ParleyServer): Promise<Memory> {
  const resident = residentKib(pid) * 1_024;
  server.send('memory');
  const [{ heapUsed, external }] = (await once(server, 'message')) as [NodeJS.MemoryUsage];
  return { resident, held: heapUsed + external };
}

async function measure({ server, seats, hostToken, channelId }: ParleyRoom, reading: Reading): Promise<Figures> {
  const { publish, close } = await openPublisher({
    url: `${server.url.replace(/^http/, 'ws')}/graphql`,
    protocol: seats[0]?.protocol,
    hello: [connectionInit(hostToken)],
    write: (n) =>
      JSON.stringify({
        id: `p${n}`,
        type: 'subscribe',
        payload: { query: SEND, variables: { input: { channelId, body: `#${n};${FILLER}` } } },
      }),
    read: readGraphql,
  });
  const room = new Room();
  let leave = (): void => undefined;
  try {
    const readers = (reading === 'reads' ? seats : seats.slice(1)).map((seat) => ({ ...seat, room: 0 }));
    await room.open(readers, 1);
    const contestant = { name: reading, pids: [server.pid], seats: readers, publish, stop: () => Promise.resolve() };
    await measureFanOut(contestant, room, flood(WARM_UP), 0);
    if (reading !== 'reads' && seats[0] !== undefined) leave = await stall(seats[0], reading);
    const before = await memoryOf(server);
    const watch = new Watch(server);
    const { perSecond, p50, p99 } = await measureFanOut(contestant, room, flood(EVENTS), WARM_UP);
    return { before, ...(await watch.stop()), perSecond: perSecond / readers.length, p50, p99 };
  } finally {
    leave();
    close();
    await room.stop();
  }
}

function flood(events: number): Mode {
  return { name: 'flood', about: '', inFlight: IN_FLIGHT, perSecond: 0, events };
}

function row(reading: Reading, { before, highest, perSecond, p50, p99, cutOff }: Figures): string {
  const megabytes = (pick: keyof Memory): string => `${(before[pick] / 1e6).toFixed(0)} → ${(highest[pick] / 1e6).toFixed(1)}`;
  const cut = cutOff === null ? ['–', '–'] : [(cutOff.afterMs / 1_000).toFixed(1), (cutOff.overBoundMs / 1_000).toFixed(1)];
  const cells = [reading, megabytes('resident'), megabytes('held'), perSecond.toFixed(0), p50.toFixed(0), p99.toFixed(0), ...cut];
  return `| ${cells.join(' | ')} |\n`;
}

async function main(): Promise<void> {
  process.stdout.write(
    `${READERS} readers, ${EVENTS} events of 2 kB; nobody else misses one\n\n` +
      '| the hundredth | resident MB → highest | held MB → highest | events/s | p50 ms to everyone | p99 ms | 1013 after s | of it over 1 MB s |\n|---|---|---|---|---|---|---|---|\n',
  );
  for (const reading of ['reads', 'never reads', 'reads 1 kB/s'] as const) {
    const room = await startParleyRoom(READERS, { nodeArgs: NODE_ARGS });
    try {
      process.stdout.write(row(reading, await measure(room, reading)));
    } finally {
      await room.stop();
    }
  }
}

void main();
