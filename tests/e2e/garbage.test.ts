import { getNamedType, GraphQLEnumType, GraphQLInputObjectType, isNonNullType, isListType } from 'graphql';
import type { GraphQLArgument, GraphQLInputField, GraphQLInputType } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import { eachOf } from '../support/each-of';
import { setStage } from '../support/factories/stage';
import type { Stage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

/** What no input expects. `ids` are real ones of other types; each goes into every field that takes a string or an id. */
const TEXTS = (ids: string[]): unknown[] => [
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
  ...ids,
];
const NUMBERS: unknown[] = [-1, 0, 101, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1.5, 'NaN'];
const SHAPES: unknown[] = [null, {}, [], [[[[]]]], { __proto__: { admin: true }, constructor: 1 }];

const AT_ONCE = 16;

const KNOWN = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'FAILED_PRECONDITION',
  'RATE_LIMITED',
  'QUERY_TOO_COMPLEX',
  'PAYLOAD_TOO_LARGE',
  'IDEMPOTENCY_CONFLICT',
]);

describe('garbage in every input', () => {
  let app: TestApp;
  let stage: Stage;
  let ids: string[];
  beforeAll(async () => {
    app = await startTestApp();
    stage = await setStage(app.url);
    ids = [stage.session.id, stage.channelId, stage.host.user.id];
  });
  afterAll(() => app.close());

  const { schema } = buildParleySchema();
  const operations = (['query', 'mutation'] as const).flatMap((kind) => {
    const fields = (kind === 'query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {};
    return Object.values(fields).map((field) => [kind, field] as const);
  });

  it.each(operations.map(([kind, field]) => [`${kind} ${field.name}`, kind, field] as const))(
    '%s answers typed errors',
    async (_, kind, field) => {
      if (field.args.length === 0 || field.name === 'logout') return;
      const inner = getNamedType(field.type);
      const selection = 'getFields' in inner || 'getTypes' in inner ? ' { __typename }' : '';
      const declared = field.args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
      const given = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
      const query = `${kind} (${declared}) { ${field.name}(${given})${selection} }`;
      await eachOf([...mutants(field.args)], AT_ONCE, async (variables) => {
        const { status, json } = await stage.host.api.post({ query, variables });
        const errors = (json.errors ?? []) as { message: string; extensions?: { code?: string; requestId?: string } }[];
        expect(status).toBeLessThan(500);
        for (const { message, extensions } of errors) {
          expect({
            variables: JSON.stringify(variables).slice(0, 300),
            code: KNOWN.has(extensions?.code ?? '') ? 'known' : extensions?.code,
          }).toEqual({
            variables: JSON.stringify(variables).slice(0, 300),
            code: 'known',
          });
          expect(extensions?.requestId).toEqual(expect.any(String));
          expect(message).not.toMatch(/prisma|select |insert |constraint|at .*\.(ts|js):/i);
        }
      });
    },
  );

  it('tries 2,000 values and more', () => {
    const tried = operations.flatMap(([, { args }]) => [...mutants(args)]);
    expect(tried.length).toBeGreaterThanOrEqual(2_000);
  });

  it('refuses a megabyte with a typed error', async () => {
    const { status, json } = await stage.host.api.post({ query: '{ viewer { email } }', variables: { x: 'x'.repeat(1_000_000) } });
    expect(status).toBe(413);
    expect(json).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE', requestId: expect.any(String) as string } }] });
  });

  /** One variables object per field and mutant: the rest of the arguments look right. */
  function* mutants(args: readonly GraphQLArgument[]): Generator<Record<string, unknown>> {
    const right = Object.fromEntries(args.map((arg) => [arg.name, plausible(arg.type)]));
    for (const arg of args) {
      const inner = getNamedType(arg.type);
      for (const mutant of mutantsOf(arg)) yield { ...right, [arg.name]: mutant };
      if (!(inner instanceof GraphQLInputObjectType)) continue;
      for (const field of Object.values(inner.getFields())) {
        for (const mutant of mutantsOf(field)) yield { ...right, [arg.name]: { ...(right[arg.name] as object), [field.name]: mutant } };
      }
    }
  }

  function mutantsOf({ type }: GraphQLArgument | GraphQLInputField): unknown[] {
    const name = getNamedType(type).name;
    if (name === 'Int' || name === 'Float') return [...NUMBERS, ...SHAPES];
    return [...TEXTS(ids), ...SHAPES, 7, true];
  }

  function plausible(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return plausible(type.ofType);
    if (isListType(type)) return [plausible(type.ofType)];
    const inner = getNamedType(type);
    if (inner instanceof GraphQLEnumType) return inner.getValues()[0]?.name;
    if (inner instanceof GraphQLInputObjectType) {
      const needed = Object.values(inner.getFields()).filter((field) => isNonNullType(field.type));
      return Object.fromEntries(needed.map((field) => [field.name, plausible(field.type)]));
    }
    return { Int: 1, Float: 1, Boolean: true, DateTime: '2030-01-01T00:00:00Z', ID: stage.session.id, JSON: {} }[inner.name] ?? 'text';
  }
});
