/**
 * Lets `node -r ./scripts/register.cjs file.ts` run the project's TypeScript: the same settings as the tests (`.swcrc`), no type check.
 * The built server never loads this.
 */
'use strict';

const { extname, join, sep } = require('node:path');
const { transformFileSync } = require('@swc/core');

const root = join(__dirname, '..');
const packages = `${sep}node_modules${sep}`;

process.setSourceMapsEnabled(true);

require.extensions['.ts'] = (module, file) => {
  if (!file.startsWith(root) || file.includes(packages))
    throw new Error(`${file}: only the project's own ${extname(file)} files are compiled.`);
  // `import()` stays itself: it is how an ESM-only package is reached.
  const { code } = transformFileSync(file, { root, cwd: root, module: { type: 'commonjs', ignoreDynamic: true } });
  module._compile(code, file);
};
