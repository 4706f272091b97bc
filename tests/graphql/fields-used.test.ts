import type { OperationDefinitionNode } from 'graphql';
import { buildSchema, Kind, parse } from 'graphql';
import { fieldsUsed } from '../../src/graphql/fields-used';

const schema = buildSchema(`
  interface Node { id: ID! }
  type Room implements Node { id: ID! name: String! doors: [Door!]! }
  type Door implements Node { id: ID! room: Room! }
  type Query { node: Node room: Room }
  type Mutation { close: Door }
`);

function used(text: string, name?: string): string[] {
  const document = parse(text);
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const operation = operations.find((each) => name === undefined || each.name?.value === name) as OperationDefinitionNode;
  return [...fieldsUsed(schema, document, operation)].sort();
}

describe('the fields of an operation', () => {
  it('are named by the type they stand on, however deep', () => {
    expect(used('{ room { name doors { room { id } } } }')).toEqual(['Door.room', 'Query.room', 'Room.doors', 'Room.id', 'Room.name']);
  });

  it('are those behind an alias, an inline fragment and a fragment too', () => {
    const text = '{ a: node { ... on Room { b: doors { ...D } } } } fragment D on Door { room { name } }';
    expect(used(text)).toEqual(['Door.room', 'Query.node', 'Room.doors', 'Room.name']);
  });

  it('are none of the operations that were not chosen', () => {
    const text = 'query A { room { id } } mutation B { close { id } }';
    expect(used(text, 'A')).toEqual(['Query.room', 'Room.id']);
    expect(used(text, 'B')).toEqual(['Door.id', 'Mutation.close']);
  });
});
