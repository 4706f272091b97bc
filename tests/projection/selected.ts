import type { SelectionSetNode } from 'graphql';
import { Kind, parse } from 'graphql';

const parsed = new Map<string, SelectionSetNode>();

/** Of an answer to several selections at once, what one of them asked for. */
export function selected(fields: string, answer: unknown): unknown {
  const known = parsed.get(fields) ?? selectionOf(fields);
  parsed.set(fields, known);
  return within(known, answer);
}

function selectionOf(fields: string): SelectionSetNode {
  const [definition] = parse(`{ ${fields} }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`${fields} selects nothing`);
  return definition.selectionSet;
}

function within({ selections }: SelectionSetNode, answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map((one: unknown) => within({ kind: Kind.SELECTION_SET, selections }, one));
  if (typeof answer !== 'object' || answer === null) return answer;
  const entries = selections.flatMap((selection): [string, unknown][] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return Object.entries(within(selection.selectionSet, answer) as object);
    if (selection.kind !== Kind.FIELD) return [];
    const name = selection.alias?.value ?? selection.name.value;
    const value: unknown = (answer as Record<string, unknown>)[name];
    return value === undefined ? [] : [[name, selection.selectionSet === undefined ? value : within(selection.selectionSet, value)]];
  });
  return Object.fromEntries(entries);
}
