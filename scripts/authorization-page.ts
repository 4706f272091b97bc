import { buildParleySchema } from '../src/app/schema';
import type { FieldPolicy } from '../src/graphql/access';
import { COLUMNS, RULES, ruleText } from '../src/graphql/access-rules';
import type { Rule } from '../src/graphql/access-rules';
import { code, page, table } from './docs-from-code';

const GATES = {
  anyone: 'the policy of the room',
  somebody: 'the gate for the anonymous (UNAUTHENTICATED), then the policy',
  user: 'the gate for the anonymous (UNAUTHENTICATED) and guests (ACCOUNT_REQUIRED), then the policy',
} as const;

/** `docs/authorization.md`. */
export function authorizationPage(): string {
  const access = [...buildParleySchema().access].sort(([a], [b]) => (a < b ? -1 : 1));
  const roots = access.filter(([coordinate]) => isRoot(coordinate));
  const nested = new Map(access.filter(([coordinate, { rule }]) => !isRoot(coordinate) && rule !== 'parent').map(underStar));
  return page(
    'Authorisation',
    `Every field of the schema has one policy, in its room's \`x.access.ts\`; without one the schema is not built. What the caller alone can tell is decided
by a gate before the resolver runs; the rest by the room's pure policy, from rows read at that moment. Whatever is not the caller's is answered
as if it did not exist: NOT_FOUND, or null where a field may be null. \`tests/authorization\` tries every row with every role over HTTP, WebSocket
and SSE.

**Y**: yes. **own**: what concerns the caller alone. **session**: within the session they are in. **tenant**: within their organization. **–**: refused.
An empty row follows the object or the id that it is asked of. A role includes the one it stands on: a moderator is an attendee too.`,
    '## Operations',
    `*Key* is the scope that opens the field to API keys; without one it is closed to them (FORBIDDEN \`API_KEY_SCOPE\`).`,
    table(['Field', 'Rule', 'Key', ...COLUMNS], roots.map(fieldRow)),
    '## Fields below them',
    `Those that ask for more than to be given the object. All others (payloads, pages, edges, events) are for whoever was given it.`,
    table(['Field', 'Rule', 'Key', ...COLUMNS], [...nested].map(fieldRow)),
    '## Rules',
    table(
      ['Rule', 'Who', 'Refused by'],
      (Object.keys(RULES) as Rule[]).map((rule) => [code(rule), ruleText(rule).says, GATES[ruleText(rule).gate]]),
    ),
  );
}

/** Plain fields share a row. */
function underStar([coordinate, policy]: [string, FieldPolicy]): [string, FieldPolicy] {
  return [policy.named ? coordinate : coordinate.replace(/\..*/, '.*'), policy];
}

function isRoot(coordinate: string): boolean {
  return /^(Query|Mutation|Subscription)\./.test(coordinate);
}

function fieldRow([coordinate, { rule, scope }]: [string, FieldPolicy]): string[] {
  const { answers } = ruleText(rule);
  const follows = Object.keys(answers).length === 0;
  return [
    code(coordinate),
    code(rule),
    scope === null ? '' : code(scope),
    ...COLUMNS.map((column) => answers[column] ?? (follows ? '' : '–')),
  ];
}
