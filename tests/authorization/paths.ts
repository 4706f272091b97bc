import type { GraphQLField, GraphQLNamedType, GraphQLSchema } from 'graphql';
import { getNamedType, isAbstractType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';

/** One way down from a root field, with every scalar at its end. */
export interface Way {
  /** `node<Session>.channel.messages.edges` */
  readonly path: string;
  /** What stands after the root field's arguments. */
  readonly selection: string;
  /** The type at its end. */
  readonly type: string;
}

/** Every way through objects, lists, unions and interfaces that is at most `depth` fields long, the root field included. */
export function waysFrom(schema: GraphQLSchema, root: GraphQLField<unknown, unknown>, depth: number): Way[] {
  return waysInto(schema, getNamedType(root.type), depth - 1).map((way) => ({ ...way, path: `${root.name}${way.path}` }));
}

function waysInto(schema: GraphQLSchema, type: GraphQLNamedType, depth: number): Way[] {
  if (isAbstractType(type)) {
    return schema.getPossibleTypes(type).flatMap((possible) =>
      waysInto(schema, possible, depth).map(({ path, selection, type: end }) => ({
        path: `<${possible.name}>${path}`,
        selection: `{ ... on ${possible.name} ${selection} }`,
        type: end,
      })),
    );
  }
  if (!isObjectType(type)) return [];
  const open = Object.values(type.getFields()).filter(({ args }) => !args.some(isRequiredArgument));
  const leaves = open.filter((field) => isLeafType(getNamedType(field.type))).map(({ name }) => name);
  const here: Way = { path: '', selection: `{ __typename ${leaves.join(' ')} }`, type: type.name };
  if (depth === 0) return [here];
  const below = open.flatMap((field) =>
    waysInto(schema, getNamedType(field.type), depth - 1).map(({ path, selection, type: end }) => ({
      path: `.${field.name}${path}`,
      selection: `{ ${field.name} ${selection} }`,
      type: end,
    })),
  );
  return [here, ...below];
}
