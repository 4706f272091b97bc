/** `node scripts/run.mjs file.ts …`: becomes that program, compiled on the way, with a fresh Prisma client. */
import Module, { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { generatePrismaClient } from './prisma-client.mjs';
import { exitOnFailure } from './run-step.mjs';

await exitOnFailure(generatePrismaClient);
createRequire(import.meta.url)('./register.cjs');

const [file, ...args] = process.argv.slice(2);
process.argv = [process.execPath, resolve(file), ...args];
Module.runMain();
