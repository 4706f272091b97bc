import 'reflect-metadata';
import type { ValidationError } from 'class-validator';
import { validateOrReject } from 'class-validator';
import type { GraphQLSchema } from 'graphql';
import { isIntrospectionType, isObjectType } from 'graphql';
import type { NonEmptyArray, PubSub } from 'type-graphql';
import { ArgumentValidationError, buildSchemaSync, getMetadataStorage } from 'type-graphql';
import type { Access } from '../graphql/access';
import { withGates } from '../graphql/field-gates';
import { accessOf } from './access';
import { ROOMS } from './modules';

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

/** As type-graphql does by itself, but that it looks for class-validator anew for each argument, which costs more than the validation. */
async function validateArgument(argument: unknown): Promise<void> {
  const objects = (Array.isArray(argument) ? argument : [argument]).filter((one) => typeof one === 'object' && one !== null) as object[];
  try {
    await Promise.all(objects.map((one) => validateOrReject(one, VALIDATION)));
  } catch (errors) {
    throw new ArgumentValidationError(errors as ValidationError[]);
  }
}

const VALIDATION = { forbidUnknownValues: false, skipMissingProperties: true, validationError: { target: false, value: false } };

export interface ParleySchema {
  readonly schema: GraphQLSchema;
  /** The policy of each of its fields. */
  readonly access: Access;
}

/**
 * The executable schema, each field behind the gate of its policy: without a policy for every field there is none (AccessError). Without a
 * registry it can be printed and validated against, not executed.
 */
export function buildParleySchema(resolverOf: ResolverOf = resolverRegistry([])): ParleySchema {
  const schema = buildSchemaSync({
    resolvers: ROOMS.flatMap(({ resolvers }) => resolvers) as unknown as NonEmptyArray<() => void>,
    container: { get: (resolver) => resolverOf(resolver as new () => unknown) },
    pubSub: NO_PUB_SUB,
    validateFn: validateArgument,
  });
  withPlainFields(schema);
  const access = accessOf(schema);
  return { schema: describeRoots(withGates(schema, access)), access };
}

/**
 * Leaves plain properties to the executor, which reads them without asking. type-graphql gives each a resolver that does no more, and a
 * resolver is told its path, its arguments and the like: on a page of messages that is most of the work.
 */
export function withPlainFields(schema: GraphQLSchema): GraphQLSchema {
  const resolved = resolvedFields();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type) || roots.includes(type)) continue;
    for (const field of Object.values(type.getFields())) if (!resolved.has(`${type.name}.${field.name}`)) field.resolve = undefined;
  }
  return schema;
}

/** The coordinates of fields that somebody wrote a resolver for, or whose property has another name. */
function resolvedFields(): ReadonlySet<string> {
  const { fieldResolvers, fields, objectTypes } = getMetadataStorage();
  const names = new Map<unknown, string>(objectTypes.map(({ target, name }) => [target, name]));
  const coordinate = (type: unknown, field: string): string => `${names.get(type) ?? ''}.${field}`;
  const renamed = fields.filter(({ name, schemaName }) => name !== schemaName);
  return new Set([
    ...fieldResolvers.map(({ getObjectType, target, schemaName }) => coordinate(getObjectType?.() ?? target, schemaName)),
    ...renamed.map(({ target, schemaName }) => coordinate(target, schemaName)),
  ]);
}

/** type-graphql makes the root types itself, without a word. */
function describeRoots(schema: GraphQLSchema): GraphQLSchema {
  const [query, mutation, subscription] = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  if (query) query.description = 'What can be read, each for what the caller may see.';
  if (mutation) mutation.description = 'What can be done. A mutation that answers has happened, and its events are recorded.';
  if (subscription) subscription.description = 'What can be followed: first the place in the stream, then every event after it, in order.';
  return schema;
}
