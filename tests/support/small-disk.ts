import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, in memory, to be filled to the last byte. */
export interface SmallDisk {
  /** An empty directory on it. */
  readonly directory: string;
  fill(): void;
  /** Takes the filling away again. */
  empty(): void;
  remove(): void;
}

/** Whether this process may mount one; it takes root, and a container has to allow it. Says so when not. */
export function canMountDisks(): boolean {
  try {
    createSmallDisk(1).remove();
    return true;
  } catch {
    process.stderr.write('Nothing may be mounted here: a full disk is not tested.\n');
    return false;
  }
}

export function createSmallDisk(megabytes: number): SmallDisk {
  const mountPoint = mkdtempSync(join(tmpdir(), 'parley-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', mountPoint], { encoding: 'utf8' });
  if (mounted.status !== 0) {
    rmdirSync(mountPoint);
    throw new Error(`No disk could be mounted: ${mounted.stderr}`);
  }
  const [directory, filling] = [join(mountPoint, 'data'), join(mountPoint, 'filling')];
  mkdirSync(directory);
  return {
    directory,
    fill: () => {
      try {
        writeFileSync(filling, Buffer.alloc(megabytes * 1_000_000 * 2));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    empty: () => rmSync(filling, { force: true }),
    remove: () => {
      execFileSync('umount', [mountPoint]);
      rmdirSync(mountPoint);
    },
  };
}
