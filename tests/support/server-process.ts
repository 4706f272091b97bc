import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { projectRoot } from '../../src/persistence/migration-files';
import { closeAfterTest } from './jest-leaks';
import { waitFor } from './wait-for';

export type ServerEnvironment = Readonly<Record<string, string>>;

/** Less than a hook may take, so that a server that does not start is ended and can say why. */
const READY_MS = 45_000;
const KEPT_OUTPUT = 20_000;

/** A whole Parley in a process of its own, on a port it keeps, to be killed and started again at will. */
export class ServerProcess {
  private child: ChildProcess | null = null;
  private output = '';

  private constructor(
    readonly url: string,
    private readonly environment: ServerEnvironment,
    private readonly openFiles: number | null,
  ) {}

  /** Resolves when it is ready. Nothing but `environment` configures it; it may have `openFiles` files and sockets open at once. */
  static async start(environment: ServerEnvironment, openFiles: number | null = null): Promise<ServerProcess> {
    const port = await freePort();
    const server = new ServerProcess(`http://127.0.0.1:${port}`, { ...DEFAULTS, ...environment, PORT: String(port) }, openFiles);
    await server.start();
    return server;
  }

  /** The same, until the test is over. */
  static async startForTest(environment: ServerEnvironment, openFiles: number | null = null): Promise<ServerProcess> {
    const server = await ServerProcess.start(environment, openFiles);
    closeAfterTest(() => server.kill());
    return server;
  }

  /** Again, after it ended. */
  async start(): Promise<void> {
    const { PATH = '', HOME = '' } = process.env;
    this.output = '';
    const program = [process.execPath, '-r', './scripts/register.cjs', 'src/main.ts'];
    // prlimit becomes the program it starts, so the child is the server either way.
    const [command = '', ...args] = this.openFiles === null ? program : ['prlimit', `--nofile=${this.openFiles}`, ...program];
    const child = spawn(command, args, {
      cwd: projectRoot(),
      env: { PATH, HOME, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    try {
      await waitFor(async () => hasEnded(child) || (await this.status('/readyz')) === 200, { timeoutMs: READY_MS, what: 'a ready server' });
      if (hasEnded(child)) throw new Error('It ended.');
    } catch (error) {
      await this.kill();
      throw new Error(`The server did not start.\n${this.output}`, { cause: error });
    }
  }

  /** Whether it is the process that was started last, and not an ended one. */
  get running(): boolean {
    return this.child !== null && !hasEnded(this.child);
  }

  /** What it has printed, the newest part. */
  get printed(): string {
    return this.output;
  }

  /** The HTTP status of a path; null when nobody answers. */
  async status(path: string): Promise<number | null> {
    try {
      const response = await fetch(`${this.url}${path}`, { headers: { connection: 'close' } });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
  }

  /** The sum of a metric over its labels, or over those lines that have this label; 0 when it is not there. */
  async metric(name: string, label = ''): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`, { headers: { connection: 'close' } })).text();
    const lines = text.split('\n').filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** Stops it where it stands: its connections stay open and nothing answers. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Asks it to end. Resolves with its exit code; null when a signal ended it. */
  async terminate(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Ends it where it stands. Does nothing when it has ended. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { child } = this;
    if (child === null) return null;
    if (!hasEnded(child)) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  }
}

const DEFAULTS: ServerEnvironment = {
  NODE_ENV: 'test',
  JWT_SECRET: 'a-secret-for-tests-of-more-than-32-bytes',
  PARLEY_RATE_LIMITS: 'off',
  PARLEY_LOG_LEVEL: 'warn',
};

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
