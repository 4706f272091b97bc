import type { SqlValue } from './database';
import { parseTimestamp } from './timestamp';

type Scalar = Exclude<SqlValue, readonly unknown[]>;

const INT8 = 20;
const DATE = 1082;
const TIMESTAMPTZ = 1184;
const INTERVAL = 1186;
const INT8_ARRAY = 1016;

const asText = (value: string): string => value;

/** Array literals of numbers are JSON but for the brackets and the spelling of null. */
const numbers = (literal: string): unknown => JSON.parse(literal.replaceAll('{', '[').replaceAll('}', ']').replaceAll('NULL', 'null'));

/**
 * Column types that the two drivers read differently, not as `Db.sql` promises, or slowly, by oid. Given with each of our own statements,
 * never set globally: Prisma's adapters have their own readers.
 */
export const PARSERS: Readonly<Record<number, (value: string) => unknown>> = {
  [INT8]: Number,
  [INT8_ARRAY]: numbers,
  [DATE]: asText,
  [TIMESTAMPTZ]: parseTimestamp,
  [INTERVAL]: asText,
};

/**
 * Values in PostgreSQL's text form, the same for both drivers. Left alone, PGlite cannot write arrays of types made after it
 * was opened, and pg writes dates in local time.
 */
export function encode(values: readonly SqlValue[]): (string | null)[] {
  return values.map((value) => (Array.isArray(value) ? arrayLiteral(value) : scalar(value as Scalar)));
}

function scalar(value: Scalar): string | null {
  if (value === null) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}

function arrayLiteral(values: readonly Scalar[]): string {
  return `{${values.map((value) => quoted(scalar(value))).join(',')}}`;
}

function quoted(value: string | null): string {
  return value === null ? 'NULL' : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
