import { DomainError } from '../errors/domain-error';
import type { Limits } from './limits';
import { overLimit } from './limits';

/** Half of a surrogate pair, which UTF-8 cannot carry. */
const LONE_SURROGATE = /\p{Surrogate}/u;
/** PostgreSQL's text cannot store it. */
const NUL = '\u0000';

function isStorable(text: string): boolean {
  return !text.includes(NUL) && !LONE_SURROGATE.test(text);
}

/** Throws BAD_USER_INPUT; the text itself is never shown. */
export function requireCleanText(text: string, what: string): void {
  if (!isStorable(text)) throw unclean(what, 'holds characters that text cannot hold');
}

function unclean(path: string, problem: string): DomainError {
  return new DomainError('BAD_USER_INPUT', {
    message: `${path} ${problem}.`,
    reason: 'INVALID_TEXT',
    details: { fields: [{ path, problem }] },
  });
}

/**
 * Throws PAYLOAD_TOO_LARGE or QUERY_TOO_COMPLEX for variables over a limit, BAD_USER_INPUT for text that no field can hold and for keys
 * that mean something to JavaScript objects.
 */
export function checkVariables(variables: unknown, limits: Limits): void {
  new VariablesScale(limits).add(variables, '', 0);
}

class VariablesScale {
  private bytes = 0;

  constructor(private readonly limits: Limits) {}

  add(value: unknown, path: string, depth: number): void {
    if (typeof value === 'string') this.addText(value, path);
    else if (typeof value === 'object' && value !== null) this.addNested(value, path, depth);
    else this.addBytes(8);
  }

  private addNested(value: object, path: string, depth: number): void {
    // The object that holds the variables is no level of its own.
    if (depth > this.limits.inputDepth) throw overLimit('inputDepth', this.limits.inputDepth);
    if (Array.isArray(value)) {
      for (const item of value as readonly unknown[]) this.add(item, path, depth + 1);
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      const below = path === '' ? key : `${path}.${key}`;
      if (key === '__proto__') throw unclean(shown(path), 'has a key that is not allowed');
      this.addText(key, path);
      this.add(item, below, depth + 1);
    }
  }

  private addText(text: string, path: string): void {
    this.addBytes(2 + Buffer.byteLength(text));
    if (!isStorable(text)) throw unclean(shown(path), 'holds characters that text cannot hold');
  }

  private addBytes(bytes: number): void {
    this.bytes += bytes + 1;
    if (this.bytes > this.limits.variablesBytes) throw overLimit('variablesBytes', this.limits.variablesBytes);
  }
}

/** A path is made of the caller's own keys: shown only as far as they are names. */
function shown(path: string): string {
  return path === '' || path.length > 200 || !/^[\w.]+$/.test(path) ? 'variables' : path;
}
