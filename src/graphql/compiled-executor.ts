import type {
  DocumentNode,
  ExecutionArgs,
  ExecutionResult,
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import { assertValidSchema, execute as executeByReference, getVariableValues, Kind, OperationTypeNode, visit } from 'graphql';
import type { Conditions } from './collect-fields';
import { Failures, isPromise } from './execution-run';
import type { Eventually, Fields, Run } from './execution-run';
import { Selection } from './selection';

/** As many plans of one operation are kept: one for each combination of what its `@skip` and `@include` are given. */
const MAX_PLANS = 16;

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
    const plan = new Selection(run, rootType, [this.operation.selectionSet]);
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
