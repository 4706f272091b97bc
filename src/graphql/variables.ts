import type { GraphQLError, GraphQLInputType, GraphQLSchema, OperationDefinitionNode, VariableDefinitionNode } from 'graphql';
import { coerceInputValue, getNamedType, isInputObjectType, isInputType, isListType, isNonNullType, typeFromAST } from 'graphql';
import { DomainError, ERROR_CODES } from '../errors/domain-error';

export interface FieldProblem {
  /** As the client wrote it: `input.title`. */
  readonly path: string;
  readonly problem: string;
}

const MAX_PROBLEMS = 10;

/**
 * Throws BAD_USER_INPUT naming each variable field of the wrong shape. graphql-js would refuse the same values, but its messages repeat
 * them; ours say only what was expected, whatever executes the operation.
 */
export function checkVariableTypes(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): void {
  const problems: FieldProblem[] = [];
  let reason: string | undefined;
  for (const definition of operation.variableDefinitions ?? []) {
    reason = checkVariable(schema, definition, values, problems) ?? reason;
    if (problems.length >= MAX_PROBLEMS) break;
  }
  const [first] = problems;
  if (first === undefined) return;
  throw new DomainError('BAD_USER_INPUT', {
    message: `${first.path} ${first.problem}.`,
    reason: reason ?? 'INVALID_VALUE',
    details: { fields: problems.slice(0, MAX_PROBLEMS) },
  });
}

/** Adds the problems of one variable; returns the reason that a scalar of ours gave, if one did. */
function checkVariable(
  schema: GraphQLSchema,
  definition: VariableDefinitionNode,
  values: Readonly<Record<string, unknown>>,
  problems: FieldProblem[],
): string | undefined {
  const name = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type);
  if (!isInputType(type)) return undefined;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value == null) {
    const missing = value === undefined && definition.defaultValue !== undefined;
    if (isNonNullType(type) && !missing) problems.push({ path: name, problem: 'is required' });
    return undefined;
  }
  let reason: string | undefined;
  coerceInputValue(
    value,
    type,
    (path, wrong, error) => {
      if (problems.length >= MAX_PROBLEMS) return;
      reason = reasonOf(error) ?? reason;
      problems.push({ path: [name, ...path].join('.'), problem: problemOf(typeAt(type, path), wrong, error) });
    },
    true,
  );
  return reason;
}

function problemOf(type: GraphQLInputType, value: unknown, error: GraphQLError): string {
  if (error.message.startsWith('Field ')) return fieldProblem(error.message);
  if (value == null) return 'is required';
  if (reasonOf(error) !== undefined) return `is not valid: ${error.message.replace(/\.$/, '')}`;
  return isInputObjectType(type) ? 'must be an object' : `is not a valid ${getNamedType(type).name}`;
}

/** graphql-js reports missing and unknown fields at the object that should or should not have them. */
function fieldProblem(message: string): string {
  const missing = /^Field "(\w+)" of required type/.exec(message)?.[1];
  return missing === undefined ? 'has a field that does not exist' : `needs the field ${missing}`;
}

/** A scalar of ours says why in words that are safe to show. */
function reasonOf(error: GraphQLError): string | undefined {
  const { code, reason } = error.extensions;
  return typeof code === 'string' && code in ERROR_CODES && typeof reason === 'string' ? reason : undefined;
}

function typeAt(type: GraphQLInputType, path: readonly (string | number)[]): GraphQLInputType {
  let current = type;
  for (const key of path) {
    if (isNonNullType(current)) current = current.ofType;
    if (isListType(current) && typeof key === 'number') current = current.ofType;
    else if (isInputObjectType(current)) current = current.getFields()[key]?.type ?? current;
  }
  return isNonNullType(current) ? current.ofType : current;
}
