import fc from 'fast-check';
import type { ExecutionResult, GraphQLScalarType, GraphQLSchema } from 'graphql';
import { buildSchema, execute, GraphQLError, isObjectType, parse, specifiedRules, validate } from 'graphql';
import { CompiledExecutor } from '../../src/graphql/compiled-executor';

/**
 * Every kind of type and of nullability, over objects that hold every kind of value. A list of what must not be null never has two items that
 * may fail: of those, graphql-js leaves the second rejection unheard, which ends the process.
 */
const SDL = `
  type Query { any: Any thing: Thing! maybe: Thing things: [Thing!]! named: Named either: [Either] echo(text: String = "default", kind: Kind, deep: [Deep!], stamp: Stamp): String required(text: String!): String }
  type Mutation { add(amount: Int!): Int! addLater(amount: Int!): Int! fail: Int failHard: Int! }
  type Subscription { event: Either }
  type Any { boolean: Boolean int: Int float: Float id: ID string: String kind: Kind stamp: Stamp list: [Int] strict: [Int!] nested: [[Int!]] }
  interface Named { name: String! }
  type Thing implements Named { name: String! kind: Kind stamp: Stamp other: Thing others: [Thing] strictOthers: [Thing!]! late: String lateStrict: String! method: String either: Either named: [Named!] }
  type Place implements Named { name: String! where: String! thing: Thing }
  union Either = Thing | Place
  enum Kind { GOOD BAD }
  scalar Stamp
  input Deep { text: String deep: Deep }
`;

/** Picks the next of some values: the data depends on the seed alone, and both executions are given their own, equal data. */
class Dice {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) >>> 0;
    return (this.state >>> 8) % limit;
  }

  pick<T>(...values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

/** Mostly what it should be; else nothing, a promise, a failure, or something of the wrong kind. */
function value(dice: Dice, good: unknown): unknown {
  return dice.pick<() => unknown>(
    ...Array<() => unknown>(10).fill(() => good),
    () => null,
    () => Promise.resolve(good),
    () => Promise.resolve(null),
    () => new Error('given'),
    () => ({}),
    () => rejected(),
    () => () => good,
    () => {
      return () => {
        throw new Error('thrown');
      };
    },
  )();
}

/** Not every one is read. */
function rejected(): Promise<never> {
  const promise = Promise.reject(new Error('late'));
  promise.catch(() => undefined);
  return promise;
}

function thing(dice: Dice, depth: number): Record<string, unknown> {
  const child = (): unknown => (depth === 0 ? null : value(dice, either(dice, depth - 1)));
  return {
    name: value(dice, 'name'),
    where: value(dice, 'here'),
    kind: value(dice, dice.pick('GOOD', 'BAD', 'UGLY')),
    stamp: value(dice, dice.pick<unknown>(new Date(0), 'not a stamp')),
    other: child(),
    thing: child(),
    either: child(),
    others: value(dice, [child(), child()]),
    strictOthers: value(dice, new Set([child()])),
    named: value(dice, [child()]),
    late: Promise.resolve(value(dice, 'late')),
    lateStrict: value(dice, Promise.resolve('late')),
    method: function method(this: { name: unknown }, args: object) {
      return `${String(this.name)} ${JSON.stringify(args)}`;
    },
  };
}

function either(dice: Dice, depth: number): Record<string, unknown> {
  return { ...thing(dice, depth), __typename: dice.pick('Thing', 'Thing', 'Place') };
}

function rootOf(seed: number): Record<string, unknown> {
  const dice = new Dice(seed);
  const any = { boolean: true, int: 1, float: 0.5, id: 7, string: 's', kind: 'GOOD', stamp: new Date(0) };
  return {
    any: Object.fromEntries([
      ...Object.entries(any).map(([key, good]) => [key, value(dice, good)]),
      ['list', value(dice, [value(dice, 1), value(dice, 2)])],
      ['strict', value(dice, [1, value(dice, 2)])],
      ['nested', value(dice, [value(dice, [1, value(dice, 2)]), value(dice, [3])])],
    ]),
    thing: value(dice, thing(dice, 2)),
    maybe: value(dice, thing(dice, 2)),
    things: value(dice, [value(dice, thing(dice, 1))]),
    named: value(dice, either(dice, 1)),
    either: value(dice, [either(dice, 1), value(dice, either(dice, 1))]),
    event: value(dice, either(dice, 1)),
  };
}

function makeSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  const stamp = schema.getType('Stamp') as GraphQLScalarType<Date, string>;
  stamp.serialize = (given) => {
    if (given instanceof Date) return given.toISOString();
    throw new GraphQLError('no stamp', { extensions: { code: 'STAMP' } });
  };
  stamp.parseValue = (given) => {
    if (given === 'bad') throw new Error('a bad stamp');
    return new Date(String(given));
  };
  const answer = (_root: unknown, args: object, _context: unknown, { path, fieldName }: { path: object; fieldName: string }): string =>
    JSON.stringify([args, path, fieldName]);
  const query = schema.getQueryType()?.getFields() ?? {};
  for (const name of ['echo', 'required']) Object.assign(query[name] ?? {}, { resolve: answer });

  const add = (context: number[], amount: number): number => {
    context.push(amount);
    return context.reduce((sum, each) => sum + each, 0);
  };
  const mutation = schema.getMutationType()?.getFields() ?? {};
  const resolvers = {
    add: (_root: unknown, { amount }: { amount: number }, context: number[]) => add(context, amount),
    addLater: async (_root: unknown, { amount }: { amount: number }, context: number[]) => {
      for (let turn = 0; turn < amount; turn += 1) await Promise.resolve();
      return add(context, amount);
    },
    fail: () => {
      throw new Error('failed');
    },
    failHard: () => Promise.reject(new Error('failed hard')),
  };
  for (const [name, resolve] of Object.entries(resolvers)) Object.assign(mutation[name] ?? {}, { resolve });
  return schema;
}

const schema = makeSchema();

/** A schema whose objects say themselves what they are, at once or later. */
const askingSchema = makeSchema();
for (const type of Object.values(askingSchema.getTypeMap())) {
  if (!isObjectType(type) || !['Thing', 'Place'].includes(type.name)) continue;
  const is = (given: { __typename?: string }): boolean => (given.__typename ?? 'Thing') === type.name;
  type.isTypeOf = type.name === 'Thing' ? is : (given) => Promise.resolve(is(given as object));
}

interface Told {
  readonly data: unknown;
  readonly errors: readonly object[] | undefined;
}

/** All that a client or a log can see of a result; `undefined` stays apart from null and from nothing. */
function told({ data, errors }: ExecutionResult): Told {
  return {
    data: data === undefined ? 'none' : JSON.stringify(data),
    errors: errors?.map((error) => ({
      ...error.toJSON(),
      message: withoutInspection(error.message),
      cause: error.originalError?.constructor,
    })),
  };
}

/** Of a server's own mistakes graphql-js shows the value, we the place; clients see neither. */
function withoutInspection(message: string): string {
  return /^Expected (`|value of type)|^Abstract type|^Runtime Object|serializes a|resolved to/.test(message) ? 'wrong kind' : message;
}

const executor = new CompiledExecutor();

async function compare(on: GraphQLSchema, text: string, seed: number, variableValues: Record<string, unknown> = {}): Promise<Told> {
  const document = parse(text);
  expect(validate(on, document, specifiedRules)).toEqual([]);
  const args = { schema: on, document, variableValues, options: { maxCoercionErrors: 1 } };
  const expected = told(await execute({ ...args, rootValue: rootOf(seed), contextValue: [] }));
  // Twice: planned, and by the plan.
  for (let time = 1; time <= 2; time += 1) {
    expect(told(await executor.execute({ ...args, rootValue: rootOf(seed), contextValue: [] }))).toEqual(expected);
  }
  return expected;
}

const LEAVES = 'name kind stamp late lateStrict method __typename';
const THING = `${LEAVES} other { ${LEAVES} other { name } either { ...E } } others { name late } strictOthers { name other { name } } named { name __typename ... on Place { where thing { name } } }`;
const E =
  'fragment E on Either { __typename ... on Thing { name kind either { ... on Named { name } } } ... on Place { where label: name thing { lateStrict } } }';

describe('the compiled executor answers what graphql-js answers', () => {
  test.each([
    ['scalars, enums and lists', '{ any { boolean int float id string kind stamp list strict nested } }'],
    ['objects', `{ thing { ${THING} } maybe { ${THING} } } ${E}`],
    ['lists of objects', `{ things { ${THING} } } ${E}`],
    ['an interface', '{ named { name __typename ... on Thing { kind other { name } } ... on Place { where } } }'],
    ['a union', `{ either { ...E } } ${E}`],
    ['an event of a subscription', `subscription { event { ...E } } ${E}`],
  ])('for %s, whatever resolvers give', async (_what, text) => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1) {
      for (const on of [schema, askingSchema]) {
        const { data, errors } = await compare(on, text, seed);
        outcomes.add(errors === undefined ? 'well' : data === '{"data":null}' || data === 'null' ? 'nothing left' : 'in part');
      }
    }
    // The cases are not all of one kind.
    expect(outcomes.size).toBeGreaterThan(1);
  });

  test('for random selections, aliases, fragments and conditions', async () => {
    const leaf = fc.constantFrom('name', 'kind', 'a: name', '__proto__: name', 'name: late', 'stamp', '__typename', 'lateStrict');
    const condition = fc.constantFrom('', '', '', '@skip(if: $s)', '@include(if: $i)', '@skip(if: true)', '@include(if: $i) @skip(if: $s)');
    const selection = fc.letrec<{ set: string; field: string }>((tie) => ({
      set: fc.array(tie('field'), { minLength: 1, maxLength: 4 }).map((fields) => `{ __typename ${fields.join(' ')} }`),
      field: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.tuple(leaf, condition).map((parts) => parts.join(' ')),
        fc.tuple(fc.constantFrom('other', 'x: other', 'others', 'strictOthers'), condition, tie('set')).map((parts) => parts.join(' ')),
        fc
          .tuple(fc.constantFrom('... on Thing', '... on Named', '...'), condition, fc.constant('{ name kind2: __typename }'))
          .map((parts) => parts.join(' ')),
        condition.map((given) => `...F ${given}`),
      ),
    }));
    let valid = 0;
    await fc.assert(
      fc.asyncProperty(selection.set, fc.nat(10_000), fc.boolean(), fc.boolean(), async (set, seed, s, i) => {
        const text = `query ($s: Boolean!, $i: Boolean!) { maybe ${set} things ${set} either { ... on Thing ${set} } again: maybe { ...F @skip(if: $s) @include(if: $i) } } fragment F on Thing { name others { kind } }`;
        // Some selections want one name for two things.
        if (validate(schema, parse(text)).length > 0) return;
        valid += 1;
        await compare(schema, text, seed, { s, i });
      }),
      { numRuns: 100 },
    );
    expect(valid).toBeGreaterThan(20);
  });

  test.each<[string, string, Record<string, unknown>]>([
    ['defaults', '{ echo }', {}],
    ['literals', '{ echo(text: "x", kind: BAD, deep: [{ text: "a", deep: { text: null } }], stamp: "2026-01-01") }', {}],
    ['one argument for a list', 'query ($deep: [Deep!]) { a: echo(deep: { text: "a" }) b: echo(deep: $deep) }', { deep: { text: 'b' } }],
    ['variables', 'query ($t: String, $k: Kind = GOOD) { echo(text: $t, kind: $k) again: echo(text: $t) }', { t: null }],
    ['variables left out', 'query ($t: String, $k: Kind) { echo(text: $t, kind: $k) }', {}],
    ['a null for what must not be null', 'query ($t: String = "x") { required(text: $t) any { int } }', { t: null }],
    ['a variable of the wrong kind', 'query ($t: String!, $k: Kind) { echo(text: $t, kind: $k) }', { t: 1, k: 'UGLY' }],
    ['a variable that its scalar refuses', 'query ($s: Stamp) { echo(stamp: $s) }', { s: 'bad' }],
    ['a variable that is missing', 'query ($t: String!) { required(text: $t) }', {}],
    ['introspection', '{ __schema { types { name fields { name type { name ofType { name } } } } } __type(name: "Thing") { name } }', {}],
  ])('for arguments: %s', async (_what, text, variables) => {
    for (let seed = 0; seed < 5; seed += 1) await compare(schema, text, seed, variables);
  });

  test.each([
    ['in order', 'mutation { a: addLater(amount: 5) b: add(amount: 1) c: addLater(amount: 2) d: add(amount: 1) }'],
    ['one of them failed', 'mutation { a: addLater(amount: 5) fail b: add(amount: 1) }'],
    ['one of them failed that must not', 'mutation { a: add(amount: 5) failHard b: add(amount: 1) }'],
    ['all at once', 'mutation { a: add(amount: 5) b: add(amount: 1) }'],
  ])('for mutations, %s', async (_what, text) => {
    await compare(schema, text, 1);
  });

  test('for more combinations of conditions than are kept', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `c${index}`);
    const text = `query (${names.map((name) => `$${name}: Boolean!`).join()}) { any { ${names.map((name) => `${name}: int @include(if: $${name})`).join(' ')} } }`;
    for (let bits = 0; bits < 64; bits += 1) {
      await compare(schema, text, 3, Object.fromEntries(names.map((name, index) => [name, (bits & (1 << index)) !== 0])));
    }
  });

  test('for the operation that is named, or none', async () => {
    const document = parse('query A { any { int } } query B { any { id } }');
    for (const operationName of ['A', 'B', 'C', undefined]) {
      const args = { schema, document, operationName };
      const expected = told(await execute({ ...args, rootValue: rootOf(2) }));
      expect(told(await executor.execute({ ...args, rootValue: rootOf(2) }))).toEqual(expected);
    }
  });
});
