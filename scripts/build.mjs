/** Builds `dist/` when its sources changed: `npm run build`, and the first half of `npm start`. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generatePrismaClient } from './prisma-client.mjs';
import { exitOnFailure, runTool } from './run-step.mjs';
import { filesBelow, root, whenStale } from './stamp.mjs';

export function build() {
  const inputs = ['package-lock.json', 'tsconfig.json', 'prisma/schema.prisma', ...filesBelow('src')];
  whenStale('dist/.stamp', inputs, () => {
    generatePrismaClient();
    process.stderr.write('Building …\n');
    removeOrphans(join(root, 'dist'), join(root, 'src'));
    runTool('tsc', ['-p', 'tsconfig.json']);
  });
}

/** tsc leaves behind what it made of a source that is gone. */
function removeOrphans(built, source) {
  if (!existsSync(built)) return;
  for (const entry of readdirSync(built, { withFileTypes: true })) {
    const path = join(built, entry.name);
    if (entry.isDirectory()) removeOrphans(path, join(source, entry.name));
    else if (/\.js(\.map)?$/.test(entry.name) && !existsSync(join(source, entry.name.replace(/\.js(\.map)?$/, '.ts')))) rmSync(path);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await exitOnFailure(build);
