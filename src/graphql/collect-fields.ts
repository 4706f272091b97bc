import type {
  DirectiveNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  InlineFragmentNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { getDirectiveValues, GraphQLIncludeDirective, GraphQLSkipDirective, isAbstractType, Kind, typeFromAST } from 'graphql';

export type Nodes = readonly [FieldNode, ...FieldNode[]];

/** On what it depends which fields of a selection there are. */
export interface Conditions {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** The fields that these selections read of an object of this type, by response name, in the order of GraphQL: fragments written out. */
export function collectFields(conditions: Conditions, type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, Nodes> {
  const collector = new Collector(conditions, type);
  for (const set of sets) collector.collect(set);
  return collector.fields;
}

class Collector {
  readonly fields = new Map<string, Nodes>();
  private readonly spread = new Set<string>();

  constructor(
    private readonly conditions: Conditions,
    private readonly type: GraphQLObjectType,
  ) {}

  collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) if (this.isIncluded(selection)) this.add(selection);
  }

  private add(selection: SelectionNode): void {
    if (selection.kind === Kind.FIELD) this.addField(selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) this.addFragment(selection);
    else if (!this.spread.has(selection.name.value)) {
      this.spread.add(selection.name.value);
      this.addFragment(this.conditions.fragments[selection.name.value]);
    }
  }

  private addField(node: FieldNode): void {
    const key = (node.alias ?? node.name).value;
    const known = this.fields.get(key);
    this.fields.set(key, known === undefined ? [node] : [...known, node]);
  }

  private addFragment(fragment: FragmentDefinitionNode | InlineFragmentNode | undefined): void {
    if (fragment !== undefined && this.isFor(fragment)) this.collect(fragment.selectionSet);
  }

  private isFor({ typeCondition }: FragmentDefinitionNode | InlineFragmentNode): boolean {
    if (typeCondition === undefined) return true;
    const type = typeFromAST(this.conditions.schema, typeCondition);
    return type === this.type || (isAbstractType(type) && this.conditions.schema.isSubType(type, this.type));
  }

  private isIncluded(node: { readonly directives?: readonly DirectiveNode[] }): boolean {
    const { variableValues } = this.conditions;
    return (
      getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if !== true &&
      getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false
    );
  }
}
