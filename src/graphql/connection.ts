import { Field, ObjectType } from 'type-graphql';
import type { ClassType } from 'type-graphql';
import { badInput } from '../errors/domain-error';
import { decodeCursor, encodeCursor } from '../lib/cursor';
import type { IdKind } from '../lib/ids';
import type { Keyset } from '../lib/keyset';
import type { Estimate } from './cost';

export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 25;

@ObjectType({ description: 'Where a page stands in its list (Relay Cursor Connections).' })
export class PageInfo {
  @Field({ description: 'Whether more follow after `endCursor`.' })
  hasNextPage!: boolean;

  @Field({ description: 'Whether more stand before `startCursor`.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "The first edge's cursor; null on an empty page." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "The last edge's cursor; null on an empty page." })
  endCursor!: string | null;
}

export interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

export interface Connection<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo;
}

/** The `XConnection` and `XEdge` types of one node type. Extend the connection class to add fields such as `totalCount`. */
export function connectionTypes<T extends object>(name: string, node: () => ClassType<T>) {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list, with its place.` })
  class EdgeType implements Edge<T> {
    @Field({ description: 'The place of this node in the list; opaque.' })
    readonly cursor!: string;

    @Field(() => node(), { description: `The ${name}.` })
    readonly node!: T;
  }

  @ObjectType({ description: `A page of ${name}s.` })
  abstract class ConnectionType implements Connection<T> {
    @Field(() => [EdgeType], { description: 'The page, in order.', complexity: 0 })
    edges!: EdgeType[];

    @Field(() => PageInfo, { description: 'Where the page stands in the list.', complexity: 0 })
    pageInfo!: PageInfo;
  }
  return { EdgeType, ConnectionType };
}

/** Relay's four arguments as a client gave them; null counts as absent. */
export interface PageArgs {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

/**
 * What a list costs that takes `first` or `last`: a row, as often as there may be one. Without a size it is the page that is then given.
 * A size out of bounds is refused when the list is read.
 */
export const pageCost: Estimate = ({ args, childComplexity }) => 1 + childComplexity * pageSize(args);

function pageSize({ first, last }: PageArgs): number {
  const size = first ?? last ?? DEFAULT_PAGE_SIZE;
  return Math.min(Math.max(size, 1), MAX_PAGE_SIZE);
}

/** What a list costs that has no pages, and never more than so many items. */
export function listCost(items: number): Estimate {
  return ({ childComplexity }) => 1 + childComplexity * items;
}

/** A validated request for one page: `size` rows from one end of what lies strictly beyond the cursor's parts. */
export interface PageRequest {
  readonly direction: 'forward' | 'backward';
  readonly size: number;
  /** The parts of the cursor to start beyond, or null to start at the list's end. */
  readonly beyond: readonly string[] | null;
}

/**
 * Checks the arguments and decodes the cursor. `tag` names the list and its order: a cursor of another is refused.
 * Throws BAD_USER_INPUT for sizes outside 1…100 (0 included), both directions at once, or a cursor not made by `toConnection`.
 */
export function pageRequest(args: PageArgs, tag: string, partCount: number): PageRequest {
  const { first, after, last, before } = args;
  if (first != null && last != null) throw badInput('last', 'cannot be used together with first');
  const backward = last != null || (before != null && first == null);
  if (backward && after != null) throw badInput('after', 'cannot be used together with last or before');
  if (!backward && before != null) throw badInput('before', 'cannot be used together with first');
  const [name, size] = backward ? (['last', last] as const) : (['first', first] as const);
  if (size != null && (size < 1 || size > MAX_PAGE_SIZE)) throw badInput(name, `must be from 1 to ${MAX_PAGE_SIZE}`);
  const cursor = backward ? before : after;
  const beyond = cursor == null ? null : decodeCursor(tag, cursor, partCount);
  if (cursor != null && beyond === null) throw badInput(backward ? 'before' : 'after', 'is not a cursor of this list');
  return { direction: backward ? 'backward' : 'forward', size: size ?? DEFAULT_PAGE_SIZE, beyond };
}

/**
 * Where a page goes on of a list that is ordered by time, then by id, from the two parts of its cursor; null at the list's end. Throws
 * BAD_USER_INPUT for a cursor with other parts.
 */
export function keysetOf({ beyond }: PageRequest, ids: IdKind): Keyset | null {
  if (beyond === null) return null;
  const [milliseconds = '', id = ''] = beyond;
  if (!/^\d{1,13}$/.test(milliseconds) || !ids.is(id)) throw badInput('after', 'is not a cursor of this list');
  return { createdAt: new Date(Number(milliseconds)), id };
}

/**
 * Builds the page from `size + 1` fetched rows (the extra one only tells that more exist), in fetch order: for a backward request
 * that is the reverse of list order. `cursorOf` gives the parts that `pageRequest` will decode.
 */
export function toConnection<R, T>(
  request: PageRequest,
  tag: string,
  rows: readonly R[],
  cursorOf: (row: R) => readonly (string | number)[],
  toNode: (row: R) => T,
): Connection<T> {
  const more = rows.length > request.size;
  const page = rows.slice(0, request.size);
  if (request.direction === 'backward') page.reverse();
  const toCursor = (row: R): string => encodeCursor(tag, cursorOf(row));
  const edges = page.map((row) => new RowEdge(toNode(row), row, toCursor));
  const started = request.beyond !== null;
  const [hasNextPage, hasPreviousPage] = request.direction === 'forward' ? [more, started] : [started, more];
  return { edges, pageInfo: new EdgesInfo(edges, hasNextPage, hasPreviousPage) };
}

/** Its cursor is made when it is asked for: most clients ask for `endCursor` alone. */
class RowEdge<R, T> implements Edge<T> {
  constructor(
    readonly node: T,
    private readonly row: R,
    private readonly toCursor: (row: R) => string,
  ) {}

  get cursor(): string {
    return this.toCursor(this.row);
  }
}

/**
 * A class for the sake of its getters: an object literal that has some is of a shape of its own each time, and V8 keeps every shape, with
 * the page that its getters know, until the next full collection.
 */
class EdgesInfo implements PageInfo {
  constructor(
    private readonly edges: readonly Edge<unknown>[],
    readonly hasNextPage: boolean,
    readonly hasPreviousPage: boolean,
  ) {}

  get startCursor(): string | null {
    return this.edges[0]?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.edges.at(-1)?.cursor ?? null;
  }
}
