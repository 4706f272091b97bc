import { getNamedType, isCompositeType, isIntrospectionType, isListType, isNonNullType, isObjectType, parse } from 'graphql';
import type { GraphQLOutputType } from 'graphql';
import { buildParleySchema } from '../../src/app/schema';
import { costsOf } from '../../src/graphql/cost';

const { schema } = buildParleySchema();

function costOf(text: string, variables: Record<string, unknown> = {}): number {
  const [cost] = costsOf(schema, parse(text)).values();
  if (cost === undefined) throw new Error('no operation');
  return cost(variables);
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(type) || (isNonNullType(type) && isList(type.ofType));
}

describe('the cost of an operation', () => {
  it('is a point for each thing that is looked up, and none for its properties', () => {
    expect(costOf('{ __typename }')).toBe(1);
    expect(costOf('{ session(id: "x") { id title status } }')).toBe(1);
    expect(costOf('{ session(id: "x") { id host { displayName } } }')).toBe(2);
  });

  it('multiplies a page by its size', () => {
    // The page, then for each of its rows the message and its sender.
    expect(costOf('{ channel(id: "x") { messages(first: 10) { edges { node { body } } } } }')).toBe(1 + 1 + 10);
    expect(
      costOf('{ channel(id: "x") { messages(last: 10) { edges { cursor node { body sender { id } } } pageInfo { endCursor } } } }'),
    ).toBe(1 + 1 + 10 * 2);
    expect(costOf('{ nodes(ids: ["a", "b", "c"]) { id ... on Session { host { id } } } }')).toBe(3 * 2);
  });

  it('multiplies the page that is given when no size is asked for (D13)', () => {
    const page = '{ edges { node { body } } }';
    expect(costOf(`{ channel(id: "x") { messages ${page} } }`)).toBe(costOf(`{ channel(id: "x") { messages(first: 25) ${page} } }`));
  });

  it('goes by the variables, and by their defaults', () => {
    const query = 'query ($n: Int = 5) { channel(id: "x") { messages(first: $n) { edges { node { body } } } } }';
    expect(costOf(query)).toBe(7);
    expect(costOf(query, { n: 50 })).toBe(52);
    expect(costOf(query, { n: null })).toBe(27);
  });

  it('takes a size out of bounds for the largest: reading the list refuses it', () => {
    const query = 'query ($n: Int) { channel(id: "x") { messages(first: $n) { edges { node { body } } } } }';
    expect(costOf(query, { n: 2 ** 31 - 1 })).toBe(102);
    expect(costOf(query, { n: -5 })).toBe(3);
  });

  it('counts of a union the type that costs most', () => {
    const one = 'query ($id: ID!) { channelEvents(channelId: $id, first: 10) { ... on MessageAdded { message { sender { id } } } } }';
    const both = one.replace('... on', '... on MessageEdited { message { sender { id } } } ... on');
    expect(costOf(both)).toBe(costOf(one));
  });

  it('follows fragments, wherever they are spread', () => {
    const written = '{ session(id: "x") { host { id } attendees(first: 3) { edges { node { user { id } } } } } }';
    const spread =
      '{ session(id: "x") { ...S } } fragment S on Session { ...H attendees(first: 3) { edges { node { ... on Attendee { user { id } } } } } } fragment H on Session { host { id } }';
    expect(costOf(spread)).toBe(costOf(written));
  });

  it('of a mutation is more than that of a look', () => {
    expect(costOf('mutation { logout }')).toBe(5);
  });

  it('is told for every list: how many items there may be', () => {
    const lists = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !isIntrospectionType(type)
        ? Object.values(type.getFields())
            .filter((field) => isList(field.type) && isCompositeType(getNamedType(field.type)))
            .map((field) => ({ name: `${type.name}.${field.name}`, complexity: field.extensions.complexity }))
        : [],
    );
    expect(lists.length).toBeGreaterThan(5);
    expect(lists.filter(({ complexity }) => complexity === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('is told for everything that has pages', () => {
    const pages = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) ? Object.values(type.getFields()).filter(({ args }) => args.some(({ name }) => name === 'first')) : [],
    );
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.filter(({ extensions }) => typeof extensions.complexity !== 'function').map(({ name }) => name)).toEqual([]);
  });
});
