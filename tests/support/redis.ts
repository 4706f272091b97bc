import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import Redis from 'ioredis';
import { projectRoot } from '../../src/persistence/migration-files';

/** The Redis that suites share, each under prefixes of its own. */
export function testRedisUrl(): string {
  return process.env.PARLEY_TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';
}

/**
 * Whether it answers. Absence is told on stderr, and is an error with REQUIRE_BACKENDS=1, so that no suite gets empty unseen.
 * Synchronous, because suites are declared synchronously.
 */
export function hasTestRedis(): boolean {
  if (answers(testRedisUrl())) return true;
  const problem = `No Redis answers at ${testRedisUrl()} (PARLEY_TEST_REDIS_URL)`;
  if (process.env.REQUIRE_BACKENDS === '1') throw new Error(`${problem}, and REQUIRE_BACKENDS=1 demands one.`);
  process.stderr.write(`${problem}: it is not tested.\n`);
  return false;
}

/** For tests that cannot run without it. */
export async function requireRedisUrl(): Promise<string> {
  const client = new Redis(testRedisUrl(), { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000, disconnectTimeout: 100 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new Error(`No Redis answers at ${testRedisUrl()} (PARLEY_TEST_REDIS_URL).`, { cause: error });
  } finally {
    client.disconnect();
  }
  return testRedisUrl();
}

export function uniquePrefix(): string {
  return `parley-test-${randomUUID().slice(0, 13)}:`;
}

/** Runs `work` on a connection of its own: what a test looks at from outside. */
export async function onRedis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { disconnectTimeout: 100 });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

export async function deleteKeys(url: string, prefix: string): Promise<void> {
  await onRedis(url, async (client) => {
    const keys = await client.keys(`${prefix}*`);
    // One by one: a node of a cluster takes keys of one slot alone.
    await Promise.all(keys.map((key) => client.del(key)));
  });
}

function answers(url: string): boolean {
  const probe = `const client = new (require('ioredis').Redis)(process.argv[1], { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2000 });
    client.on('error', () => undefined);
    client.connect().then(() => client.ping()).then(() => process.exit(0), () => process.exit(1));`;
  return spawnSync(process.execPath, ['-e', probe, url], { cwd: projectRoot(), timeout: 10_000 }).status === 0;
}
