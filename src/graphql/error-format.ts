import type { ValidationError } from 'class-validator';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { ArgumentValidationError } from 'type-graphql';
import type { ErrorCode } from '../errors/domain-error';
import { DomainError, ERROR_CODES } from '../errors/domain-error';
import type { FieldProblem } from './variables';

/** Apollo's words for what is wrong with the request itself, reused on every transport. */
export const REQUEST_ERROR_CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
] as const;

export type PublicErrorCode = ErrorCode | (typeof REQUEST_ERROR_CODES)[number];

/** What may leave the server. */
export interface PublicError extends GraphQLFormattedError {
  readonly extensions: {
    readonly code: PublicErrorCode;
    readonly reason?: string;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly retryable?: boolean;
    /** When to come back; also in `details`. */
    readonly retryAfterMs?: number;
    readonly requestId: string;
  };
}

const MAX_MESSAGE_LENGTH = 300;
const MAX_LOCATIONS = 3;
const MASKED = 'Something went wrong on our side.';

/** The root of what graphql-js wrapped, once for each level it passed. */
export function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
  return cause;
}

/** The only translator to the outside: whatever it does not know is masked. */
export function toPublicError(error: unknown, requestId: string): PublicError {
  const place = error instanceof GraphQLError ? placeOf(error) : {};
  const { message, code, reason, details } = translate(causeOf(error));
  const retryable = code in ERROR_CODES && ERROR_CODES[code as ErrorCode].retryable;
  return {
    message: message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message,
    ...place,
    extensions: {
      code,
      ...(reason !== undefined && { reason }),
      ...(details !== undefined && { details }),
      ...(retryable && { retryable }),
      ...(typeof details?.retryAfterMs === 'number' && { retryAfterMs: details.retryAfterMs }),
      requestId,
    },
  };
}

/** A syntax or validation error of graphql-js under Apollo's code, without what it repeats of the document's values. */
export function requestError(error: GraphQLError, code: (typeof REQUEST_ERROR_CODES)[number]): GraphQLError {
  const own = isPublicCode(error.extensions.code) ? error.extensions : undefined;
  const { nodes, source, positions } = error;
  return new GraphQLError(own === undefined ? withoutValues(error) : error.message, {
    nodes,
    source,
    positions,
    extensions: own ?? { code },
  });
}

interface Translation {
  readonly message: string;
  readonly code: PublicErrorCode;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

function translate(cause: unknown): Translation {
  if (cause instanceof DomainError) return cause.code === 'INTERNAL_SERVER_ERROR' ? masked() : cause;
  if (cause instanceof ArgumentValidationError) return invalidArguments(cause.extensions.validationErrors);
  if (cause instanceof GraphQLError) return translateGraphQL(cause);
  return masked();
}

function masked(): Translation {
  return { message: MASKED, code: 'INTERNAL_SERVER_ERROR' };
}

function translateGraphQL({ message, extensions }: GraphQLError): Translation {
  const { code, reason, details } = extensions;
  if (isPublicCode(code) && code !== 'INTERNAL_SERVER_ERROR') {
    return {
      message,
      code,
      ...(typeof reason === 'string' && { reason }),
      ...(typeof details === 'object' && { details: details as Readonly<Record<string, unknown>> }),
    };
  }
  // A nullable variable in a place that validation allowed because of a default: the caller's null, found while executing.
  const argument = /^Argument "(\w+)" (?:of (?:required|non-null) type|has invalid value)/.exec(message)?.[1];
  return argument === undefined ? masked() : invalidFields([{ path: argument, problem: 'is required' }]);
}

function isPublicCode(code: unknown): code is PublicErrorCode {
  return typeof code === 'string' && (Object.hasOwn(ERROR_CODES, code) || REQUEST_ERROR_CODES.some((known) => known === code));
}

function invalidArguments(errors: readonly ValidationError[]): Translation {
  return invalidFields(errors.flatMap((error) => fieldProblems(error, '')));
}

function invalidFields(fields: readonly FieldProblem[]): Translation {
  const [first] = fields;
  return {
    message: first === undefined ? 'The input is not valid.' : `${first.path} ${first.problem}.`,
    code: 'BAD_USER_INPUT',
    reason: 'INVALID_VALUE',
    details: { fields: fields.slice(0, 10) },
  };
}

/** class-validator's messages start with the property's name and never hold its value. */
function fieldProblems({ property, constraints = {}, children = [] }: ValidationError, parent: string): FieldProblem[] {
  const path = parent === '' ? property : `${parent}.${property}`;
  const own = Object.values(constraints).map((message) => ({ path, problem: message.replace(`${property} `, '') }));
  return [...own, ...children.flatMap((child) => fieldProblems(child, path))];
}

function placeOf({ path, locations }: GraphQLError): Pick<GraphQLFormattedError, 'path' | 'locations'> {
  return { ...(path !== undefined && { path }), ...(locations !== undefined && { locations: locations.slice(0, MAX_LOCATIONS) }) };
}

/** graphql-js shows the literal it did not like; we name the type that was expected and let the location point at it. */
function withoutValues({ message, nodes }: GraphQLError): string {
  const expected = /^Expected value of type "([^"]+)"|^(Int|Float|String|Boolean|ID) cannot represent|^Enum "(\w+)" cannot represent/.exec(
    message,
  );
  const type = expected?.slice(1).find((group) => group !== undefined);
  if (type !== undefined) return `Expected a value of type "${type}".`;
  // Scalars word their own refusals, usually around the value.
  if (nodes?.[0]?.kind.endsWith('Value') === true && !/^(Field|Value) "\w+(\.\w+)?" /.test(message))
    return 'A value is not valid for its type.';
  return message.replace(/found (String|BlockString|Int|Float|Name|Comment) "[\s\S]*$/, 'found $1.').replace(/ value: [\s\S]*$/, ' value.');
}
