import { runTool } from './run-step.mjs';
import { whenStale } from './stamp.mjs';

/** The Prisma client, from prisma/schema.prisma. */
export function generatePrismaClient() {
  whenStale('src/persistence/generated/.stamp', ['prisma/schema.prisma', 'package-lock.json'], () => {
    // Prisma's CLI wants a schema engine on disk before it generates, and downloads one that it then does not use.
    // Any executable contents it, so nothing is downloaded.
    runTool('prisma', ['generate'], {
      quiet: true,
      env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    });
  });
}
