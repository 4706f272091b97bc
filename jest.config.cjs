'use strict';

/** OAuth, and the provider that tests sign in with. */
const ESM_PACKAGES = 'openid-client|oauth4webapi|jose|oidc-provider';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/tests'],
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': '@swc/jest',
    // PGlite reaches Node's own modules by `import()`, which jest cannot follow in CommonJS: here it becomes `require`.
    '/@electric-sql/pglite[^.]*\\.cjs$': ['@swc/jest', { swcrc: false, module: { type: 'commonjs' }, jsc: { target: 'es2023' } }],
    // ESM alone, which jest cannot `require` on this Node.
    [`/node_modules/(${ESM_PACKAGES})/.+\\.m?js$`]: [
      '@swc/jest',
      { swcrc: false, module: { type: 'commonjs' }, jsc: { target: 'es2023' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!@electric-sql/|(${ESM_PACKAGES})/)`],
  setupFiles: ['reflect-metadata'],
  setupFilesAfterEnv: ['<rootDir>/tests/support/jest-setup.ts'],
  globalTeardown: '<rootDir>/tests/support/jest-teardown.ts',
  // A fact that a test waits for comes in milliseconds; this is for a server process that starts on a cold PGlite on a busy machine.
  testTimeout: 60_000,
  // Each worker may hold a PGlite of 0.8 GB.
  maxWorkers: 2,
};
