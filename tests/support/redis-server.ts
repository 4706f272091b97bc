import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import Redis from 'ioredis';
import { waitFor } from './wait-for';

/** A Redis of the test's own, which keeps nothing on disk, to be killed and frozen at will. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Stops it where it stands: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Whether the program is installed; without it such tests cannot run, which REQUIRE_BACKENDS=1 does not accept. */
export function canStartRedis(): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return true;
  if (process.env.REQUIRE_BACKENDS === '1') throw new Error('No redis-server is installed, and REQUIRE_BACKENDS=1 demands it.');
  process.stderr.write('No redis-server is installed: outages of Redis are not tested.\n');
  return false;
}

export async function startRedisServer(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...settings];
  let running: ChildProcess | null = null;

  const server: RedisServer = {
    url,
    port,
    freeze: () => void running?.kill('SIGSTOP'),
    thaw: () => void running?.kill('SIGCONT'),
    kill: async () => {
      if (running === null) return;
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      running = null;
      await ended;
    },
    start: async () => {
      running = spawn('redis-server', args, { cwd: tmpdir(), stdio: 'ignore' });
      await waitFor(() => pings(url), { timeoutMs: 20_000, what: 'the test’s own Redis' });
    },
    stop: () => server.kill(),
  };
  await server.start();
  return server;
}

async function pings(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 1_000,
    commandTimeout: 1_000,
    disconnectTimeout: 100,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
