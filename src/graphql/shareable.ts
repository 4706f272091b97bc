import { getNamedType, isAbstractType, isCompositeType, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { ASTNode, DocumentNode, GraphQLCompositeType, GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';
import { StreamCursor } from './scalars';

const MARK = 'shareable';

/**
 * Declares which fields of a type look the same to everyone who may receive the object at all. Fields are personal unless they stand here
 * or under `SharedSubscription`: one personal field makes the whole operation personal, and its events are rendered for each viewer.
 */
export function Shareable<T>(...fields: readonly (keyof T & string)[]): ClassDecorator {
  return Extensions({ [MARK]: fields });
}

/** Declares that a subscription field yields the same to every viewer of one audience (`FollowOptions.audience`). */
export function SharedSubscription(): MethodDecorator {
  return Extensions({ [MARK]: true });
}

/** A document whose operations may share: its id among them, and the variables that hold cursors. */
export interface Sharing {
  readonly id: number;
  readonly cursors: ReadonlySet<string>;
}

let sharings = 0;

/**
 * Whether (null: not) equal operations of this document may share what is made of an event. Cursors are left out of the comparison, because they say
 * only where the replay begins: so they must not be used anywhere but in the subscription field's own arguments.
 */
export function sharingOf(schema: GraphQLSchema, document: DocumentNode): Sharing | null {
  const typeInfo = new TypeInfo(schema);
  const { cursors, reachable } = surveyOf(schema, document);
  let shareable = true;
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Field: (node) => {
        const parent = typeInfo.getParentType();
        const field = typeInfo.getFieldDef();
        if (field == null || parent == null) return;
        if (parent !== schema.getSubscriptionType() && uses(node.arguments ?? [], cursors)) shareable = false;
        if (!isFieldShareable(schema, parent, field, reachable)) shareable = false;
      },
      Directive: (node) => {
        if (uses(node.arguments ?? [], cursors)) shareable = false;
      },
    }),
  );
  return shareable ? { id: (sharings += 1), cursors } : null;
}

interface Survey {
  readonly cursors: ReadonlySet<string>;
  /** Of which types the objects can be that this document reads. */
  readonly reachable: ReadonlySet<GraphQLObjectType>;
}

/** Of the whole document before anything is judged: a fragment, or another operation, may stand before what declares its variables. */
function surveyOf(schema: GraphQLSchema, document: DocumentNode): Survey {
  const typeInfo = new TypeInfo(schema);
  const cursors = new Set<string>();
  const reachable = new Set<GraphQLObjectType>();
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: ({ variable }) => {
        if (getNamedType(typeInfo.getInputType())?.name === StreamCursor.name) cursors.add(variable.name.value);
        return false;
      },
      Field: () => {
        const type = getNamedType(typeInfo.getType());
        if (isCompositeType(type)) for (const possible of possibleTypes(schema, type)) reachable.add(possible);
      },
    }),
  );
  return { cursors, reachable };
}

function possibleTypes(schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
}

/** An interface's field is shareable when it is for those of its types that can occur here. */
function isFieldShareable(
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  field: GraphQLField<unknown, unknown>,
  reachable: ReadonlySet<GraphQLObjectType>,
): boolean {
  if (field.name === '__typename') return true;
  if (parent === schema.getSubscriptionType()) return field.extensions[MARK] === true;
  const types = isAbstractType(parent) ? possibleTypes(schema, parent).filter((type) => reachable.has(type)) : [parent];
  return types.every((type) => isShareable(type, field.name));
}

/** Whether the type declares that this field looks the same to everyone. */
export function isShareable({ extensions }: GraphQLObjectType, field: string): boolean {
  const fields = extensions[MARK];
  return Array.isArray(fields) && fields.includes(field);
}

function uses(nodes: readonly ASTNode[], variables: ReadonlySet<string>): boolean {
  let found = false;
  for (const node of nodes) {
    visit(node, {
      [Kind.VARIABLE]: ({ name }) => {
        found ||= variables.has(name.value);
      },
    });
  }
  return found;
}

/** What makes two operations equal: everything but their cursors. */
export function shareKey({ id, cursors }: Sharing, operationName: string, variables: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(variables).filter(([name]) => !cursors.has(name));
  return JSON.stringify([id, operationName, entries.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
