import type { GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, SelectionSetNode } from 'graphql';
import {
  defaultFieldResolver,
  getArgumentValues,
  isLeafType,
  isNonNullType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { collectFields } from './collect-fields';
import type { Conditions, Nodes } from './collect-fields';
import { completionOf } from './completion';
import type { Completion, ObjectReader } from './completion';
import { addPath, fieldFailed, isObject, isPromise } from './execution-run';
import type { Eventually, Fields, Path, Run } from './execution-run';

/** The fields that one selection reads of objects of one type. */
export class Selection implements ObjectReader {
  private readonly fields: readonly Field[];
  /** An alias `__proto__` must be a name like any other. Elsewhere ordinary objects do, which are far faster to make and to print. */
  private readonly ordinary: boolean;

  constructor(conditions: Conditions, type: GraphQLObjectType, sets: readonly SelectionSetNode[]) {
    const nodes = collectFields(conditions, type, sets);
    this.fields = [...nodes].flatMap(([key, named]) => {
      const definition = fieldOf(conditions.schema, type, named[0].name.value);
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
    const plan = (run: Run, objectType: GraphQLObjectType): Selection => new Selection(run, objectType, selectionsOf(nodes));
    this.completion = completionOf(type, { nodes, name: `${parentType.name}.${name}`, plan });
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

function selectionsOf(nodes: Nodes): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}
