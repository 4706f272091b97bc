import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { isIntrospectionType, isObjectType } from 'graphql';
import type { NonEmptyArray, PubSub } from 'type-graphql';
import { buildSchemaSync, getMetadataStorage } from 'type-graphql';
import { RESOLVER_CLASSES } from './modules';

export type ResolverOf = <R>(resolver: new (...args: never[]) => R) => R;

/** Finds the instance of a resolver class among those the rooms made. */
export function resolverRegistry(instances: readonly object[]): ResolverOf {
  const byClass = new Map(instances.map((instance) => [instance.constructor, instance]));
  return <R>(resolver: new (...args: never[]) => R): R => {
    const instance = byClass.get(resolver);
    if (instance === undefined) throw new Error(`no room made a ${resolver.name}`);
    return instance as R;
  };
}

/** type-graphql demands one; ours is the fan-out, reached by each subscription's own `subscribe`. */
const NO_PUB_SUB: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('subscriptions follow streams, not topics');
  },
};

/** The executable schema; without a registry it can be printed and validated against, not executed. */
export function buildParleySchema(resolverOf: ResolverOf = resolverRegistry([])): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: RESOLVER_CLASSES as unknown as NonEmptyArray<() => void>,
    container: { get: (resolver) => resolverOf(resolver as new () => unknown) },
    pubSub: NO_PUB_SUB,
    validate: { forbidUnknownValues: false, validationError: { target: false, value: false } },
  });
  return describeRoots(withPlainFields(schema));
}

/**
 * Leaves plain properties to the executor, which reads them without asking. type-graphql gives each a resolver that does no more, and a
 * resolver is told its path, its arguments and the like: on a page of messages that is most of the work.
 */
export function withPlainFields(schema: GraphQLSchema): GraphQLSchema {
  const { fieldResolvers, fields } = getMetadataStorage();
  const renamed = fields.filter(({ name, schemaName }) => name !== schemaName);
  const resolved = new Set([...fieldResolvers, ...renamed].map(({ schemaName }) => schemaName));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type) || roots.includes(type)) continue;
    for (const field of Object.values(type.getFields())) if (!resolved.has(field.name)) field.resolve = undefined;
  }
  return schema;
}

/** type-graphql makes the root types itself, without a word. */
function describeRoots(schema: GraphQLSchema): GraphQLSchema {
  const [query, mutation, subscription] = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  if (query) query.description = 'What can be read, each for what the caller may see.';
  if (mutation) mutation.description = 'What can be done. A mutation that answers has happened, and its events are recorded.';
  if (subscription) subscription.description = 'What can be followed: first the place in the stream, then every event after it, in order.';
  return schema;
}
