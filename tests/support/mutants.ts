import { GraphQLEnumType, GraphQLInputObjectType, getNamedType, isListType, isNonNullType } from 'graphql';
import type { GraphQLArgument, GraphQLInputField, GraphQLInputType, GraphQLSchema } from 'graphql';

type Variables = Record<string, unknown>;

/** A query or mutation with an argument at least, and values for its variables that no input expects, one wrong thing in each. */
export interface Mutants {
  readonly name: string;
  readonly query: string;
  readonly variables: readonly Variables[];
}

const TEXTS: readonly unknown[] = [
  '',
  ' ',
  'x'.repeat(10_000),
  'a\u0000b',
  '\ud800',
  '\u202e\u200b',
  "'; DROP TABLE users; --",
  '${7*7}',
  '../../etc/passwd',
  'bm90IGEgY3Vyc29y',
];
const NUMBERS: readonly unknown[] = [-1, 0, 101, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1.5, 'NaN'];
const SHAPES: readonly unknown[] = [null, {}, [], [[[[]]]], { __proto__: { admin: true }, constructor: 1 }];

/** `ids` are real ones, of several types; each goes into every field that takes a string or an id, and the first stands where one is right. */
export function mutantsOf(schema: GraphQLSchema, ids: readonly string[]): Mutants[] {
  return (['query', 'mutation'] as const).flatMap((kind) => {
    const fields = Object.values((kind === 'query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {});
    return fields
      .filter(({ args }) => args.length > 0)
      .map(({ name, args, type }) => {
        const inner = getNamedType(type);
        const selection = 'getFields' in inner || 'getTypes' in inner ? ' { __typename }' : '';
        const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
        const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
        const query = `${kind} (${declared}) { ${name}(${given})${selection} }`;
        return { name: `${kind} ${name}`, query, variables: [...mutantsOfArguments(args, ids)] };
      });
  });
}

/** One for each argument, field of an input, and wrong value: the rest look right. */
function* mutantsOfArguments(args: readonly GraphQLArgument[], ids: readonly string[]): Generator<Variables> {
  const right = Object.fromEntries(args.map((arg) => [arg.name, plausible(arg.type, ids)]));
  for (const arg of args) {
    const inner = getNamedType(arg.type);
    for (const wrong of wrongFor(arg, ids)) yield { ...right, [arg.name]: wrong };
    if (!(inner instanceof GraphQLInputObjectType)) continue;
    for (const field of Object.values(inner.getFields())) {
      for (const wrong of wrongFor(field, ids)) yield { ...right, [arg.name]: { ...(right[arg.name] as object), [field.name]: wrong } };
    }
  }
}

function wrongFor({ type }: GraphQLArgument | GraphQLInputField, ids: readonly string[]): unknown[] {
  const { name } = getNamedType(type);
  return name === 'Int' || name === 'Float' ? [...NUMBERS, ...SHAPES] : [...TEXTS, ...ids, ...SHAPES, 7, true];
}

function plausible(type: GraphQLInputType, ids: readonly string[]): unknown {
  if (isNonNullType(type)) return plausible(type.ofType, ids);
  if (isListType(type)) return [plausible(type.ofType, ids)];
  const inner = getNamedType(type);
  if (inner instanceof GraphQLEnumType) return inner.getValues()[0]?.name;
  if (inner instanceof GraphQLInputObjectType) {
    const needed = Object.values(inner.getFields()).filter((field) => isNonNullType(field.type));
    return Object.fromEntries(needed.map((field) => [field.name, plausible(field.type, ids)]));
  }
  return { Int: 1, Float: 1, Boolean: true, DateTime: '2030-01-01T00:00:00Z', ID: ids[0], JSON: {} }[inner.name] ?? 'text';
}
