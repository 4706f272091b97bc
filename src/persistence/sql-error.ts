/** A statement failed for a reason of its own: constraint, cast, syntax. `state` is the SQLSTATE. */
export class SqlError extends Error {
  readonly state: string;
  readonly constraint: string | null;

  constructor(message: string, options: { state: string; constraint: string | null; cause: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'SqlError';
    this.state = options.state;
    this.constraint = options.constraint;
  }
}

export const UNIQUE_VIOLATION = '23505';

/** Whether `error` is a breach of that unique constraint (any, when none is named). */
export function isUniqueViolation(error: unknown, constraint?: string): error is SqlError {
  return error instanceof SqlError && error.state === UNIQUE_VIOLATION && (constraint === undefined || error.constraint === constraint);
}

const EXCLUSION_VIOLATION = '23P01';

/** Whether `error` is a breach of that exclusion constraint. */
export function isExclusionViolation(error: unknown, constraint: string): error is SqlError {
  return error instanceof SqlError && error.state === EXCLUSION_VIOLATION && error.constraint === constraint;
}
