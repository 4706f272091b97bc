import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorizationPage } from './authorization-page';
import { auditPage, configPage, envExample, errorCodesPage, limitsPage, securityPage } from './docs-from-code';
import { printedSchema } from './print-schema';

const ROOT = join(__dirname, '..');

/** What is printed from code for people to read: kept in git, proved fresh by `check:generated`. */
export const KEPT_FILES: Readonly<Record<string, () => string>> = {
  'schema.graphql': printedSchema,
  'docs/audit.md': auditPage,
  'docs/authorization.md': authorizationPage,
  'docs/config.md': configPage,
  'docs/error-codes.md': errorCodesPage,
  'docs/limits.md': limitsPage,
  'docs/security.md': securityPage,
  '.env.example': envExample,
};

export function writeKeptFiles(): void {
  for (const path of staleFiles()) {
    writeFileSync(join(ROOT, path), printed(path));
    process.stdout.write(`wrote ${path}\n`);
  }
}

/** Exit code 1 when a file is not what the code prints, or is not in git. */
export function checkKeptFiles(): void {
  const problems = [...staleFiles().map((path) => `${path} is stale`), ...untrackedFiles().map((path) => `${path} is not in git`)];
  if (problems.length === 0) return;
  process.stderr.write(`${problems.join('\n')}\nRun \`npm run generate\` and commit what it writes.\n`);
  process.exitCode = 1;
}

function staleFiles(): string[] {
  return Object.keys(KEPT_FILES).filter(
    (path) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== printed(path),
  );
}

/** None where there is no git checkout, as in an unpacked archive. */
function untrackedFiles(): string[] {
  if (!existsSync(join(ROOT, '.git'))) return [];
  const known = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '--', ...Object.keys(KEPT_FILES)], {
    cwd: ROOT,
    encoding: 'utf8',
  }).split('\n');
  return Object.keys(KEPT_FILES).filter((path) => !known.includes(path));
}

function printed(path: string): string {
  return KEPT_FILES[path]?.() ?? '';
}
