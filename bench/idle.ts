/**
 * Idle subscriptions: one per socket, each of a guest with a token of its own, and nothing happens.
 *
 *   npm run bench:idle -- [--quick] [--sockets 10000] [--only Parley]
 *
 * Parley's guests have joined at another process. After a warm-up (200 sockets opened and closed) the sockets are opened, many at a time, from processes of their own; a connect is done
 * when the subscription has begun (`connection_init`, `subscribe`, `StreamOpened`; raw ws: one message answered). Resident memory is read
 * from /proc twice: as it stands five seconds later, with whatever garbage lies about, and after full collections on both sides of the
 * difference.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startServer, stopProcess } from './contestant';
import type { Seat } from './contestant';
import type { CrowdOrder } from './crowd';
import { startParleyRoom } from './parley';
import { cpuSeconds, residentKib } from './process-stats';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, sockets: { type: 'string' }, only: { type: 'string' } },
});
const SOCKETS = Number(flags.sockets ?? (flags.quick ? 2_000 : 10_000));
const WARM_UP = 200;
const CROWDS = 2;
const SETTLE_MS = 5_000;
const NODE_ARGS = ['--expose-gc', '-r', path.join(__dirname, 'servers', 'memory-report.cjs')];

interface IdleServer {
  readonly name: string;
  readonly process: ChildProcess;
  readonly pid: number;
  readonly seats: readonly Seat[];
  stop(): Promise<void>;
}

interface Figures {
  readonly residentKib: number;
  readonly collectedKib: number;
  readonly heapKib: number;
  readonly perSecond: number;
  readonly cpuMs: number;
}

class Crowd {
  private readonly child = fork(path.join(__dirname, 'crowd.ts'), {
    execArgv: ['-r', path.join(__dirname, '..', 'scripts', 'register.cjs')],
  });

  async order(order: CrowdOrder): Promise<void> {
    this.child.send(order);
    const [outcome] = (await Promise.race([once(this.child, 'message'), once(this.child, 'exit')])) as unknown[];
    if (outcome !== 'done') throw new Error('a crowd broke up');
  }

  stop(): Promise<void> {
    return stopProcess(this.child);
  }
}

async function measure({ process: server, pid, seats }: IdleServer): Promise<Figures> {
  const crowds = Array.from({ length: CROWDS }, () => new Crowd());
  const open = (chosen: readonly Seat[]): Promise<unknown> =>
    Promise.all(crowds.map((crowd, n) => crowd.order({ kind: 'open', seats: chosen.filter((_, index) => index % CROWDS === n) })));

  await open(seats.slice(0, WARM_UP));
  await Promise.all(crowds.map((crowd) => crowd.order({ kind: 'leave' })));
  await pause(SETTLE_MS);
  const heapBefore = await collectedHeapKib(server);
  const residentBefore = residentKib(pid);

  const cpuBefore = cpuSeconds(pid);
  const started = performance.now();
  await open(seats);
  const seconds = (performance.now() - started) / 1_000;
  const cpu = cpuSeconds(pid) - cpuBefore;

  await pause(SETTLE_MS);
  const resident = residentKib(pid);
  const heap = await collectedHeapKib(server);
  const collected = residentKib(pid);
  await Promise.all(crowds.map((crowd) => crowd.stop()));
  return {
    residentKib: (resident - residentBefore) / SOCKETS,
    collectedKib: (collected - residentBefore) / SOCKETS,
    heapKib: (heap - heapBefore) / SOCKETS,
    perSecond: SOCKETS / seconds,
    cpuMs: (cpu / SOCKETS) * 1_000,
  };
}

async function collectedHeapKib(server: ChildProcess): Promise<number> {
  server.send('memory');
  const [{ heapUsed }] = (await once(server, 'message')) as [NodeJS.MemoryUsage];
  return heapUsed / 1024;
}

async function startRaw(): Promise<IdleServer> {
  const { process: child, pid, ready } = await startServer<{ port: number }>('raw-ws.ts', {}, NODE_ARGS);
  const seat = { url: `ws://127.0.0.1:${ready.port}/subscribe`, hello: [['hello']] };
  return { name: 'raw ws', process: child, pid, seats: everySeat(seat), stop: () => stopProcess(child) };
}

async function startStock(): Promise<IdleServer> {
  const { process: child, pid, ready } = await startServer<{ port: number }>('stock.ts', {}, NODE_ARGS);
  const query = 'subscription { channelEvents { cursor message { id body createdAt sender { id displayName } } } }';
  const subscribe = JSON.stringify({ id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', type: 'subscribe', payload: { query } });
  // The subscribe message has no answer: the ping behind it has.
  const hello = [[JSON.stringify({ type: 'connection_init' })], [subscribe, JSON.stringify({ type: 'ping' })]];
  const seat = { url: `ws://127.0.0.1:${ready.port}/graphql`, protocol: 'graphql-transport-ws', hello };
  return { name: 'type-graphql + graphql-ws', process: child, pid, seats: everySeat(seat), stop: () => stopProcess(child) };
}

async function startParley(): Promise<IdleServer> {
  const room = await startParleyRoom(SOCKETS, { nodeArgs: NODE_ARGS, apart: true });
  return { name: 'Parley', process: room.server.process, pid: room.server.pid, seats: room.seats, stop: () => room.stop() };
}

function everySeat(seat: Seat): readonly Seat[] {
  return Array.from({ length: SOCKETS }, () => seat);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function main(): Promise<void> {
  const starters = { raw: startRaw, stock: startStock, Parley: startParley };
  process.stdout.write(
    `${SOCKETS} idle subscriptions\n\n| server | KiB resident each | after a collection | of it heap | connects/s | CPU ms each |\n|---|---|---|---|---|---|\n`,
  );
  for (const [name, start] of Object.entries(starters)) {
    if (flags.only !== undefined && !flags.only.split(',').includes(name)) continue;
    const server = await start();
    const { residentKib: resident, collectedKib, heapKib, perSecond, cpuMs } = await measure(server);
    await server.stop();
    process.stdout.write(
      `| ${server.name} | ${resident.toFixed(1)} | ${collectedKib.toFixed(1)} | ${heapKib.toFixed(1)} | ${Math.round(perSecond)} | ${cpuMs.toFixed(2)} |\n`,
    );
  }
}

void main();
