import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './stamp.mjs';

/** A step failed and has already said why. */
export class StepFailed extends Error {
  constructor(name, code) {
    super(`${name} failed.`);
    this.code = code;
  }
}

/** Runs a program of node_modules/.bin and shows what it says; with `quiet` only when it fails. */
export function runTool(name, args, { env = {}, quiet = false } = {}) {
  const { status, stdout, stderr, error } = spawnSync(join(root, 'node_modules/.bin', name), args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  throw new StepFailed(error === undefined ? name : `${name} (${error.message})`, status ?? 1);
}

/** Ends the process with the exit code of the step that failed. A fault of our own keeps its stack. */
export async function exitOnFailure(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(error.code);
  }
}
