/**
 * Everything that is generated, from one place:
 *   generate           all of it
 *   generate --client  only what machines read and git ignores (Prisma client, the tests' typed operations), where stale
 *   generate --check   and proves that what people read and git keeps is fresh, without changing it
 */
import { createRequire } from 'node:module';
import { generatePrismaClient } from './prisma-client.mjs';
import { exitOnFailure, runTool } from './run-step.mjs';
import { filesBelow, whenStale } from './stamp.mjs';

const [mode = '--all'] = process.argv.slice(2);

await exitOnFailure(async () => {
  generatePrismaClient();
  if (mode !== '--client') await keptFiles(mode === '--check');
  generateTypedOperations();
});

/** They are printed from the code itself, so this compiles and loads it. */
async function keptFiles(check) {
  const require = createRequire(import.meta.url);
  require('./register.cjs');
  const { checkKeptFiles, writeKeptFiles } = require('./kept-files.ts');
  await (check ? checkKeptFiles() : writeKeptFiles());
}

function generateTypedOperations() {
  const inputs = ['codegen.yml', 'package-lock.json', 'schema.graphql', ...filesBelow('tests', '.graphql')];
  whenStale('tests/support/generated/.stamp', inputs, () => runTool('graphql-codegen', ['--config', 'codegen.yml'], { quiet: true }));
}
