import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The secret of a development server that was given none: made once and kept in `<data directory>/jwt-secret`, readable by its owner
 * only, so that tokens outlive a restart and processes that share the directory agree. In memory it lives as long as the process.
 */
export function developmentSecret(dataDir: string): string {
  if (dataDir === 'memory://') return newSecret();
  const file = join(dataDir, 'jwt-secret');
  return read(file) ?? create(dataDir, file);
}

/** Written aside and linked into place, so that of two that start at once both read the winner's, and never half of it. */
function create(dataDir: string, file: string): string {
  const draft = `${file}.${process.pid}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(draft, `${newSecret()}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function newSecret(): string {
  return randomBytes(48).toString('base64url');
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
