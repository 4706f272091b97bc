import type {
  GraphQLArgument,
  GraphQLField,
  GraphQLInputField,
  GraphQLInterfaceType,
  GraphQLNamedType,
  GraphQLObjectType,
  GraphQLSchema,
} from 'graphql';
import {
  astFromValue,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  print,
} from 'graphql';

/** What of `contract` the schema does not hold exactly: types, fields, arguments, their types and defaults, values, members, interfaces. */
export function missingFrom(schema: GraphQLSchema, contract: GraphQLSchema): string[] {
  return ownTypes(contract).flatMap((promised) => {
    const found = schema.getType(promised.name);
    if (found === undefined) return [`${promised.name} is missing`];
    if (found.constructor !== promised.constructor)
      return [`${promised.name} is a ${found.constructor.name}, not a ${promised.constructor.name}`];
    return [...missingFields(found, promised), ...missingInputs(found, promised), ...missingNames(found, promised)];
  });
}

/** The types that a schema declares itself. */
export function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type));
}

function missingFields(found: GraphQLNamedType, promised: GraphQLNamedType): string[] {
  if (!hasFields(found) || !hasFields(promised)) return [];
  const fields = found.getFields();
  return Object.values(promised.getFields()).flatMap((field) => differences(`${promised.name}.${field.name}`, fields[field.name], field));
}

function differences(name: string, found: GraphQLField<unknown, unknown> | undefined, promised: GraphQLField<unknown, unknown>): string[] {
  if (found === undefined) return [`${name} is missing`];
  const type = String(found.type) === String(promised.type) ? [] : [`${name} is ${String(found.type)}, not ${String(promised.type)}`];
  const args = promised.args.flatMap((arg) =>
    inputDifferences(
      `${name}(${arg.name}:)`,
      found.args.find((other) => other.name === arg.name),
      arg,
    ),
  );
  const demanded = found.args.filter((arg) => isRequired(arg) && !promised.args.some(({ name: known }) => known === arg.name));
  return [...type, ...args, ...demanded.map((arg) => `${name}(${arg.name}:) is demanded`)];
}

function missingInputs(found: GraphQLNamedType, promised: GraphQLNamedType): string[] {
  if (!isInputObjectType(found) || !isInputObjectType(promised)) return [];
  const [fields, known] = [found.getFields(), promised.getFields()];
  const demanded = Object.values(fields).filter((field) => isRequired(field) && !(field.name in known));
  return [
    ...Object.values(known).flatMap((field) => inputDifferences(`${promised.name}.${field.name}`, fields[field.name], field)),
    ...demanded.map((field) => `${promised.name}.${field.name} is demanded`),
  ];
}

type Input = GraphQLArgument | GraphQLInputField;

function inputDifferences(name: string, found: Input | undefined, promised: Input): string[] {
  if (found === undefined) return [`${name} is missing`];
  const [is, was] = [inputText(found), inputText(promised)];
  return is === was ? [] : [`${name} is ${is}, not ${was}`];
}

function inputText({ type, defaultValue }: Input): string {
  const byDefault = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return byDefault == null ? String(type) : `${String(type)} = ${print(byDefault)}`;
}

function isRequired({ type, defaultValue }: Input): boolean {
  return String(type).endsWith('!') && defaultValue === undefined;
}

function missingNames(found: GraphQLNamedType, promised: GraphQLNamedType): string[] {
  const names = namesIn(found);
  return namesIn(promised)
    .filter((name) => !names.includes(name))
    .map((name) => `${promised.name} lacks ${name}`);
}

/** Enum values, union members, implemented interfaces. */
function namesIn(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (isUnionType(type)) return type.getTypes().map(({ name }) => name);
  return hasFields(type) ? type.getInterfaces().map(({ name }) => name) : [];
}

function hasFields(type: GraphQLNamedType): type is GraphQLObjectType | GraphQLInterfaceType {
  return isObjectType(type) || isInterfaceType(type);
}
