/**
 * Fan-out: subscribers of their own on real sockets, events published through the public API.
 *
 *   npm run bench:fan-out -- [--quick] [--subscribers 1000] [--variant one-channel,rooms] [--modes flood,single] [--only raw,Parley]
 *
 * Variants (`bench/fan-out/variant.ts`) say who listens to what, modes (`bench/fan-out/mode.ts`) how it is published; without flags it is
 * one channel, and all modes but *steady*. Contestants take turns within each round; the figure is server CPU per delivery (all server
 * processes, from /proc), the median over rounds, and its ratio to the plain WebSocket of the same round. Times are an event's until its last
 * subscriber has it. Every run is checked to be complete and in order, and ends the program when it is not.
 *
 * `--quick` is one round of fewer events, and leaves out the peers that are not in QUICK_PEERS unless `--only` names them.
 */
import { parseArgs } from 'node:util';
import type { Contestant } from './fan-out/contestant';
import { startMercurius, startStock, startStockOnRedis, startStockThatStores, startYoga } from './fan-out/graphql-peers';
import { measure } from './fan-out/measure';
import type { Figures } from './fan-out/measure';
import { modes, multiplied, WARM_UP } from './fan-out/mode';
import type { Mode } from './fan-out/mode';
import { startParley } from './fan-out/parley';
import { Results } from './fan-out/report';
import { Room } from './fan-out/room';
import { settingOf, VARIANTS } from './fan-out/variant';
import type { PeerName, Setting } from './fan-out/variant';
import { startRaw, startSocketIo } from './fan-out/without-graphql';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    subscribers: { type: 'string', default: '1000' },
    variant: { type: 'string', default: 'one-channel' },
    modes: { type: 'string', default: 'flood,single,paced' },
    only: { type: 'string' },
  },
});
const ROUNDS = flags.quick ? 1 : 3;
const QUICK_PEERS: readonly PeerName[] = ['raw', 'coalescing', 'socket.io', 'stock-redis', 'Parley'];

const STARTERS: Readonly<Record<PeerName, (setting: Setting) => Promise<Contestant>>> = {
  raw: (setting) => startRaw(setting, false),
  coalescing: (setting) => startRaw(setting, true),
  'socket.io': startSocketIo,
  mercurius: startMercurius,
  yoga: startYoga,
  stock: startStock,
  'stock-redis': startStockOnRedis,
  'stock-stored': startStockThatStores,
  Parley: startParley,
};

/** Those of a flag's comma-separated list; throws for a name that there is not. */
function chosen<T extends { readonly name: string }>(all: readonly T[], list: string): readonly T[] {
  return list.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} is none of ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
}

function peersOf({ variant }: Setting): readonly PeerName[] {
  const { only } = flags;
  if (only !== undefined) return variant.peers.filter((name) => only.split(',').includes(name));
  return flags.quick ? variant.peers.filter((name) => QUICK_PEERS.includes(name)) : variant.peers;
}

/** Measures a freshly started server in each mode. */
async function* compete(setting: Setting, peer: PeerName, plan: readonly Mode[]): AsyncGenerator<[Mode, string, Figures]> {
  const contestant = await STARTERS[peer](setting);
  const room = new Room();
  try {
    await room.open(contestant.seats, setting.rooms);
    let from = 0;
    for (const mode of [WARM_UP, ...plan]) {
      const scaled = multiplied(mode, setting.variant.times);
      const figures = await measure(contestant, room, scaled, from);
      from += scaled.events;
      if (mode !== WARM_UP) yield [mode, contestant.name, figures];
    }
  } finally {
    await room.stop();
    await contestant.stop();
  }
}

function progress(round: number, variant: string, mode: string, name: string, { cpuPerMillion, perSecond, p99 }: Figures): string {
  const figures = `${cpuPerMillion.toFixed(2)} CPU s/M  ${Math.round(perSecond)}/s  p99 ${p99.toFixed(1)} ms`;
  return `round ${round}  ${variant}  ${mode.padEnd(8)} ${name.padEnd(32)} ${figures}\n`;
}

async function main(): Promise<void> {
  const plan = chosen(modes(flags.quick), flags.modes);
  for (const variant of chosen(VARIANTS, flags.variant)) {
    const setting = settingOf(variant, Number(flags.subscribers));
    const results = new Results();
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const peer of peersOf(setting)) {
        for await (const [mode, name, figures] of compete(setting, peer, plan)) {
          results.add(mode, name, figures);
          process.stderr.write(progress(round, variant.name, mode.name, name, figures));
        }
      }
    }
    process.stdout.write(results.print(setting, plan));
  }
}

void main();
