import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

const LOCK_FILE = 'parley.lock';
const MAX_ATTEMPTS = 5;

interface Owner {
  readonly pid: number;
  /** Process start, in clock ticks since boot; null where there is no /proc. Tells a process from a later one with its pid. */
  readonly started: string | null;
  readonly host: string;
}

export interface DirectoryLock {
  /** Idempotent. */
  release(): Promise<void>;
}

/** The directory belongs to a living process. Two PGlites in one directory destroy it, so there is no way around this. */
export class DirectoryLockedError extends Error {
  constructor(directory: string, owner: Owner) {
    super(
      owner.host === hostname()
        ? `${directory} is in use by process ${owner.pid}. Stop it, set PARLEY_DATA_DIR to another directory, or use PostgreSQL (DATABASE_URL).`
        : `${directory} is in use by process ${owner.pid} on ${owner.host}. If nothing runs there any more, remove ${join(directory, LOCK_FILE)}.`,
    );
    this.name = 'DirectoryLockedError';
  }
}

/**
 * Takes `directory` for this process by a file that names it. A lock left behind by a process that is gone is taken over; one of
 * another host (a shared volume) cannot be judged and is always respected. Throws `DirectoryLockedError`.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(resolve(directory), LOCK_FILE);
  const mine = JSON.stringify({ pid: process.pid, started: await startOf(process.pid), host: hostname() } satisfies Owner);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (await place(path, mine)) return { release: () => releaseOwn(path, mine) };
    const found = await readIfPresent(path);
    if (found === null) continue;
    const owner = parseOwner(found);
    if (owner && (await isAlive(owner))) throw new DirectoryLockedError(resolve(directory), owner);
    await removeStale(path, found);
  }
  throw new Error(`${path} changes hands too quickly to be taken.`);
}

/** A link appears with its content complete, or not at all. */
async function place(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** Renamed first and looked at again: between reading and removing, another starter may have put its own lock there. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if ((await readIfPresent(aside)) !== stale) await link(aside, path);
  } finally {
    await unlink(aside);
  }
}

async function releaseOwn(path: string, mine: string): Promise<void> {
  if ((await readIfPresent(path)) === mine) await rm(path, { force: true });
}

async function isAlive(owner: Owner): Promise<boolean> {
  if (owner.host !== hostname()) return true;
  if (!processExists(owner.pid)) return false;
  const started = await startOf(owner.pid);
  return started === null || owner.started === null || started === owner.started;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat, counted from behind the program's name, which may hold spaces and brackets. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readIfPresent(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function parseOwner(content: string): Owner | null {
  try {
    const owner: unknown = JSON.parse(content);
    return isOwner(owner) ? owner : null;
  } catch {
    return null;
  }
}

function isOwner(value: unknown): value is Owner {
  return typeof value === 'object' && value !== null && 'pid' in value && 'started' in value && 'host' in value;
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return null;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
