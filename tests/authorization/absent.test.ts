import 'reflect-metadata';
import { buildParleySchema } from '../../src/app/schema';
import { ABSENCE_BEAT_MS } from '../../src/graphql/absence';
import { eachOf } from '../support/each-of';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { CELLS } from './cells';
import type { Cell } from './cell';
import { MODEL } from './model';
import type { Verdict } from './model';
import { ROLES } from './roles';
import type { Role } from './roles';
import { TRANSPORTS } from './transports';
import type { Transport } from './transports';
import type { Stage, World } from './world';
import { buildWorld } from './world';

const { access: ACCESS } = buildParleySchema();
const STRANGERS = ROLES.filter(({ conference, always }) => conference.place === null && conference.member === null && always === undefined);
/** What is asked for by an id of its own; a card is for everybody who knows the code. */
const BY_ID = CELLS.filter(({ at }) => !/^(viewer|sessions|sessionByCode)/.test(at));
const TIMED = [
  'Query.session',
  'Query.channel',
  'Query.node of Message',
  'Query.sessionEvents',
  'Mutation.startSession',
  'Mutation.voteQuestion',
];
const AT_ONCE = 16;
const TRIES = 5;
/** Timers and clocks round. */
const ROUNDING_MS = 1;

describe('what is not yours, and what does not exist,', () => {
  let app: TestApp;
  let world: World;
  let absent: Stage;

  beforeAll(async () => {
    app = await startTestApp();
    world = await buildWorld(app);
    absent = nowhere(world.conference);
  }, 120_000);
  afterAll(() => app.close());

  it.each(STRANGERS.map((role) => [role.name, role] as const))('are answered with the same words to %s', async (_name, role) => {
    const token = await role.token(world);
    const transport = TRANSPORTS.HTTP(app.url, token);
    const differing: string[] = [];
    const hidden = BY_ID.filter((cell) => isHiddenFrom(cell, role));
    await eachOf(hidden, AT_ONCE, async (cell) => {
      const [theirs, none] = [await answerTo(cell, role, world.conference, transport), await answerTo(cell, role, absent, transport)];
      if (theirs !== none) differing.push(`${nameOf(cell)}: ${theirs} is not ${none}`);
    });
    expect(differing).toEqual([]);
  });

  it.each(TIMED)('are answered on the beat by %s', async (name) => {
    const cell = BY_ID.find((known) => nameOf(known) === name);
    const role = ROLES.find((known) => known.name === 'owner of another organization');
    if (cell === undefined || role === undefined) throw new Error(`nobody asks ${name}`);
    const transport = TRANSPORTS.HTTP(app.url, await role.token(world));
    for (const stage of Array.from({ length: TRIES }, () => [world.conference, absent]).flat()) {
      const startedAt = performance.now();
      await answerTo(cell, role, stage, transport);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(ABSENCE_BEAT_MS - ROUNDING_MS);
    }
  });

  async function answerTo(cell: Cell, role: Role, stage: Stage, transport: Transport): Promise<string> {
    const attempt = { world, stage, role, token: null, allowed: false };
    const { data, errors } = await transport.ask(cell.text, await cell.variables(attempt));
    const told = errors?.map(({ message, extensions }) => [message, extensions?.code, extensions?.reason]);
    return JSON.stringify([data, told]);
  }
});

/** Who asked anonymously is told to nobody, also to those who see the question. */
function isHiddenFrom(cell: Cell, role: Role): boolean {
  if (cell.field === 'Question.asker') return MODEL.questionReader(role.conference, role) !== 'allowed';
  const verdict = verdictOf(cell, role);
  // Who looks after it knows that it is there, and is told why not.
  return verdict !== 'allowed' && !(role.platformAdmin && verdict.startsWith('FORBIDDEN'));
}

function verdictOf(cell: Cell, role: Role): Verdict {
  const { rule } = ACCESS.get(cell.field) ?? { rule: 'anyone' as const };
  return (cell.expects ?? MODEL[rule])(role.conference, role, nowhereNamed);
}

const nowhereNamed = { name: 'conference' } as Stage;

function nameOf({ field, about }: Cell): string {
  return about === undefined ? field : `${field} ${about}`;
}

/** The same ids with another last letter: well formed, and nobody's. */
function nowhere(stage: Stage): Stage {
  const swap = (value: unknown): unknown =>
    typeof value === 'string' && /^[a-z]+_[0-9a-z]{26}$/.test(value) ? `${value.slice(0, -6)}zzzzzz` : value;
  return Object.fromEntries(Object.entries(stage).map(([key, value]) => [key, swap(value)])) as unknown as Stage;
}
