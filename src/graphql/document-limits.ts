import type {
  ConstDirectiveNode,
  ConstValueNode,
  DefinitionNode,
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  ValueNode,
} from 'graphql';
import { Kind } from 'graphql';
import { requireCleanText } from './input-limits';
import type { Limits } from './limits';
import { overLimit } from './limits';

/** What a selection costs, with its fragments written out. */
interface Weight {
  depth: number;
  introspectionDepth: number;
  fields: number;
  aliases: number;
  directives: number;
  /** How often each response name stands at this level: fragments spread here add theirs. */
  readonly names: Map<string, number>;
}

/** Throws QUERY_TOO_COMPLEX, or BAD_USER_INPUT for text that no field can hold. Says nothing of whether the document is valid. */
export function checkDocument(document: DocumentNode, limits: Limits): void {
  const scale = new Scale(document, limits);
  for (const definition of document.definitions) scale.check(definition);
}

/** Whether an operation of the document asks for the schema itself. */
export function isIntrospection(document: DocumentNode): boolean {
  return document.definitions.some((definition) => 'selectionSet' in definition && asksForSchema(definition.selectionSet));
}

function asksForSchema({ selections }: SelectionSetNode): boolean {
  return selections.some(
    (selection) =>
      (selection.kind === Kind.FIELD && isSchemaField(selection)) ||
      (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined && asksForSchema(selection.selectionSet)),
  );
}

function isSchemaField({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

/**
 * Weighs each fragment once, so that fragments spreading fragments cannot multiply the work, and stops at the first limit. A fragment
 * that spreads itself weighs nothing there: validation refuses it later.
 */
class Scale {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly weighed = new Map<string, Weight>();

  constructor(
    document: DocumentNode,
    private readonly limits: Limits,
  ) {
    let count = 0;
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      this.fragments.set(definition.name.value, definition);
      count += 1;
    }
    if (count > limits.fragments) throw overLimit('fragments', limits.fragments);
  }

  check(definition: DefinitionNode): void {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) this.weighFragment(definition.name.value);
    else if (definition.kind === Kind.OPERATION_DEFINITION) this.checkOperation(definition);
  }

  private checkOperation(operation: OperationDefinitionNode): void {
    const weight = empty();
    this.addDirectives(weight, operation.directives);
    for (const variable of operation.variableDefinitions ?? []) {
      this.addDirectives(weight, variable.directives);
      if (variable.defaultValue !== undefined) this.checkValue(variable.defaultValue, 0);
    }
    this.addSelections(weight, operation.selectionSet);
    const rootFields = [...weight.names.values()].reduce((sum, count) => sum + count, 0);
    if (weight.depth > this.limits.depth) throw overLimit('depth', this.limits.depth);
    if (rootFields > this.limits.rootFields) throw overLimit('rootFields', this.limits.rootFields);
  }

  private weighFragment(name: string): Weight {
    const known = this.weighed.get(name);
    if (known !== undefined) return known;
    const weight = empty();
    this.weighed.set(name, weight);
    const fragment = this.fragments.get(name);
    if (fragment === undefined) return weight;
    const whole = empty();
    this.addDirectives(whole, fragment.directives);
    this.addSelections(whole, fragment.selectionSet);
    this.weighed.set(name, whole);
    return whole;
  }

  private addSelections(weight: Weight, { selections }: SelectionSetNode): void {
    for (const selection of selections) {
      this.addDirectives(weight, selection.directives);
      this.addSelection(weight, selection);
      this.checkWeight(weight);
    }
  }

  private addSelection(weight: Weight, selection: SelectionNode): void {
    if (selection.kind === Kind.FIELD) this.addField(weight, selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) this.addSelections(weight, selection.selectionSet);
    else this.addLevel(weight, this.weighFragment(selection.name.value));
  }

  private addField(weight: Weight, field: FieldNode): void {
    for (const argument of field.arguments ?? []) this.checkValue(argument.value, 0);
    this.addName(weight, field.alias?.value ?? field.name.value, 1);
    weight.fields += 1;
    if (field.alias !== undefined) weight.aliases += 1;
    const below = empty();
    if (field.selectionSet !== undefined) this.addSelections(below, field.selectionSet);
    this.addCounts(weight, below);
    if (isSchemaField(field)) weight.introspectionDepth = Math.max(weight.introspectionDepth, 1 + below.depth);
    else weight.depth = Math.max(weight.depth, 1 + below.depth);
  }

  private addLevel(weight: Weight, spread: Weight): void {
    for (const [name, count] of spread.names) this.addName(weight, name, count);
    this.addCounts(weight, spread);
    weight.depth = Math.max(weight.depth, spread.depth);
  }

  private addCounts(weight: Weight, part: Weight): void {
    weight.fields += part.fields;
    weight.aliases += part.aliases;
    weight.directives += part.directives;
    weight.introspectionDepth = Math.max(weight.introspectionDepth, part.introspectionDepth);
  }

  private addName(weight: Weight, name: string, count: number): void {
    const repeats = (weight.names.get(name) ?? 0) + count;
    if (repeats > this.limits.fieldRepeats) throw overLimit('fieldRepeats', this.limits.fieldRepeats);
    weight.names.set(name, repeats);
  }

  private addDirectives(weight: Weight, directives: readonly (DirectiveNode | ConstDirectiveNode)[] = []): void {
    weight.directives += directives.length;
    this.checkWeight(weight);
    for (const directive of directives) for (const argument of directive.arguments ?? []) this.checkValue(argument.value, 0);
  }

  private checkWeight(weight: Weight): void {
    const { limits } = this;
    if (weight.fields > limits.fields) throw overLimit('fields', limits.fields);
    if (weight.aliases > limits.aliases) throw overLimit('aliases', limits.aliases);
    if (weight.directives > limits.directives) throw overLimit('directives', limits.directives);
    if (weight.introspectionDepth > limits.introspectionDepth) throw overLimit('introspectionDepth', limits.introspectionDepth);
  }

  private checkValue(value: ValueNode | ConstValueNode, depth: number): void {
    if (depth > this.limits.inputDepth) throw overLimit('inputDepth', this.limits.inputDepth);
    if (value.kind === Kind.STRING) requireCleanText(value.value, 'A string in the document');
    else if (value.kind === Kind.LIST) for (const item of value.values) this.checkValue(item, depth + 1);
    else if (value.kind === Kind.OBJECT) for (const field of value.fields) this.checkValue(field.value, depth + 1);
  }
}

function empty(): Weight {
  return { depth: 0, introspectionDepth: 0, fields: 0, aliases: 0, directives: 0, names: new Map() };
}
