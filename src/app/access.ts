import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { getNamedType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import type { Access } from '../graphql/access';
import { assembleAccess, fieldsOf } from '../graphql/access';
import type { DeclaredRoom } from './modules';
import { ROOMS } from './modules';

/** The policies of all fields, joined from the rooms' tables. Throws AccessError when one is missing, doubled or left over. */
export function accessOf(schema: GraphQLSchema, rooms: readonly DeclaredRoom[] = ROOMS): Access {
  const tables = rooms.map(({ name, access }) => ({ file: accessFile(name), table: access }));
  return assembleAccess(schema, tables, (type, field) => accessFile(roomOf(schema, rooms, type, field)));
}

function accessFile(room: string): string {
  return room === 'graphql' ? 'src/graphql/graphql.access.ts' : `src/modules/${room}/${room}.access.ts`;
}

/** Whose resolver answers the field; else who declares the rest of the type; else whose resolver gives such objects out. */
function roomOf(schema: GraphQLSchema, rooms: readonly DeclaredRoom[], type: string, field: string): string {
  const resolving = rooms.find(({ resolvers }) => handlersOf(type, field).some((handler) => resolvers.includes(handler)));
  const declaring = rooms.find(({ access }) => access[type]?.['*'] !== undefined);
  if (resolving !== undefined || declaring !== undefined) return (resolving ?? declaring)?.name ?? '';
  const giver = fieldsOf(schema)
    .filter(({ definition }) => getNamedType(definition.type).name === type)
    .find(({ parent, isRoot }) => isRoot || rooms.some(({ access }) => access[parent.name]?.['*'] !== undefined));
  return giver === undefined ? '<room>' : roomOf(schema, rooms, giver.parent.name, giver.definition.name);
}

/** The resolver classes that answer a field of this name. */
function handlersOf(type: string, field: string): DeclaredRoom['resolvers'][number][] {
  const { queries, mutations, subscriptions, fieldResolvers } = getMetadataStorage();
  const roots = { Query: queries, Mutation: mutations, Subscription: subscriptions } as const;
  const handlers = type in roots ? roots[type as keyof typeof roots] : fieldResolvers;
  return handlers
    .filter(({ schemaName }) => schemaName === field)
    .map(({ target }) => target as unknown as DeclaredRoom['resolvers'][number]);
}
