import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs `make` unless it was run before on the same inputs. The stamp lies in what was made, so deleting that makes it stale.
 */
export function whenStale(stamp, inputs, make) {
  const file = join(root, stamp);
  const now = hash(inputs);
  if (existsSync(file) && readFileSync(file, 'utf8') === now) return;
  make();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, now);
}

function hash(inputs) {
  const digest = createHash('sha256');
  for (const path of inputs) digest.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  return digest.digest('hex');
}

/** The files below a folder, in a fixed order. What is generated depends on the rest and is left out. */
export function filesBelow(folder, suffix = '') {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'generated' ? [] : filesBelow(path, suffix);
      return entry.name.endsWith(suffix) ? [path] : [];
    });
}
