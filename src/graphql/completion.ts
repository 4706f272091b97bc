import type { GraphQLAbstractType, GraphQLLeafType, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo } from 'graphql';
import { defaultTypeResolver, GraphQLError, isLeafType, isListType, isNonNullType, isObjectType } from 'graphql';
import type { Nodes } from './collect-fields';
import { addPath, fieldFailed, isObject, isPromise } from './execution-run';
import type { Eventually, Fields, Path, Run } from './execution-run';

/** The field that a value belongs to, for its parts and for its errors. */
export interface Place {
  readonly nodes: Nodes;
  /** `Type.field` */
  readonly name: string;
  /** Plans what is read there of objects of this type. */
  plan(run: Run, type: GraphQLObjectType): ObjectReader;
}

/** What is read of the objects of one type in one place. */
export interface ObjectReader {
  execute(run: Run, source: unknown, path: Path | undefined): Eventually<Fields>;
}

/** How a resolved value of one type becomes what is answered. */
export interface Completion {
  /** Whether `complete` must be given the field's `info`. */
  readonly needsInfo: boolean;
  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown;
}

export function completionOf(type: GraphQLOutputType, place: Place): Completion {
  if (isNonNullType(type)) return new NonNullCompletion(completionOf(type.ofType, place), place);
  if (isListType(type)) return new ListCompletion(type.ofType, place);
  if (isLeafType(type)) return new LeafCompletion(type);
  return isObjectType(type) ? new ObjectCompletion(type, place) : new AbstractCompletion(type, place);
}

class NonNullCompletion implements Completion {
  readonly needsInfo: boolean;

  constructor(
    private readonly inner: Completion,
    private readonly place: Place,
  ) {
    this.needsInfo = inner.needsInfo;
  }

  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown {
    const completed = this.inner.complete(run, value, path, info);
    if (completed === null) throw new Error(`Cannot return null for non-nullable field ${this.place.name}.`);
    return completed;
  }
}

class LeafCompletion implements Completion {
  readonly needsInfo = false;

  constructor(private readonly type: GraphQLLeafType) {}

  complete(_run: Run, value: unknown): unknown {
    if (value == null) return null;
    if (value instanceof Error) throw value;
    const serialized = this.type.serialize(value);
    if (serialized != null) return serialized;
    throw new Error(`${this.type.name} serializes a ${typeof value} to nothing.`);
  }
}

class ListCompletion implements Completion {
  readonly needsInfo: boolean;
  private readonly item: Completion;
  private readonly itemsNullable: boolean;

  constructor(
    itemType: GraphQLOutputType,
    private readonly place: Place,
  ) {
    this.item = completionOf(itemType, place);
    this.itemsNullable = !isNonNullType(itemType);
    this.needsInfo = this.item.needsInfo;
  }

  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown {
    if (value == null) return null;
    if (value instanceof Error) throw value;
    if (!isIterable(value)) throw new GraphQLError(`Expected Iterable, but did not find one for field "${this.place.name}".`);
    const completed: unknown[] = [];
    let waits = false;
    try {
      for (const item of value) {
        const result = this.completeItem(run, item, addPath(path, completed.length, undefined), info);
        if (isPromise(result)) waits = true;
        completed.push(result);
      }
    } catch (error) {
      // The items before it may reject: somebody must be listening.
      if (waits) void Promise.allSettled(completed);
      throw error;
    }
    return waits ? Promise.all(completed) : completed;
  }

  private completeItem(run: Run, item: unknown, path: Path, info: GraphQLResolveInfo | undefined): unknown {
    const failed = (error: unknown): null => fieldFailed(run, error, this.place.nodes, path, this.itemsNullable);
    try {
      const completed = isPromise(item)
        ? item.then((resolved) => this.item.complete(run, resolved, path, info))
        : this.item.complete(run, item, path, info);
      return isPromise(completed) ? completed.then(undefined, failed) : completed;
    } catch (error) {
      return failed(error);
    }
  }
}

class ObjectCompletion implements Completion {
  readonly needsInfo: boolean;
  private readonly readers: Readers;

  constructor(
    private readonly type: GraphQLObjectType,
    place: Place,
  ) {
    this.needsInfo = type.isTypeOf != null;
    this.readers = new Readers(place);
  }

  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown {
    if (value == null) return null;
    if (value instanceof Error) throw value;
    return this.readers.execute(run, this.type, value, path, info);
  }
}

class AbstractCompletion implements Completion {
  readonly needsInfo = true;
  private readonly readers: Readers;

  constructor(
    private readonly type: GraphQLAbstractType,
    private readonly place: Place,
  ) {
    this.readers = new Readers(place);
  }

  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown {
    if (value == null) return null;
    if (value instanceof Error) throw value;
    const resolveType = this.type.resolveType ?? defaultTypeResolver;
    const name = resolveType(value, run.contextValue, info as GraphQLResolveInfo, this.type);
    return isPromise(name)
      ? name.then((resolved) => this.readers.execute(run, this.objectType(run, resolved), value, path, info))
      : this.readers.execute(run, this.objectType(run, name), value, path, info);
  }

  private objectType({ schema }: Run, name: unknown): GraphQLObjectType {
    const type = typeof name === 'string' ? schema.getType(name) : undefined;
    if (isObjectType(type) && schema.isSubType(this.type, type)) return type;
    throw new GraphQLError(`${this.place.name} resolved to "${String(name)}", which is no type of ${this.type.name}.`, {
      nodes: this.place.nodes,
    });
  }
}

/** What one field reads of each type of object that it has met. */
class Readers {
  private readonly byType = new Map<GraphQLObjectType, ObjectReader>();

  constructor(private readonly place: Place) {}

  execute(
    run: Run,
    type: GraphQLObjectType,
    value: unknown,
    path: Path | undefined,
    info: GraphQLResolveInfo | undefined,
  ): Eventually<Fields> {
    const reader = this.byType.get(type) ?? this.add(run, type);
    if (type.isTypeOf == null) return reader.execute(run, value, path);
    const executeIf = (isOfType: boolean): Eventually<Fields> => {
      if (isOfType) return reader.execute(run, value, path);
      throw new GraphQLError(`${this.place.name} resolved to something that is no ${type.name}.`, { nodes: this.place.nodes });
    };
    const isOfType = type.isTypeOf(value, run.contextValue, info as GraphQLResolveInfo);
    return isPromise(isOfType) ? isOfType.then(executeIf) : executeIf(isOfType);
  }

  private add(run: Run, type: GraphQLObjectType): ObjectReader {
    const reader = this.place.plan(run, type);
    this.byType.set(type, reader);
    return reader;
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
}
