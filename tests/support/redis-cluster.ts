import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slotOf } from '../../src/realtime/redis-slots';
import { hasTestRedis, onRedis } from './redis';
import { canStartRedis, freePort, startRedisServer } from './redis-server';
import type { RedisServer } from './redis-server';
import { waitFor } from './wait-for';

/** A Redis Cluster of the test's own: three masters with a third of the slots each. */
export interface RedisCluster {
  readonly masters: readonly [RedisServer, RedisServer, RedisServer];
  readonly seeds: readonly string[];
  /** The master of a key or channel, as the cluster was made. */
  masterOf(key: string): RedisServer;
  /** Gives a master a replica. Resolves when it is in step. */
  addReplica(master: RedisServer): Promise<RedisServer>;
  /** Puts the replica in its master's place at once, as an election would in its time. */
  takeOver(replica: RedisServer): Promise<void>;
  /** Hands a slot without keys from one master to another, as a rebalancing does. */
  moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void>;
  stop(): Promise<void>;
}

const FIRST_SLOTS = [0, 5_461, 10_923, 16_384] as const;
/** Longer than a busy machine stands still: else masters are given up that only wait for a processor. */
const NODE_TIMEOUT_MS = 10_000;
const SHARDED_SINCE = 7;

/** Wherever Redis is tested at all, so that it is never left out unseen where REQUIRE_BACKENDS=1 demands it. */
export function canStartCluster(): boolean {
  if (!hasTestRedis() || !canStartRedis()) return false;
  const version = /v=(\d+)/.exec(spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout)?.[1];
  if (Number(version) >= SHARDED_SINCE) return true;
  const problem = `redis-server ${version} is older than ${SHARDED_SINCE}.0`;
  if (process.env.REQUIRE_BACKENDS === '1') throw new Error(`${problem}, and REQUIRE_BACKENDS=1 demands a cluster.`);
  process.stderr.write(`${problem}: Redis Cluster is not tested.\n`);
  return false;
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-cluster-'));
  const nodes: RedisServer[] = [];
  const busPorts = new Map<RedisServer, number>();
  const startNode = async (): Promise<RedisServer> => {
    const busPort = await freePort();
    const node = await startRedisServer([
      ...['--dir', directory, '--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${busPort}.conf`],
      ...['--cluster-port', String(busPort), '--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
      ...['--repl-diskless-sync-delay', '0'],
    ]);
    nodes.push(node);
    busPorts.set(node, busPort);
    return node;
  };
  const meet = (node: RedisServer, other: RedisServer): Promise<unknown> =>
    onRedis(node.url, (client) => client.call('CLUSTER', 'MEET', '127.0.0.1', other.port, busPorts.get(other) ?? 0));

  const masters = [await startNode(), await startNode(), await startNode()] as const;
  for (const [index, master] of masters.entries()) {
    const slots = [FIRST_SLOTS[index] ?? 0, (FIRST_SLOTS[index + 1] ?? 0) - 1];
    await onRedis(master.url, (client) => client.call('CLUSTER', 'ADDSLOTSRANGE', ...slots));
    if (master !== masters[0]) await meet(master, masters[0]);
  }
  await waitFor(() => allTrue(masters, isWhole), { timeoutMs: 20_000, what: 'the test’s own cluster' });

  return {
    masters,
    seeds: masters.map(({ url }) => url),
    masterOf: (key) => masters[slotOf(key) < FIRST_SLOTS[1] ? 0 : slotOf(key) < FIRST_SLOTS[2] ? 1 : 2],
    addReplica: async (master) => {
      const replica = await startNode();
      const id = await idOf(master);
      await meet(replica, master);
      await waitFor(() => knows(replica, id), { what: 'the replica to know its master' });
      await onRedis(replica.url, (client) => client.call('CLUSTER', 'REPLICATE', id));
      await waitFor(() => isInStep(replica), { timeoutMs: 20_000, what: 'the replica in step' });
      await waitFor(() => allTrue(masters, (other) => knows(other, 'slave')), { what: 'everybody to know the replica' });
      return replica;
    },
    takeOver: async (replica) => {
      await onRedis(replica.url, (client) => client.call('CLUSTER', 'FAILOVER', 'TAKEOVER'));
    },
    moveSlot: async (slot, from, to) => {
      const id = await idOf(to);
      for (const node of [to, from, ...masters]) await onRedis(node.url, (client) => client.call('CLUSTER', 'SETSLOT', slot, 'NODE', id));
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
      await rm(directory, { recursive: true });
    },
  };
}

async function allTrue<T>(things: readonly T[], ask: (thing: T) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(things.map(ask))).every(Boolean);
}

function isWhole(node: RedisServer): Promise<boolean> {
  return onRedis(node.url, async (client) => {
    const info = String(await client.cluster('INFO'));
    return info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384');
  });
}

function knows(node: RedisServer, text: string): Promise<boolean> {
  return onRedis(node.url, async (client) => String(await client.cluster('NODES')).includes(text));
}

function isInStep(replica: RedisServer): Promise<boolean> {
  return onRedis(replica.url, async (client) => (await client.info('replication')).includes('master_link_status:up'));
}

function idOf(node: RedisServer): Promise<string> {
  return onRedis(node.url, async (client) => String(await client.cluster('MYID')));
}
