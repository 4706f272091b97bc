import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';

/** Documents are kept, and so is what was found out about them, as long as they are. */
const known = new WeakMap<OperationDefinitionNode, ReadonlySet<string>>();

/** The fields that a validated operation selects, named `Type.field`, with those of every fragment of its document. */
export function fieldsUsed(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<string> {
  const found = known.get(operation) ?? findFields(schema, document, operation);
  known.set(operation, found);
  return found;
}

function findFields(schema: GraphQLSchema, { definitions }: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<string> {
  const fields = new Set<string>();
  const types = new TypeInfo(schema);
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  visit(
    { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] },
    visitWithTypeInfo(types, { Field: ({ name }) => void fields.add(`${types.getParentType()?.name}.${name.value}`) }),
  );
  return fields;
}
