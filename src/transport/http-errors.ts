import { GraphQLError } from 'graphql';
import { DomainError } from '../errors/domain-error';
import type { PublicError, PublicErrorCode } from '../graphql/error-format';
import { toPublicError } from '../graphql/error-format';

/** The HTTP status of an operation that was refused as a whole. */
export function statusOf(code: PublicErrorCode): number {
  switch (code) {
    case 'UNAUTHENTICATED':
      return 401;
    case 'FORBIDDEN':
      return 403;
    case 'NOT_FOUND':
      return 404;
    case 'PAYLOAD_TOO_LARGE':
      return 413;
    case 'RATE_LIMITED':
      return 429;
    case 'INTERNAL_SERVER_ERROR':
      return 500;
    case 'UNAVAILABLE':
      return 503;
    default:
      return 400;
  }
}

/** What is wrong with an HTTP request before GraphQL has a word in it. */
export class HttpRefusal extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
    readonly reason: string,
  ) {
    super(message);
  }
}

/** GraphQL-shaped, so that clients read every answer alike. */
export interface ErrorBody {
  readonly errors: readonly PublicError[];
}

export function errorBody(error: unknown, requestId: string): ErrorBody {
  return { errors: [toPublicError(error instanceof HttpRefusal ? asGraphQL(error) : error, requestId)] };
}

export function errorStatus(error: unknown): number {
  if (error instanceof HttpRefusal) return error.statusCode;
  return error instanceof DomainError ? statusOf(error.code) : 500;
}

function asGraphQL({ statusCode, message, reason }: HttpRefusal): GraphQLError {
  return new GraphQLError(message, { extensions: { code: codeOf(statusCode), reason } });
}

function codeOf(status: number): PublicErrorCode {
  if (status === 404) return 'NOT_FOUND';
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  if (status === 429) return 'RATE_LIMITED';
  if (status === 503) return 'UNAVAILABLE';
  return 'BAD_REQUEST';
}
