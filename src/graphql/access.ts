import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { isIntrospectionType, isObjectType } from 'graphql';
import type { Rule } from './access-rules';

/** What an API key must hold: `<room>:read` or `<room>:write`. */
export type Scope = `${string}:${'read' | 'write'}`;

export interface Policy {
  readonly rule: Rule;
  /** Opens a root field to API keys that hold it; null: closed to all of them. Below the root null asks for nothing more. */
  readonly scope: Scope | null;
}

/** Who may, and with what scope a key may in their place. */
export function allow(rule: Rule, scope: Scope | null = null): Policy {
  return { rule, scope };
}

/** For what is given out with something else: payloads, pages, edges, events. */
export const AS_PARENT = { '*': allow('parent') } as const;

/**
 * The policies of one room: those of its types' fields, and of the fields that it adds to others'. `*` stands for the plain fields of a
 * type; root fields, and fields with a resolver of their own, are named.
 */
export type AccessTable = Readonly<Record<string, Readonly<Record<string, Policy>>>>;

/** A policy that is in force. `named`: the field stands in the table by itself, not under `*`. */
export interface FieldPolicy extends Policy {
  readonly named: boolean;
}

/** By coordinate, `Type.field`. */
export type Access = ReadonlyMap<string, FieldPolicy>;

/** Where each table is written, so that what is missing can say where it belongs. */
export interface DeclaredTable {
  readonly file: string;
  readonly table: AccessTable;
}

/** Lists what is wrong with the tables; none: every field of the schema has one policy, and every policy a field. */
export class AccessError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(['Every field of the schema needs one policy:', ...problems].join('\n  '));
    this.name = 'AccessError';
  }
}

/** The policies of all fields. Throws AccessError; `fileOf` tells where a type's or a field's policy belongs that no table knows. */
export function assembleAccess(
  schema: GraphQLSchema,
  tables: readonly DeclaredTable[],
  fileOf: (type: string, field: string) => string,
): Access {
  const { policies, problems } = joined(tables);
  const access = new Map<string, FieldPolicy>();
  const used = new Set<string>();
  for (const { parent, definition, mustBeNamed } of fieldsOf(schema)) {
    const [type, field] = [parent.name, definition.name];
    const named = policies.get(`${type}.${field}`);
    const policy = named ?? (mustBeNamed ? undefined : policies.get(`${type}.*`));
    used.add(`${type}.${field}`);
    if (named === undefined && !mustBeNamed) used.add(`${type}.*`);
    if (policy === undefined) problems.push(`${type}.${field} has no policy: add it to ${fileOf(type, field)}`);
    else access.set(`${type}.${field}`, { ...policy, named: named !== undefined });
  }
  for (const [coordinate, { file }] of policies) {
    if (!used.has(coordinate)) problems.push(`${coordinate} in ${file} is the policy of no field: take it out`);
  }
  if (problems.length > 0) throw new AccessError(problems);
  return access;
}

function joined(tables: readonly DeclaredTable[]): { policies: Map<string, Policy & { file: string }>; problems: string[] } {
  const policies = new Map<string, Policy & { file: string }>();
  const problems: string[] = [];
  for (const { file, table } of tables) {
    for (const [type, fields] of Object.entries(table)) {
      for (const [field, policy] of Object.entries(fields)) {
        const coordinate = `${type}.${field}`;
        const other = policies.get(coordinate);
        if (other !== undefined) problems.push(`${coordinate} has two policies: in ${other.file} and in ${file}`);
        policies.set(coordinate, { ...policy, file });
      }
    }
  }
  return { policies, problems };
}

export interface FieldPlace {
  readonly parent: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly isRoot: boolean;
  readonly mustBeNamed: boolean;
}

/** Every field of every object type. */
export function fieldsOf(schema: GraphQLSchema): FieldPlace[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type));
  return types
    .filter((type) => !isIntrospectionType(type))
    .flatMap((parent) => {
      const isRoot = roots.includes(parent);
      const places = Object.values(parent.getFields());
      return places.map((definition) => ({ parent, definition, isRoot, mustBeNamed: isRoot || definition.resolve !== undefined }));
    });
}
