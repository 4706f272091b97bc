import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { buildSchema, createSourceEventStream, execute, isObjectType, parse } from 'graphql';
import type { AccessTable } from '../../src/graphql/access';
import { allow, assembleAccess } from '../../src/graphql/access';
import { CompiledExecutor } from '../../src/graphql/compiled-executor';
import { requireScopes, withGates } from '../../src/graphql/field-gates';
import type { GuestViewer, UserViewer, Viewer } from '../../src/lib/viewer';
import { ANONYMOUS } from '../../src/lib/viewer';

const guest: GuestViewer = { kind: 'guest', attendeeId: 'att_1', sessionId: 'ses_1', expiresAt: new Date() };
const user: UserViewer = { kind: 'user', userId: 'usr_1', familyId: 'fam', expiresAt: new Date() };

const ACCESS: AccessTable = {
  Query: { open: allow('anyone'), thing: allow('somebody', 'things:read'), mine: allow('user') },
  Mutation: { change: allow('user', 'things:write') },
  Subscription: { changes: allow('somebody', 'things:read') },
  Thing: { '*': allow('somebody'), parts: allow('self', 'parts:read') },
};

function gatedSchema(): GraphQLSchema {
  const schema = buildSchema(`
    type Query { open: Thing! thing: Thing! mine: Thing! }
    type Mutation { change: Thing! }
    type Subscription { changes: Thing! }
    type Thing { name: String! parts: [String!]! }
  `);
  const thing = { name: 'thing', parts: ['part'] };
  for (const root of ['Query', 'Mutation'].map((name) => schema.getType(name))) {
    if (isObjectType(root)) for (const field of Object.values(root.getFields())) field.resolve = () => thing;
  }
  const changes = schema.getSubscriptionType()?.getFields().changes;
  if (changes !== undefined) {
    changes.subscribe = async function* () {
      yield thing;
    };
    changes.resolve = (event) => event;
  }
  return withGates(
    schema,
    assembleAccess(schema, [{ file: 'things.access.ts', table: ACCESS }], () => ''),
  );
}

const compiled = new CompiledExecutor().execute;

describe.each([
  ['graphql-js', execute],
  ['the compiled executor', compiled],
])('%s', (_name, executor) => {
  const schema = gatedSchema();
  const ask = (viewer: Viewer, text: string): ExecutionResult =>
    executor({ schema, document: parse(text), contextValue: { viewer } }) as ExecutionResult;
  const reason = (viewer: Viewer, text: string): unknown => {
    const cause = ask(viewer, text).errors?.[0]?.originalError as { code?: string; reason?: string } | undefined;
    return cause && [cause.code, cause.reason];
  };

  test.each([
    ['a query for users and guests', '{ thing { name } }', ['UNAUTHENTICATED', 'SIGN_IN_REQUIRED'], undefined],
    ['a query for users', '{ mine { name } }', ['UNAUTHENTICATED', 'SIGN_IN_REQUIRED'], ['FORBIDDEN', 'ACCOUNT_REQUIRED']],
    ['a mutation for users', 'mutation { change { name } }', ['UNAUTHENTICATED', 'SIGN_IN_REQUIRED'], ['FORBIDDEN', 'ACCOUNT_REQUIRED']],
    ['what is open', '{ open { name } }', undefined, undefined],
  ])('%s', (_what, text, anonymous, guests) => {
    expect(reason(ANONYMOUS, text)).toEqual(anonymous);
    expect(reason(guest, text)).toEqual(guests);
    expect(reason(user, text)).toBeUndefined();
  });

  test('a field that asks for no more than its object has no gate', () => {
    const type = schema.getType('Thing');
    expect(isObjectType(type) && type.getFields().name?.resolve).toBeUndefined();
  });
});

describe('a subscription', () => {
  const schema = gatedSchema();
  const open = (viewer: Viewer): Promise<unknown> =>
    Promise.resolve(createSourceEventStream({ schema, document: parse('subscription { changes { name } }'), contextValue: { viewer } }));

  test('is refused at its start', async () => {
    expect(await open(ANONYMOUS)).toMatchObject({ errors: [{ originalError: { code: 'UNAUTHENTICATED' } }] });
    expect(await open(guest)).toHaveProperty([Symbol.asyncIterator]);
  });

  test('has events that can be rendered for nobody in particular', () => {
    const event = { name: 'thing' };
    const document = parse('subscription { changes { name } }');
    expect(compiled({ schema, document, rootValue: event, contextValue: { viewer: ANONYMOUS } })).toMatchObject({
      data: { changes: { name: 'thing' } },
    });
  });
});

describe('an API key', () => {
  const schema = gatedSchema();
  const access = assembleAccess(schema, [{ file: 'things.access.ts', table: ACCESS }], () => '');
  const reaches = (scopes: readonly string[], ...fields: string[]): boolean => {
    try {
      requireScopes(access, { id: 'key_1', organizationId: 'org_1', scopes }, fields);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'FORBIDDEN', reason: 'API_KEY_SCOPE' });
      return false;
    }
  };

  test('opens a root field by its scope alone', () => {
    expect(reaches(['things:write'], 'Query.thing', 'Thing.name')).toBe(false);
    expect(reaches(['things:read'], 'Query.thing', 'Thing.name')).toBe(true);
    expect(reaches(['things:read'], 'Mutation.change')).toBe(false);
    expect(reaches(['things:read', 'things:write'], 'Query.open')).toBe(false);
    expect(reaches(['things:read'], 'Subscription.changes')).toBe(true);
  });

  test('needs the scope of a field below too', () => {
    expect(reaches(['things:read'], 'Query.thing', 'Thing.parts')).toBe(false);
    expect(reaches(['things:read', 'parts:read'], 'Query.thing', 'Thing.parts')).toBe(true);
  });

  test('may ask for names of types and for the schema', () => {
    expect(reaches([], 'Query.__typename', 'Query.__schema', '__Schema.types')).toBe(true);
  });
});

test('a shared field has no gate', () => {
  const schema = buildSchema('type Query { thing: Thing } type Thing { name: String }');
  const thing = schema.getType('Thing');
  if (isObjectType(thing)) thing.extensions = { shareable: ['name'] };
  const table: AccessTable = { Query: { thing: allow('anyone') }, Thing: { name: allow('user') } };
  const access = assembleAccess(schema, [{ file: '', table }], () => '');
  expect(() => withGates(schema, access)).toThrow('Thing.name has a gate: it cannot be shared');
});
