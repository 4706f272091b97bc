import 'reflect-metadata';
import { parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import { withinTime } from '../../src/lib/time-limit';
import { eachOf } from '../support/each-of';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { shareOfTier } from '../support/tier-share';
import { CELLS, UNREACHED } from './cells';
import type { Attempt, Cell } from './cell';
import type { Meanwhile } from './meanwhile';
import { MODEL } from './model';
import type { Verdict } from './model';
import { ROLES } from './roles';
import type { Role } from './roles';
import { TRANSPORTS } from './transports';
import type { Transport, TransportName, WireAnswer } from './transports';
import type { Stage, World } from './world';
import { buildWorld } from './world';

const { schema: SCHEMA, access: ACCESS } = buildParleySchema();
const AT_ONCE = 6;
const ANSWER_MS = 30_000;
const MEANWHILE_MS = 100;
const LEAST_CELLS = 2_000;
/** The call asks the same of other people; over one transport, for what comes in by any goes one way. */
const WHERE: readonly (readonly [Stage['name'], readonly TransportName[]])[] = [
  ['conference', ['HTTP', 'WS', 'SSE']],
  ['call', ['HTTP']],
];

let app: TestApp;
let world: World;
let tried = 0;

beforeAll(async () => {
  app = await startTestApp();
  world = await buildWorld(app);
}, 120_000);

afterAll(() => app.close());

describe.each(ROLES.map((role) => [role.name, role] as const))('%s', (_name, role) => {
  test.each(WHERE)(
    'in a %s gets what the table says, and nothing else',
    async (stageName, transports) => {
      const stage = world[stageName];
      const token = await role.token(world);
      const deviations: string[] = [];
      for (const name of transports) {
        const transport = TRANSPORTS[name](app.url, token);
        const cells = cellsFor(name, stageName);
        const tryOne = async (cell: Cell): Promise<void> => {
          const deviation = await deviationOf(cell, role, stage, name, transport, token);
          if (deviation !== null) deviations.push(deviation);
        };
        // Who comes and goes does so alone: the other cells count on where everybody is.
        await eachOf(
          cells.filter(({ after }) => after === undefined),
          AT_ONCE,
          tryOne,
        );
        for (const cell of cells.filter(({ after }) => after !== undefined)) await tryOne(cell);
        await transport.close();
      }
      expect(deviations).toEqual([]);
    },
    180_000,
  );
});

describe('the matrix', () => {
  it(`has at least ${LEAST_CELLS} cells`, () => {
    expect(tried).toBeGreaterThanOrEqual(LEAST_CELLS);
  });

  it('tries every field that has a rule of its own (else: a line in tests/authorization/cells.ts)', () => {
    const tried = new Set([...CELLS.map(({ field }) => field), ...Object.keys(UNREACHED)]);
    const named = [...ACCESS].flatMap(([coordinate, { named, rule }]) => (named && rule !== 'parent' ? [coordinate] : []));
    expect(named.filter((coordinate) => !tried.has(coordinate))).toEqual([]);
    expect([...tried].filter((coordinate) => !ACCESS.has(coordinate))).toEqual([]);
  });
});

/** Each cell over HTTP, and over a socket or an event stream: over which of them depends on the backends. */
function cellsFor(transport: TransportName, stage: Stage['name']): readonly Cell[] {
  const cells = CELLS.filter(({ only }) => only === undefined || only === stage);
  return transport === 'HTTP' ? cells : shareOfTier(cells, transport === 'WS' ? 'this' : 'other');
}

async function deviationOf(
  cell: Cell,
  role: Role,
  stage: Stage,
  transportName: TransportName,
  transport: Transport,
  token: string | null,
): Promise<string | null> {
  tried += 1;
  const expected = expectedOf(cell, role, stage, transportName);
  const attempt: Attempt = { world, stage, role, token, allowed: expected === 'allowed' };
  const ownToken = await cell.ownToken?.(attempt);
  const own = ownToken === undefined ? null : TRANSPORTS[transportName](app.url, ownToken);
  const asking = (own ?? transport).ask(cell.text, await cell.variables(attempt));
  const answer = await withinTime(
    whileOthers(cell.meanwhile, stage, asking),
    ANSWER_MS,
    () => new Error(`${role.name} × ${cell.text}: no answer`),
  );
  await own?.close();
  const got = verdictOf(cell, stage, answer);
  await cell.after?.(attempt);
  if (got === expected || (got.startsWith('UNAUTHENTICATED closed') && expected.startsWith('UNAUTHENTICATED'))) return null;
  const field = cell.about === undefined ? cell.field : `${cell.field} ${cell.about}`;
  return `${role.name} × ${field} × ${stage.name} × ${transportName}: expected ${expected}, got ${got} (${JSON.stringify(answer)})`;
}

async function whileOthers<T>(meanwhile: Meanwhile | undefined, stage: Stage, asking: Promise<T>): Promise<T> {
  let turn = 0;
  const timer = meanwhile && setInterval(() => meanwhile(world, stage, (turn += 1)), MEANWHILE_MS);
  return asking.finally(() => clearInterval(timer));
}

function expectedOf(cell: Cell, role: Role, stage: Stage, transport: TransportName): Verdict {
  if (transport === 'HTTP' && cell.field.startsWith('Subscription.')) return 'BAD_REQUEST -';
  if (role.always !== undefined) return role.always;
  if (role.scopes !== undefined && !isOpenToKey(cell, role.scopes)) return 'FORBIDDEN API_KEY_SCOPE';
  const rule = ACCESS.get(cell.field)?.rule;
  if (rule === undefined) throw new Error(`${cell.field} is no field of the schema`);
  return (cell.expects ?? MODEL[rule])(role[stage.name], role, stage);
}

/** Every field on the way must be open to the key, not the last alone. */
function isOpenToKey({ text }: Cell, held: readonly string[]): boolean {
  const typeInfo = new TypeInfo(SCHEMA);
  let open = true;
  const look = (): void => {
    const [type, field] = [typeInfo.getParentType(), typeInfo.getFieldDef()];
    if (type == null || field == null) return;
    const scope = ACCESS.get(`${type.name}.${field.name}`)?.scope ?? null;
    const isRoot = /^(Query|Mutation|Subscription)$/.test(type.name);
    open &&= scope === null ? !isRoot : held.includes(scope);
  };
  visit(parse(text), visitWithTypeInfo(typeInfo, { Field: look }));
  return open;
}

function verdictOf({ at, passesAs = [] }: Cell, { sessionId }: Stage, { data, errors }: WireAnswer): Verdict {
  const [error] = errors ?? [];
  if (error !== undefined) {
    const { code = 'NONE', reason } = error.extensions ?? {};
    if (reason !== undefined && passesAs.includes(reason)) return 'allowed';
    if (code === 'NOT_FOUND') return 'nothing';
    return `${code} ${reason ?? (code === 'UNAUTHENTICATED' ? 'closed' : '-')}`;
  }
  const [path = '', key] = at.split(':');
  const value = path.split('.').reduce<unknown>((inside, step) => (inside as Record<string, unknown> | null | undefined)?.[step], data);
  if (key !== undefined) return JSON.stringify(value).includes(sessionId) ? 'allowed' : 'nothing';
  return value === null || value === undefined ? 'nothing' : 'allowed';
}
