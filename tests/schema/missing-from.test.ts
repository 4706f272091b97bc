import { buildSchema } from 'graphql';
import { missingFrom } from './missing-from';

const CONTRACT = `
  interface Node { id: ID! }
  type Query { node(id: ID!, deep: Boolean = false): Node list(filter: Filter): [Item!]! any: Any }
  type Item implements Node { id: ID! name: String status: Status! }
  enum Status { OPEN CLOSED }
  union Any = Item | Query
  input Filter { status: Status! = OPEN text: String }
`;

const missing = (from: string, to: string): string[] => missingFrom(buildSchema(CONTRACT.replace(from, to)), buildSchema(CONTRACT));

describe('missingFrom', () => {
  it('finds nothing in the contract itself', () => {
    expect(missing('', '')).toEqual([]);
  });

  it('allows additions', () => {
    expect(missing('enum Status {', 'type More { id: ID! } enum Status { NEW')).toEqual([]);
    expect(missing('name: String', 'name(short: Boolean, long: Int! = 1): String more: Int')).toEqual([]);
    expect(missing('text: String', 'text: String more: Int must: Int! = 1')).toEqual([]);
  });

  it.each([
    ['a type', 'union Any = Item | Query', 'union Other = Item | Query scalar Any', 'Any is a GraphQLScalarType, not a GraphQLUnionType'],
    ['a field', 'name: String', '', 'Item.name is missing'],
    ['a nullable field', 'name: String', 'name: String!', 'Item.name is String!, not String'],
    ['a list of non-null', '[Item!]!', '[Item]!', 'Query.list is [Item]!, not [Item!]!'],
    ['an argument', ', deep: Boolean = false', '', 'Query.node(deep:) is missing'],
    ["an argument's default", 'deep: Boolean = false', 'deep: Boolean = true', 'Query.node(deep:) is Boolean = true, not Boolean = false'],
    ["an argument's type", 'id: ID!, deep', 'id: ID, deep', 'Query.node(id:) is ID, not ID!'],
    ['an optional call', 'list(filter: Filter)', 'list(filter: Filter, first: Int!)', 'Query.list(first:) is demanded'],
    ['an enum value', 'OPEN CLOSED', 'OPEN', 'Status lacks CLOSED'],
    ['a union member', 'Item | Query', 'Item', 'Any lacks Query'],
    ['an interface', 'Item implements Node', 'Item', 'Item lacks Node'],
    ['an input field', 'text: String', '', 'Filter.text is missing'],
    ["an input field's default", 'Status! = OPEN', 'Status! = CLOSED', 'Filter.status is Status! = CLOSED, not Status! = OPEN'],
    ['an optional input', 'text: String', 'text: String must: Int!', 'Filter.must is demanded'],
  ])('misses %s', (_what, from, to, problem) => {
    expect(missing(from, to)).toContain(problem);
  });
});
