import type { GraphQLError, OperationDefinitionNode, ResponsePath as Path } from 'graphql';
import { locatedError, responsePathAsArray } from 'graphql';
import type { Conditions, Nodes } from './collect-fields';

export type { Path };
export type Eventually<T> = T | Promise<T>;
export type Fields = Record<string, unknown>;

/** One execution. */
export interface Run extends Conditions {
  readonly operation: OperationDefinitionNode;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variableValues: Fields;
  readonly failures: Failures;
}

/** The errors to answer: one below a place that is null already is not told. */
export class Failures {
  readonly errors: GraphQLError[] = [];
  private readonly places = new Set<Path | undefined>();

  add(error: GraphQLError, path: Path | undefined): void {
    if (this.isNull(path)) return;
    this.places.add(path);
    this.errors.push(error);
  }

  private isNull(start: Path | undefined): boolean {
    for (let path = start; path !== undefined; path = path.prev) if (this.places.has(path)) return true;
    return this.places.has(undefined);
  }
}

/** Null in its place if that may be null; otherwise whoever holds it fails in turn. */
export function fieldFailed(run: Run, error: unknown, nodes: Nodes, path: Path | undefined, nullable: boolean): null {
  const located = locatedError(error, nodes, path === undefined ? [] : responsePathAsArray(path));
  if (!nullable) throw located;
  run.failures.add(located, path);
  return null;
}

export function addPath(prev: Path | undefined, key: string | number, typename: string | undefined): Path {
  return { prev, key, typename };
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Promise<unknown>>).then === 'function';
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
