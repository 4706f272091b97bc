import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLObjectType,
  GraphQLSchema,
  NamedTypeNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { getArgumentValues, getNamedType, isAbstractType, isCompositeType, Kind, valueFromASTUntyped, visit } from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/** Points that depend on nothing but the document, or on the page sizes among the variables too. */
type Points = number | ((variables: Variables) => number);

/** A `complexity` of type-graphql's that is more than a number of points beside those of the selection. */
export type Estimate = (about: { readonly args: Readonly<Record<string, unknown>>; readonly childComplexity: number }) => number;

/** Something to look up or to work out; a plain property of what is there already costs nothing. */
const COMPUTED_POINTS = 1;
/** A mutation locks, writes and tells others. */
const MUTATION_POINTS = 5;
/** The whole schema is a long answer. */
const INTROSPECTION_POINTS = 100;

/** What an operation costs with these variables: in points, as if everything that it may skip or include were there. */
export type Cost = (variables: Variables) => number;

/**
 * Goes through a valid document once. What remains for each request is the arithmetic of the page sizes that are given by variables, and
 * nothing where none is.
 */
export function costsOf(schema: GraphQLSchema, document: DocumentNode): ReadonlyMap<OperationDefinitionNode, Cost> {
  const planner = new CostPlanner(schema, document);
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return new Map(operations.map((operation) => [operation, planner.costOf(operation)]));
}

class CostPlanner {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  /** Spread twice, planned once. */
  private readonly planned = new Map<SelectionSetNode, Map<GraphQLObjectType, Points>>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  costOf(operation: OperationDefinitionNode): Cost {
    const root = this.schema.getRootType(operation.operation);
    const points = root ? this.pointsOf(operation.selectionSet, root) : 0;
    if (typeof points === 'number') return () => Math.max(1, points);
    const defaults = defaultsOf(operation);
    return (variables) => Math.max(1, points({ ...defaults, ...variables }));
  }

  /** Of an interface or a union the type that costs most: an object has one type only. */
  private pointsOf(selections: SelectionSetNode, type: GraphQLCompositeType): Points {
    if (!isAbstractType(type)) return this.pointsOn(selections, type);
    return combined(
      this.schema.getPossibleTypes(type).map((possible) => this.pointsOn(selections, possible)),
      (parts) => Math.max(...parts),
    );
  }

  private pointsOn(selections: SelectionSetNode, type: GraphQLObjectType): Points {
    const byType = this.planned.get(selections) ?? new Map<GraphQLObjectType, Points>();
    this.planned.set(selections, byType);
    const points =
      byType.get(type) ??
      combined(
        selections.selections.map((selection) => this.pointsOfSelection(selection, type)),
        (parts) => parts.reduce((sum, part) => sum + part, 0),
      );
    byType.set(type, points);
    return points;
  }

  private pointsOfSelection(selection: SelectionNode, type: GraphQLObjectType): Points {
    if (selection.kind === Kind.FIELD) return this.pointsOfField(selection, type);
    const part = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
    return part !== undefined && this.applies(part.typeCondition, type) ? this.pointsOn(part.selectionSet, type) : 0;
  }

  private applies(condition: NamedTypeNode | undefined, type: GraphQLObjectType): boolean {
    const wanted = condition === undefined ? type : this.schema.getType(condition.name.value);
    return wanted === type || (isAbstractType(wanted) && this.schema.isSubType(wanted, type));
  }

  private pointsOfField(node: FieldNode, parent: GraphQLObjectType): Points {
    const field = parent.getFields()[node.name.value];
    if (field === undefined) return node.name.value === '__typename' ? 0 : INTROSPECTION_POINTS;
    const type = getNamedType(field.type);
    const below = node.selectionSet !== undefined && isCompositeType(type) ? this.pointsOf(node.selectionSet, type) : 0;
    const { complexity = this.usualPoints(field, parent) } = field.extensions as { readonly complexity?: number | Estimate };
    if (typeof complexity === 'number') return combined([below], ([childComplexity = 0]) => complexity + childComplexity);
    const args = argumentsOf(field, node);
    if (typeof args !== 'function') return combined([below], ([childComplexity = 0]) => complexity({ args, childComplexity }));
    return (variables) => complexity({ args: args(variables), childComplexity: valueOf(below, variables) });
  }

  private usualPoints(field: GraphQLField<unknown, unknown>, parent: GraphQLObjectType): number {
    if (parent === this.schema.getMutationType()) return MUTATION_POINTS;
    return isCompositeType(getNamedType(field.type)) || field.resolve !== undefined ? COMPUTED_POINTS : 0;
  }
}

/** Worked out now when every part is known, else for each request. */
function combined(parts: readonly Points[], combine: (parts: readonly number[]) => number): Points {
  if (parts.every((part) => typeof part === 'number')) return combine(parts);
  return (variables) => combine(parts.map((part) => valueOf(part, variables)));
}

function valueOf(points: Points, variables: Variables): number {
  return typeof points === 'number' ? points : points(variables);
}

type Arguments = Readonly<Record<string, unknown>>;

function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Arguments | ((variables: Variables) => Arguments) {
  const read = (variables: Variables): Arguments => {
    try {
      return getArgumentValues(field, node, variables);
    } catch {
      // What is missing or of the wrong form is refused when it is executed.
      return {};
    }
  };
  return usesVariables(node) ? read : read({});
}

function usesVariables(node: FieldNode): boolean {
  let found = false;
  for (const argument of node.arguments ?? []) visit(argument, { Variable: () => void (found = true) });
  return found;
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Variables {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  );
}
