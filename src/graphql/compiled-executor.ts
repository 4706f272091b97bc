import type {
  DocumentNode,
  ExecutionArgs,
  ExecutionResult,
  FragmentDefinitionNode,
  GraphQLAbstractType,
  GraphQLField,
  GraphQLLeafType,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  ResponsePath as Path,
} from 'graphql';
import {
  assertValidSchema,
  defaultFieldResolver,
  defaultTypeResolver,
  execute as executeByReference,
  getArgumentValues,
  getVariableValues,
  GraphQLError,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  locatedError,
  OperationTypeNode,
  responsePathAsArray,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql';
import type { Conditions, Nodes } from './collect-fields';
import { collectFields } from './collect-fields';

/** As many plans of one operation are kept: one for each combination of what its `@skip` and `@include` are given. */
const MAX_PLANS = 16;

type Eventually<T> = T | Promise<T>;
type Fields = Record<string, unknown>;

/** One execution. */
interface Run extends Conditions {
  readonly operation: OperationDefinitionNode;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variableValues: Fields;
  readonly failures: Failures;
}

/**
 * graphql-js's `execute`, except that what follows from the document alone (which fields of which types, in which order) is worked out once
 * for each operation and kept as long as the document. Data, errors, their paths and their order are graphql-js's, which stays the
 * reference: `tests/graphql/compiled-executor.test.ts` compares the two. Nothing is compiled to source text.
 */
export class CompiledExecutor {
  private readonly documents = new WeakMap<DocumentNode, CompiledDocument>();

  readonly execute = (args: ExecutionArgs): Eventually<ExecutionResult> => {
    const { schema, document, operationName, rootValue, contextValue } = args;
    const { fragments, operations } = this.compiled(document, schema);
    const compiled = operations.get(operationName ?? '');
    if (compiled === undefined || args.fieldResolver != null || args.typeResolver != null) return executeByReference(args);

    const { operation } = compiled;
    const variables = getVariableValues(schema, operation.variableDefinitions ?? [], args.variableValues ?? {}, {
      maxErrors: args.options?.maxCoercionErrors ?? 50,
      hideSuggestions: args.hideSuggestions ?? false,
    });
    if (variables.errors !== undefined) return { errors: variables.errors };
    const run: Run = {
      schema,
      fragments,
      operation,
      rootValue,
      contextValue,
      variableValues: variables.coerced,
      failures: new Failures(),
    };
    const plan = compiled.planFor(run);
    return plan === null ? executeByReference(args) : executePlan(plan, run);
  };

  private compiled(document: DocumentNode, schema: GraphQLSchema): CompiledDocument {
    let compiled = this.documents.get(document);
    if (compiled === undefined) {
      assertValidSchema(schema);
      compiled = compile(document);
      this.documents.set(document, compiled);
    }
    return compiled;
  }
}

interface CompiledDocument {
  readonly fragments: Conditions['fragments'];
  /** By name; the only one of a document also by no name. */
  readonly operations: ReadonlyMap<string, CompiledOperation>;
}

function compile(document: DocumentNode): CompiledDocument {
  const fragments = Object.create(null) as Record<string, FragmentDefinitionNode>;
  const operations = new Map<string, CompiledOperation>();
  const conditions = conditionVariables(document);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    else if (definition.kind === Kind.OPERATION_DEFINITION)
      operations.set(definition.name?.value ?? '', new CompiledOperation(definition, conditions));
  }
  const [first] = operations.values();
  if (first !== undefined && operations.size === 1) operations.set('', first);
  return { fragments, operations };
}

/** The variables on which it depends what fields there are. */
function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

class CompiledOperation {
  private readonly plans = new Map<string, Selection>();

  constructor(
    readonly operation: OperationDefinitionNode,
    private readonly conditions: readonly string[],
  ) {}

  /** Null for what is left to graphql-js: a root type that does not exist, or one combination of conditions too many. */
  planFor(run: Run): Selection | null {
    const key = this.conditions.map((name) => String(run.variableValues[name])).join();
    const known = this.plans.get(key);
    if (known !== undefined) return known;
    const rootType = run.schema.getRootType(this.operation.operation);
    if (rootType == null || this.plans.size >= MAX_PLANS) return null;
    const plan = new Selection(run.schema, rootType, collectFields(run, rootType, [this.operation.selectionSet]));
    this.plans.set(key, plan);
    return plan;
  }
}

function executePlan(root: Selection, run: Run): Eventually<ExecutionResult> {
  const failed = (error: unknown): ExecutionResult => {
    run.failures.add(error as GraphQLError, undefined);
    return resultOf(run, null);
  };
  try {
    const serially = run.operation.operation === OperationTypeNode.MUTATION;
    const data = serially ? root.executeSerially(run, run.rootValue) : root.execute(run, run.rootValue, undefined);
    return isPromise(data) ? data.then((fields) => resultOf(run, fields), failed) : resultOf(run, data);
  } catch (error) {
    return failed(error);
  }
}

function resultOf({ failures: { errors } }: Run, data: Fields | null): ExecutionResult {
  return errors.length === 0 ? { data } : { errors, data };
}

/** The errors to answer: one below a place that is null already is not told. */
class Failures {
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

/** What is read of the objects of one type in one place. */
class Selection {
  private readonly fields: readonly Field[];
  /** An alias `__proto__` must be a name like any other. Elsewhere ordinary objects do, which are far faster to make and to print. */
  private readonly ordinary: boolean;

  constructor(schema: GraphQLSchema, type: GraphQLObjectType, nodes: ReadonlyMap<string, Nodes>) {
    this.fields = [...nodes].flatMap(([key, named]) => {
      const definition = fieldOf(schema, type, named[0].name.value);
      return definition === undefined ? [] : [new Field(key, named, type, definition)];
    });
    this.ordinary = !nodes.has('__proto__');
  }

  execute(run: Run, source: unknown, path: Path | undefined): Eventually<Fields> {
    const results = this.blank();
    let waits = false;
    try {
      for (const field of this.fields) {
        const result = field.execute(run, source, path);
        results[field.key] = result;
        if (isPromise(result)) waits = true;
      }
    } catch (error) {
      if (!waits) throw error;
      // Its siblings may reject as well: somebody must be listening.
      return settled(results).finally(() => {
        throw error;
      });
    }
    return waits ? settled(results) : results;
  }

  /** Each field after the one before it has ended, as mutations want it. */
  executeSerially(run: Run, source: unknown): Eventually<Fields> {
    const results = this.blank();
    let previous: Promise<unknown> | null = null;
    for (const field of this.fields) {
      const keep = (result: unknown): void => {
        results[field.key] = result;
      };
      const next = (): Eventually<void> => {
        const result = field.execute(run, source, undefined);
        return isPromise(result) ? result.then(keep) : keep(result);
      };
      const ended: Eventually<void> = previous === null ? next() : previous.then(next);
      if (isPromise(ended)) previous = ended;
    }
    return previous === null ? results : previous.then(() => results);
  }

  private blank(): Fields {
    return this.ordinary ? {} : (Object.create(null) as Fields);
  }
}

function fieldOf(schema: GraphQLSchema, type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  const meta = [SchemaMetaFieldDef, TypeMetaFieldDef].find((field) => field.name === name);
  return meta !== undefined && type === schema.getQueryType() ? meta : type.getFields()[name];
}

/** Puts what the promises among the fields bring in their places. */
function settled(fields: Fields): Promise<Fields> {
  return Promise.all(Object.values(fields)).then((values) => {
    Object.keys(fields).forEach((key, index) => {
      fields[key] = values[index];
    });
    return fields;
  });
}

/** One field of one type in one place. */
class Field {
  private readonly completion: Completion;
  private readonly nullable: boolean;
  /** A property of a scalar type needs neither a path nor anything else that resolvers are told, unless it fails. */
  private readonly isPlainLeaf: boolean;
  private readonly needsInfo: boolean;

  constructor(
    readonly key: string,
    private readonly nodes: Nodes,
    private readonly parentType: GraphQLObjectType,
    private readonly definition: GraphQLField<unknown, unknown>,
  ) {
    const { type, resolve, name } = definition;
    this.completion = completionOf(type, { nodes, name: `${parentType.name}.${name}` });
    this.nullable = !isNonNullType(type);
    this.needsInfo = resolve !== undefined || this.completion.needsInfo;
    this.isPlainLeaf = resolve === undefined && isLeafType(isNonNullType(type) ? type.ofType : type);
  }

  /** Throws or rejects when it failed and must not be null. */
  execute(run: Run, source: unknown, parentPath: Path | undefined): unknown {
    const path = this.isPlainLeaf ? undefined : this.pathBelow(parentPath);
    try {
      const info = this.needsInfo ? this.infoOf(run, path) : undefined;
      const value = this.resolve(run, source, parentPath, info);
      const completed = isPromise(value)
        ? value.then((resolved) => this.completion.complete(run, resolved, path, info))
        : this.completion.complete(run, value, path, info);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (error: unknown) => this.failed(run, error, path ?? this.pathBelow(parentPath)));
    } catch (error) {
      return this.failed(run, error, path ?? this.pathBelow(parentPath));
    }
  }

  private resolve(run: Run, source: unknown, parentPath: Path | undefined, info: GraphQLResolveInfo | undefined): unknown {
    const { resolve = defaultFieldResolver, name } = this.definition;
    if (resolve === defaultFieldResolver && isObject(source)) {
      const value = source[name];
      if (typeof value !== 'function') return value;
    }
    return resolve(source, this.argumentsOf(run), run.contextValue, info ?? this.infoOf(run, this.pathBelow(parentPath)));
  }

  private argumentsOf({ variableValues }: Run): Record<string, unknown> {
    return this.definition.args.length === 0 ? {} : getArgumentValues(this.definition, this.nodes[0], variableValues);
  }

  private infoOf(run: Run, path: Path | undefined): GraphQLResolveInfo {
    const { schema, fragments, rootValue, operation, variableValues } = run;
    return {
      fieldName: this.definition.name,
      fieldNodes: this.nodes,
      returnType: this.definition.type,
      parentType: this.parentType,
      path: path as Path,
      schema,
      fragments,
      rootValue,
      operation,
      variableValues,
    };
  }

  private pathBelow(parentPath: Path | undefined): Path {
    return addPath(parentPath, this.key, this.parentType.name);
  }

  private failed(run: Run, error: unknown, path: Path): null {
    return fieldFailed(run, error, this.nodes, path, this.nullable);
  }
}

/** Null in its place if that may be null; otherwise whoever holds it fails in turn. */
function fieldFailed(run: Run, error: unknown, nodes: Nodes, path: Path | undefined, nullable: boolean): null {
  const located = locatedError(error, nodes, path === undefined ? [] : responsePathAsArray(path));
  if (!nullable) throw located;
  run.failures.add(located, path);
  return null;
}

/** The field that a value belongs to, for its parts and for its errors. */
interface Place {
  readonly nodes: Nodes;
  /** `Type.field` */
  readonly name: string;
}

/** How a resolved value of one type becomes what is answered. */
interface Completion {
  /** Whether `complete` must be given the field's `info`. */
  readonly needsInfo: boolean;
  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown;
}

function completionOf(type: GraphQLOutputType, place: Place): Completion {
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
  private readonly selections: Selections;

  constructor(
    private readonly type: GraphQLObjectType,
    place: Place,
  ) {
    this.needsInfo = type.isTypeOf != null;
    this.selections = new Selections(place);
  }

  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown {
    if (value == null) return null;
    if (value instanceof Error) throw value;
    return this.selections.execute(run, this.type, value, path, info);
  }
}

class AbstractCompletion implements Completion {
  readonly needsInfo = true;
  private readonly selections: Selections;

  constructor(
    private readonly type: GraphQLAbstractType,
    private readonly place: Place,
  ) {
    this.selections = new Selections(place);
  }

  complete(run: Run, value: unknown, path: Path | undefined, info: GraphQLResolveInfo | undefined): unknown {
    if (value == null) return null;
    if (value instanceof Error) throw value;
    const resolveType = this.type.resolveType ?? defaultTypeResolver;
    const name = resolveType(value, run.contextValue, info as GraphQLResolveInfo, this.type);
    return isPromise(name)
      ? name.then((resolved) => this.selections.execute(run, this.objectType(run, resolved), value, path, info))
      : this.selections.execute(run, this.objectType(run, name), value, path, info);
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
class Selections {
  private readonly byType = new Map<GraphQLObjectType, Selection>();

  constructor(private readonly place: Place) {}

  execute(
    run: Run,
    type: GraphQLObjectType,
    value: unknown,
    path: Path | undefined,
    info: GraphQLResolveInfo | undefined,
  ): Eventually<Fields> {
    const selection = this.byType.get(type) ?? this.add(run, type);
    if (type.isTypeOf == null) return selection.execute(run, value, path);
    const executeIf = (isOfType: boolean): Eventually<Fields> => {
      if (isOfType) return selection.execute(run, value, path);
      throw new GraphQLError(`${this.place.name} resolved to something that is no ${type.name}.`, { nodes: this.place.nodes });
    };
    const isOfType = type.isTypeOf(value, run.contextValue, info as GraphQLResolveInfo);
    return isPromise(isOfType) ? isOfType.then(executeIf) : executeIf(isOfType);
  }

  private add(run: Run, type: GraphQLObjectType): Selection {
    const sets = this.place.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const selection = new Selection(run.schema, type, collectFields(run, type, sets));
    this.byType.set(type, selection);
    return selection;
  }
}

function addPath(prev: Path | undefined, key: string | number, typename: string | undefined): Path {
  return { prev, key, typename };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Promise<unknown>>).then === 'function';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
}
