/** The closed list of `extensions.code`. What each means, and whether a retry can help, is printed into docs/error-codes.md. */
export const ERROR_CODES = {
  UNAUTHENTICATED: { meaning: 'Nobody is signed in, or the token is not valid.', retryable: false },
  FORBIDDEN: { meaning: 'Signed in, but not allowed.', retryable: false },
  BAD_USER_INPUT: { meaning: 'A value has the wrong shape or is out of range; `details` names the fields.', retryable: false },
  NOT_FOUND: { meaning: 'It does not exist, or this viewer may not know that it does.', retryable: false },
  CONFLICT: { meaning: 'A race was lost, or the same thing exists already.', retryable: false },
  FAILED_PRECONDITION: { meaning: 'The right request in the wrong state; `reason` tells which.', retryable: false },
  PAYMENT_REQUIRED: { meaning: 'Billing does not allow it.', retryable: false },
  RATE_LIMITED: { meaning: 'Too many requests; `details.retryAfterMs` tells when to come back.', retryable: true },
  QUERY_TOO_COMPLEX: { meaning: 'The document is over a limit; `details.limit` names it.', retryable: false },
  PAYLOAD_TOO_LARGE: { meaning: 'The request is over a size limit; `details.limit` names it.', retryable: false },
  IDEMPOTENCY_CONFLICT: { meaning: 'The same client id was used before with other content.', retryable: false },
  UNAVAILABLE: { meaning: 'Something the request needs is down, or the server is shutting down.', retryable: true },
  INTERNAL_SERVER_ERROR: { meaning: 'A fault of ours; the `requestId` finds it in the logs.', retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface DomainErrorOptions {
  /** Safe to show; never holds input, secrets or names of inner things. */
  message: string;
  /** Machine-readable and open: each room declares its own, e.g. `SESSION_NOT_LIVE`. */
  reason: string;
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** The one error that may leave the server with its own words. Everything else is masked as INTERNAL_SERVER_ERROR. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly details?: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, { message, reason, details, cause }: DomainErrorOptions) {
    super(message, { cause });
    this.name = 'DomainError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** The answer for "absent" and for "not yours" alike, so that the two cannot be told apart. */
export function notFound(thing: string): DomainError {
  return new DomainError('NOT_FOUND', { message: `${thing} not found.`, reason: 'NOT_FOUND' });
}

export function unauthenticated(reason = 'SIGN_IN_REQUIRED', message = 'Sign in first.'): DomainError {
  return new DomainError('UNAUTHENTICATED', { message, reason });
}

export function forbidden(reason: string, message = 'Not allowed.'): DomainError {
  return new DomainError('FORBIDDEN', { message, reason });
}

/** One field's value is wrong. `field` is the path inside the input, as the client wrote it. */
export function badInput(field: string, problem: string): DomainError {
  return new DomainError('BAD_USER_INPUT', {
    message: `${field} ${problem}.`,
    reason: 'INVALID_VALUE',
    details: { fields: [{ path: field, problem }] },
  });
}

export function unavailable(reason: string, cause?: unknown): DomainError {
  return new DomainError('UNAVAILABLE', { message: 'Temporarily unavailable. Try again.', reason, cause });
}

export function preconditionFailed(reason: string, message: string): DomainError {
  return new DomainError('FAILED_PRECONDITION', { message, reason });
}
