/** What it costs a request over HTTP that rates are counted. */
import { joinAsGuest, openConference, someAtOnce, startParleyServers } from '../parley';
import type { ParleyServers } from '../parley';
import { post } from '../posting';
import type { Answering } from '../posting';
import { cpuSeconds, median, percentile } from '../process-stats';

/** Enough that none of them, nor any of their addresses, runs out of points: a guest has 2,000 at once. */
const GUESTS = 200;
const AT_ONCE = 8;
const WARM_UP = 1_000;
const BODY = JSON.stringify({ query: '{ __typename }' });

interface Side {
  readonly name: string;
  readonly servers: ParleyServers;
  readonly guests: readonly Answering[];
  readonly cpu: number[];
  readonly p50: number[];
  readonly p99: number[];
}

async function open(name: string, rates: 'on' | 'off'): Promise<Side> {
  const servers = await startParleyServers(1, { env: { PARLEY_RATE_LIMITS: rates, PARLEY_TRUST_PROXY: 'on' } });
  const [server] = servers.servers;
  if (server === undefined) throw new Error('Parley did not start');
  const { code } = await openConference(server.url, GUESTS);
  const tokens = await someAtOnce(GUESTS, (n) => joinAsGuest(server.url, code, `Guest ${n}`), AT_ONCE);
  const guests = tokens.map((token, n) => ({
    name,
    pid: server.pid,
    port: Number(new URL(server.url).port),
    headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': `192.0.2.${n}` },
  }));
  return { name, servers, guests, cpu: [], p50: [], p99: [] };
}

async function measure({ guests, cpu, p50, p99 }: Side, requests: number): Promise<void> {
  const [first] = guests;
  if (first === undefined) throw new Error('nobody asks');
  const before = cpuSeconds(first.pid);
  const times: number[] = [];
  let asked = 0;
  const asking = async (): Promise<void> => {
    while (asked < requests) {
      asked += 1;
      const startedAt = performance.now();
      await post(guests[asked % guests.length] ?? first, BODY);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, asking));
  cpu.push(((cpuSeconds(first.pid) - before) / requests) * 1_000);
  p50.push(median(times));
  p99.push(percentile(times, 0.99));
}

/** A trivial query, on servers that differ in their rates alone, in turn; the median of the rounds. */
export async function measureRates(rounds: number, requests: number): Promise<void> {
  const sides = [await open('with rates', 'on'), await open('without', 'off')];
  for (const side of sides) await measure(side, WARM_UP);
  for (const { cpu, p50, p99 } of sides) for (const figures of [cpu, p50, p99]) figures.splice(0);
  for (let round = 0; round < rounds; round += 1) for (const side of sides) await measure(side, requests);
  process.stdout.write('| a trivial query, a guest | server CPU ms | p50 ms | p99 ms |\n|---|---|---|---|\n');
  for (const { name, cpu, p50, p99 } of sides) {
    process.stdout.write(`| ${name} | ${[median(cpu).toFixed(3), median(p50).toFixed(2), median(p99).toFixed(2)].join(' | ')} |\n`);
  }
  process.stdout.write('\n');
  for (const { servers } of sides) await servers.stop();
}
