import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

export const MAX_CONNECTIONS = 50;
const INSTALLED = '/usr/lib/postgresql';

/** A PostgreSQL of the test's own, to be killed and frozen at will. */
export interface PostgresServer {
  readonly url: string;
  /** Stops every process of the server where it stands: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Ends the server and its connections at once, without a clean shutdown. */
  kill(): Promise<void>;
  /** Ends its connections, rolls back what they did, and shuts down cleanly (`fast`). */
  shutDown(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/** Whether the server's programs are installed; without them such tests cannot run, which REQUIRE_BACKENDS=1 does not accept. */
export function canStartPostgres(): boolean {
  if (binaries() !== null) return true;
  if (process.env.REQUIRE_BACKENDS === '1') throw new Error(`No PostgreSQL programs in ${INSTALLED}, and REQUIRE_BACKENDS=1 demands them.`);
  process.stderr.write(`No PostgreSQL programs in ${INSTALLED}: outages are not tested.\n`);
  return false;
}

export interface PostgresServerOptions {
  /**
   * An empty directory for the tables. The write-ahead log stays elsewhere, as large installations have it: a server that cannot write
   * its log ends, which is another fault.
   */
  readonly tablesIn?: string;
}

export async function createPostgresServer({ tablesIn }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === null) throw new Error(`No PostgreSQL programs in ${INSTALLED}.`);
  const identity = serverIdentity();
  const home = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
  const directory = tablesIn ?? home;
  const logDirectory = tablesIn === undefined ? [] : ['-X', join(home, 'log')];
  if (identity) for (const path of [home, directory]) chownSync(path, identity.uid, identity.gid);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  execFileSync(join(bin, 'initdb'), ['-D', directory, '-U', 'postgres', '-A', 'trust', '--no-sync', ...logDirectory], {
    ...identity,
    cwd: home,
    stdio: 'ignore',
  });

  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${home}`,
    'fsync=off',
    `max_connections=${MAX_CONNECTIONS}`,
  ];
  const args = ['-D', directory, ...settings.flatMap((setting) => ['-c', setting])];
  let running: ChildProcess | null = null;
  const end = async (signal: 'SIGQUIT' | 'SIGINT'): Promise<void> => {
    if (running?.exitCode !== null || running.pid === undefined) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };

  const server: PostgresServer = {
    url,
    freeze: () => {
      for (const pid of family(running)) process.kill(pid, 'SIGSTOP');
    },
    thaw: () => {
      for (const pid of family(running)) process.kill(pid, 'SIGCONT');
    },
    kill: () => end('SIGQUIT'),
    shutDown: () => end('SIGINT'),
    start: async () => {
      running = spawn(join(bin, 'postgres'), args, { ...identity, cwd: home, stdio: 'ignore' });
      await untilItAnswers(url);
    },
    remove: async () => {
      server.thaw();
      await server.kill();
      rmSync(home, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function binaries(): string | null {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(INSTALLED, version, 'bin'));
  return newest.find((directory) => existsSync(join(directory, 'initdb'))) ?? null;
}

/** PostgreSQL refuses to run as root. */
function serverIdentity(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** The postmaster and its backends. */
function family(server: ChildProcess | null): number[] {
  if (server?.pid === undefined || server.exitCode !== null) return [];
  const { pid } = server;
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return [pid, ...children.split('\n').flatMap((line) => (line.trim() ? [Number(line)] : []))];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}

async function untilItAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined);
    const answered = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (answered) return;
  }
  throw new Error('The test’s PostgreSQL did not come up.');
}
