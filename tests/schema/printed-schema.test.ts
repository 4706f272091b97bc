import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphQLNamedType } from 'graphql';
import { buildSchema, findBreakingChanges, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { KEPT_FILES } from '../../scripts/kept-files';
import { missingFrom, ownTypes } from './missing-from';

const ROOT = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const schema = buildSchema(read('schema.graphql'));
const contract = buildSchema(read('tests/schema/contract.graphql'));

describe('what is printed from code', () => {
  it.each(Object.entries(KEPT_FILES))('%s is fresh (else: npm run generate)', (path, print) => {
    expect(read(path)).toBe(print());
  });
});

describe('schema.graphql', () => {
  it('holds the whole contract, exactly', () => {
    expect(missingFrom(schema, contract)).toEqual([]);
  });

  it('breaks no client of the contract', () => {
    expect(findBreakingChanges(contract, schema)).toEqual([]);
  });

  it('describes every type, field, argument and value', () => {
    expect(ownTypes(schema).flatMap(undescribed)).toEqual([]);
  });
});

function undescribed(type: GraphQLNamedType): string[] {
  return [type, ...partsOf(type)].flatMap(({ name, description }) => (description ? [] : [name]));
}

interface Part {
  readonly name: string;
  readonly description?: string | null;
}

function partsOf(type: GraphQLNamedType): Part[] {
  const named = (part: Part, of = type.name): Part => ({ name: `${of}.${part.name}`, description: part.description });
  if (isEnumType(type)) return type.getValues().map((value) => named(value));
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => named(field));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    named(field),
    ...field.args.map((arg) => named(arg, `${type.name}.${field.name}`)),
  ]);
}
