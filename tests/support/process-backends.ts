import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestDatabase } from './databases';
import { deleteKeys, requireRedisUrl, uniquePrefix } from './redis';
import type { ServerEnvironment } from './server-process';
import { APP_BACKENDS } from './test-app';

/** What server processes of one test stand on: they alone, and nothing of it is left afterwards. */
export interface ProcessBackends {
  readonly environment: ServerEnvironment;
  remove(): Promise<void>;
}

export function openProcessBackends(): Promise<ProcessBackends> {
  return APP_BACKENDS === 'embedded' ? openProcessDirectory() : openServers();
}

/** The embedded backends whatever the run is on: a directory for one process. */
export async function openProcessDirectory(): Promise<ProcessBackends> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-process-'));
  return { environment: { PARLEY_DATA_DIR: directory }, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function openServers(): Promise<ProcessBackends> {
  const [redisUrl, opened, prefix] = [await requireRedisUrl(), await openTestDatabase('postgres'), uniquePrefix()];
  return {
    environment: { DATABASE_URL: opened.url ?? '', REDIS_URL: redisUrl, PARLEY_REDIS_PREFIX: prefix },
    remove: async () => {
      await opened.drop();
      await deleteKeys(redisUrl, prefix);
    },
  };
}
