import type { Variable } from '../src/config/variables';
import { VARIABLE_LIST } from '../src/config/variables';
import { ERROR_CODES } from '../src/errors/domain-error';
import type { Limit } from '../src/graphql/limits';
import { LIMITS } from '../src/graphql/limits';
import { AUDIT_ACTIONS } from '../src/modules/audit';
import { CHECKS } from './doctor/checks';
import { RATE_RULES } from '../src/graphql/rate-rules';
import type { RatedAction } from '../src/graphql/rate-rules';
import { ADDRESS_STEPS_MS, FORGOTTEN_AFTER_MS, STEPS_MS, STRIKE_CODES } from '../src/modules/abuse/abuse.policy';
import { DOWNLOAD_POINTS } from '../src/transport/downloads';
import { WEBHOOK_POINTS } from '../src/transport/webhook-ingress';

const PRINTED = '<!-- Printed from code by `npm run generate`. Do not edit. -->';

/** `docs/config.md`. */
export function configPage(): string {
  return page(
    'Configuration',
    `Parley reads its environment once, at start, and nothing else. It refuses to start, and lists everything that is wrong at once, when a value
cannot be read, when variables contradict each other, or when there is a \`PARLEY_…\` variable it does not know. An empty variable counts as
unset. A variable marked *secret* is never shown, and can also be read from a file: \`JWT_SECRET_FILE=/run/secrets/jwt\`.`,
    table(
      ['Variable', 'Unset', 'Meaning'],
      VARIABLE_LIST.map((variable) => [
        code(variable.name),
        unsetText(variable),
        variable.description + (variable.secret ? ' *Secret.*' : ''),
      ]),
    ),
    '`NODE_ENV` decides some defaults. Example values are in [`.env.example`](../.env.example).',
  );
}

/** `.env.example`. Every line is commented out, because every default is good. */
export function envExample(): string {
  const header = [
    'Printed from code by `npm run generate`. Do not edit; copy it to .env, take out what you set, and start with',
    '  set -a; . ./.env; set +a; npm start',
  ];
  const variables = VARIABLE_LIST.map((variable) => {
    const text = [plain(variable.description), `Unset: ${plain(unsetText(variable))}.`].flatMap((line) => wrap(line, 100));
    return [...text.map((line) => `# ${line}`), `# ${variable.name}=${variable.example}`].join('\n');
  });
  return `${[header.map((line) => `# ${line}`).join('\n'), ...variables].join('\n\n')}\n`;
}

/** `docs/error-codes.md`. */
export function errorCodesPage(): string {
  return page(
    'Error codes',
    `Every failure is a GraphQL error whose \`extensions\` hold \`code\` (this closed list), \`requestId\` (also in the logs), and often \`reason\`
(open: each part of Parley has its own, and a client that does not know one falls back to the code) and \`details\`. What is not retryable
fails again until something else changes; what is retryable may be sent again after a pause, with the same \`clientId\` where there is one.`,
    table(
      ['`extensions.code`', 'Meaning', 'Retry'],
      Object.entries(ERROR_CODES).map(([name, { meaning, retryable }]) => [code(name), meaning, retryable ? 'yes' : 'no']),
    ),
  );
}

/** `docs/limits.md`. */
export function limitsPage(): string {
  return page(
    'Limits',
    `What one caller may send and hold open, on every transport alike. Beyond a limit the answer is an error with this \`extensions.code\` and the
limit's name in \`details.limit\`; where no error can be told, the HTTP status or the close code of the socket. The limits in force are shown
by \`/readyz?verbose\`.`,
    table(
      ['Limit', 'Value', 'Bounds', 'Beyond it'],
      Object.entries(LIMITS).map(([name, limit]) => [code(name), amount(limit), limit.bounds, answerText(limit.answer)]),
    ),
    COST_WORDS,
    RATE_WORDS,
    table(
      ['Rate', 'Allows', 'At once', 'Of', 'For each'],
      Object.values<RatedAction>(RATE_RULES).map(({ name, points, windowMs, burst, counts, per }) => [
        code(name),
        `${count(points)} in ${time(windowMs)}`,
        burst === undefined ? 'all' : count(burst),
        counts,
        per,
      ]),
    ),
    ABUSE_WORDS,
    table(
      ['Block', 'User, guest, API key', 'Address'],
      STEPS_MS.map((step, n) => [`${n + 1}.`, time(step), time(ADDRESS_STEPS_MS[n] ?? ADDRESS_STEPS_MS.at(-1) ?? step)]),
    ),
    TRUSTED_WORDS,
  );
}

/** `docs/audit.md`. */
export function auditPage(): string {
  return page(
    'Audit log',
    `Who did what to which, from where, when. An entry is written in the transaction of the act itself, so it is there if, and only if, the act
happened. Entries are never changed or deleted: the database refuses both, and emptying the table, whoever asks. They hold ids, roles and
names of fields; never secrets, never what people wrote, and of a refused sign-in not the address that was typed.`,
    table(
      ['Action', 'Meaning'],
      Object.entries(AUDIT_ACTIONS).map(([name, meaning]) => [code(name), meaning]),
    ),
    `## Reading it

- \`Organization.auditEntries(first, after, filter)\`: what concerns the organization, for its \`ADMIN\` and \`OWNER\`. Other members get
  \`FORBIDDEN\`; an API key needs the scope \`audit:read\`.
- \`auditEntries(first, after, organizationId, filter)\`: everything, for administrators of the platform. Their reading is recorded as
  \`audit.read\`, and shown to the organization they looked into. What concerns no organization (sign-ins) is read here alone.
- \`filter\` takes \`action\`, \`actorId\`, \`targetId\`, \`from\` (included) and \`to\` (excluded). Newest first, by cursor.

## As a file

\`\`\`
curl -H "Authorization: Bearer $TOKEN" "https://parley.example.org/exports/audit?organizationId=org_…&format=csv" > audit.csv
\`\`\`

\`format\` is \`csv\` (the default) or \`jsonl\`; \`action\`, \`actorId\`, \`targetId\`, \`from\` and \`to\` narrow it as above. Without
\`organizationId\` it is everything, for administrators of the platform. The file is written while it is read, 500 entries at a time, so its
length costs no memory. In CSV a cell that a spreadsheet would run as a formula begins with an apostrophe. Taking a file is recorded as
\`audit.exported\` before it begins. An answer that breaks off under way ends without its last chunk, which HTTP clients report.`,
  );
}

/** `docs/security.md`. */
export function securityPage(): string {
  return page(
    'Security checklist',
    `What should be so before strangers come in. \`npm run doctor -- --production --url https://parley.example.org\` looks at all of it: at the
configuration that the environment describes, at the database and the Redis it names, and, with \`--url\`, at a running instance as its
clients reach it. It changes nothing, shows no secret, says what is unsafe and what to do, and exits with 1 when something is. \`--json\` is
for machines. What it cannot see from where it runs it says so (\`?\`), and somebody has to look.`,
    table(
      ['Check', 'Should be so', 'What to do'],
      CHECKS.map(({ name, demands, advice }) => [name, demands, advice]),
    ),
    `## What it is made of

\`npm sbom --sbom-format cyclonedx --omit dev > sbom.json\` writes the software bill of materials of what runs in production, from an installed
tree or with \`--package-lock-only\` from the lockfile alone. \`package-lock.json\` names every package with its SHA-512, and no address to take
it from: \`npm ci\` installs what was locked, from whatever registry you have set, or nothing. Which packages run scripts when they are
installed is a closed list (\`tests/ci/lockfile.test.ts\`).`,
  );
}

const UNITS_MS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

const COST_WORDS = `## Cost

An operation costs points, \`cost\` at most: one for each thing that has to be looked up or worked out, none for its plain properties, five for
a mutation. A page multiplies what its rows cost by \`first\` or \`last\`; who leaves both out gets 25 rows and pays for 25. Everything that
could be skipped or included counts as if it were there; of a union or an interface the type that costs most. What is refused for its cost
says so (\`details.cost\`, \`details.max\`); \`extensions: { "cost": true }\` in a request asks for it in \`extensions.cost\` of the answer.`;

const RATE_WORDS = `## Rates

Beyond a rate the answer is \`RATE_LIMITED\` with \`extensions.retryAfterMs\`; over HTTP, when the whole request is refused, status 429 and
\`Retry-After\`. Rates with a number *at once* slide: so many points are there at most, and they come back evenly. The others have windows that
open with the first call. Every answer over HTTP tells by \`RateLimit-Policy\` and \`RateLimit\` where the caller stands. All instances count
together; with the shared store away, each counts by itself. \`PARLEY_RATE_LIMITS=off\` is for load tests. What cannot be executed costs five
points, whatever is wrong with it. A file (\`/exports/…\`) takes ${DOWNLOAD_POINTS} points, a webhook ${WEBHOOK_POINTS} of the address that sends it.`;

const ABUSE_WORDS = `## Blocks

\`${STRIKE_CODES.join('`, `')}\` are strikes against the user, guest or API key they are answered to; without a good token, against the
address (a rate that many share is a strike against nobody). A socket that is closed for too many frames is one too. Whoever has more strikes than the table above allows is blocked: for longer each
time, and from the beginning again after ${time(FORGOTTEN_AFTER_MS)} without a block. A blocked caller gets \`RATE_LIMITED\` with the reason \`BLOCKED\` and
\`retryAfterMs\`; sockets and event streams are ended, sockets with 1013. A blocked address keeps out those alone who come from it without
signing in. Administrators of the platform see blocks (\`blocks\`), lift them (\`unblock\`) and make them (\`block\`); all of it is in the audit
log, blocks that came by themselves included.`;

const TRUSTED_WORDS = `## Documents by name

A request may name its document by \`documentId\`, or as automatic persisted queries do (\`extensions.persistedQuery.sha256Hash\`), over HTTP,
WebSocket and SSE. Names are those of \`PARLEY_TRUSTED_DOCUMENTS\`, and hashes under which a client has sent the document before (at most 1,000, and
8 MB; the answer to any other is \`PERSISTED_QUERY_NOT_FOUND\`). With \`PARLEY_TRUSTED_DOCUMENTS_ONLY=on\` whatever is not in that file is refused
with \`FORBIDDEN\`, reason \`DOCUMENT_NOT_TRUSTED\`, to everybody: the playground and introspection too.`;

function time(ms: number): string {
  const [unit, unitMs] = UNITS_MS.find(([, each]) => ms >= each && ms % each === 0) ?? ['millisecond', 1];
  const units = ms / unitMs;
  return units === 1 ? `a ${unit}`.replace('a hour', 'an hour') : `${count(units)} ${unit}s`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function amount({ default: value, unit }: Limit): string {
  const number = value.toLocaleString('en-US');
  return unit === 'count' ? number : `${number} ${unit}`;
}

/** Codes are code; the rest is a phrase. */
function answerText(answer: Limit['answer']): string {
  return /^[A-Z_]+$/.test(answer) ? code(answer) : answer;
}

function unsetText({ default: byDefault, unset }: Variable): string {
  if (typeof byDefault !== 'object') return byDefault === undefined ? (unset ?? 'none') : code(byDefault);
  const { development, production } = byDefault;
  return `${code(development)}; ${code(production)} in production`;
}

export function page(title: string, ...parts: readonly string[]): string {
  return `${[PRINTED, `# ${title}`, ...parts].join('\n\n')}\n`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', "'");
}

function wrap(text: string, width: number): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
