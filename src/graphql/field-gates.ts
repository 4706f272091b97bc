import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { defaultFieldResolver } from 'graphql';
import { accountRequired, keyLacksScope } from '../errors/access.errors';
import { unauthenticated } from '../errors/domain-error';
import type { KeyGrant, Viewer } from '../lib/viewer';
import type { Access } from './access';
import { fieldsOf } from './access';
import type { FieldGate } from './access-rules';
import { ruleText } from './access-rules';
import type { Context } from './context';
import { isShareable } from './shareable';

type Resolve = GraphQLFieldResolver<unknown, unknown>;

/**
 * Puts the gates before the resolvers, in place. Every executor and every transport runs them, because they are the fields' own resolvers;
 * a subscription has its gate at the start, for its events may be rendered for nobody in particular.
 */
export function withGates(schema: GraphQLSchema, access: Access): GraphQLSchema {
  for (const { parent, definition, isRoot } of fieldsOf(schema)) {
    const policy = access.get(`${parent.name}.${definition.name}`);
    if (policy === undefined) throw new Error(`${parent.name}.${definition.name} has no policy`);
    const { gate } = ruleText(policy.rule);
    if (gate === 'anyone' || !(isRoot || policy.named)) continue;
    if (!isRoot && isShareable(parent, definition.name))
      throw new Error(`${parent.name}.${definition.name} has a gate: it cannot be shared`);
    if (definition.subscribe !== undefined) definition.subscribe = gated(definition.subscribe, gate);
    else definition.resolve = gated(definition.resolve ?? defaultFieldResolver, gate);
  }
  return schema;
}

function gated(resolve: Resolve, gate: FieldGate): Resolve {
  return (source, args, context, info) => {
    const refusal = refusalOf((context as Context).viewer, gate);
    if (refusal !== null) throw refusal;
    return resolve(source, args, context, info);
  };
}

/** UNAUTHENTICATED for the anonymous, FORBIDDEN for guests without an account. */
function refusalOf(viewer: Viewer, gate: FieldGate): Error | null {
  if (gate === 'anyone' || viewer.kind === 'user') return null;
  if (viewer.kind === 'anonymous') return unauthenticated();
  return gate === 'user' ? accountRequired() : null;
}

/**
 * Whether an API key opens all that an operation asks for: its root fields, which must name a scope, and those below that do. Told from the
 * document, so that events that are rendered for nobody in particular need no gate. Throws FORBIDDEN API_KEY_SCOPE.
 */
export function requireScopes(access: Access, { scopes }: KeyGrant, fields: Iterable<string>): void {
  for (const field of fields) {
    const scope = access.get(field)?.scope ?? null;
    if (scope === null ? isRootField(field) : !scopes.includes(scope)) throw keyLacksScope(scope);
  }
}

/** Introspection asks for no more than to be let in. */
function isRootField(field: string): boolean {
  return /^(Query|Mutation|Subscription)\.(?!__)/.test(field);
}
