/** `npm run check`: every check, all of them also when one fails, so that one run tells everything. */
import { spawnSync } from 'node:child_process';
import { root } from './stamp.mjs';

const CHECKS = ['types', 'lint', 'format', 'floors', 'generated', 'example'];

const failed = CHECKS.filter((name) => {
  const startedAt = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', `check:${name}`], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
  return status !== 0;
});

if (failed.length > 0) process.stdout.write(`Failed: ${failed.map((name) => `npm run check:${name}`).join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
