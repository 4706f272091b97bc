/**
 * `npm start`: builds what is stale, then becomes `node dist/main.js`, in this same process, so that signals and the exit code are the
 * server's own. (package.json says `exec` for the same reason: the shell that npm starts would not pass a signal on.)
 * Outside production it asks for the seed, which the server makes once. Arguments are passed on.
 */
import Module from 'node:module';
import { join } from 'node:path';
import { build } from './build.mjs';
import { exitOnFailure } from './run-step.mjs';
import { root } from './stamp.mjs';

await exitOnFailure(build);

const seed = process.env.NODE_ENV === 'production' ? [] : ['--seed'];
process.argv = [process.execPath, join(root, 'dist/main.js'), ...seed, ...process.argv.slice(2)];
Module.runMain();
