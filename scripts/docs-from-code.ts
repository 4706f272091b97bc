import type { Variable } from '../src/config/variables';
import { VARIABLE_LIST } from '../src/config/variables';
import { ERROR_CODES } from '../src/errors/domain-error';
import type { Limit } from '../src/graphql/limits';
import { LIMITS } from '../src/graphql/limits';

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
  );
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

function page(title: string, ...parts: readonly string[]): string {
  return `${[PRINTED, `# ${title}`, ...parts].join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
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
