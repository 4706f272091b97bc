import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { undoAtLast } from './at-last';

/** One subscriber of a contestant: how its socket subscribes, and how a frame of an event is told from the rest. */
export interface Seat {
  readonly url: string;
  readonly protocol?: string;
  /** Sent in turn: each burst at once, the next after the first frame that answers it. */
  readonly hello: readonly (readonly string[])[];
}

/** Starts `bench/servers/<file>` and resolves with the line of JSON it prints once it listens. */
export async function startServer<T>(
  file: string,
  env: Record<string, string> = {},
  nodeArgs: readonly string[] = [],
): Promise<{ process: ChildProcess; pid: number; ready: T }> {
  const register = path.join(__dirname, '..', 'scripts', 'register.cjs');
  return startProcess<T>([...nodeArgs, '-r', register, path.join(__dirname, 'servers', file)], env);
}

export async function startProcess<T>(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ process: ChildProcess; pid: number; ready: T }> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  undoAtLast(() => stopProcess(child));
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error('the server could not be started');
  const ready = await new Promise<T>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line) as T));
  });
  return { process: child, pid, ready };
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
