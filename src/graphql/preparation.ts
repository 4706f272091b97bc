import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { GraphQLError, Kind, parse, specifiedRules, validate } from 'graphql';
import { costsOf } from './cost';
import { DocumentCache } from './document-cache';
import type { CheckedDocument } from './document-cache';
import { checkDocument, isIntrospection } from './document-limits';
import { requestError } from './error-format';
import { checkVariables } from './input-limits';
import type { Limits } from './limits';
import { overLimit } from './limits';
import { NamedDocuments, refusal } from './named-documents';
import type { TrustedDocuments } from './named-documents';
import type { OperationRequest, PreparedOperation } from './operation';
import { sharingOf } from './shareable';
import { checkVariableTypes } from './variables';

/**
 * What is done for a request before anybody asks who sent it: find the document → parse → limits → validate → choose the operation →
 * variables → cost. A document that has passed is remembered with what follows from it.
 */
export class Preparation {
  readonly documents = new DocumentCache();
  readonly namedDocuments: NamedDocuments;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly limits: Limits,
    trusted: TrustedDocuments | undefined,
  ) {
    this.namedDocuments = new NamedDocuments(trusted);
  }

  /** Never throws. */
  prepare(request: OperationRequest): PreparedOperation {
    const startedAt = performance.now();
    try {
      const { document, introspects, sharing, costs } = this.checkedDocument(this.namedDocuments.textOf(request));
      const operation = chosenOperation(document, request.operationName ?? null);
      const variables = request.variables ?? {};
      checkVariables(variables, this.limits);
      if ((operation.variableDefinitions?.length ?? 0) > 0) checkVariableTypes(this.schema, operation, variables);
      const cost = this.affordable(costs.get(operation)?.(variables) ?? 1);
      const tellsCost = request.extensions?.cost === true;
      return { ok: true, document, operation, introspects, sharing, cost, tellsCost, variables, startedAt };
    } catch (error) {
      return { ok: false, errors: error instanceof Refused ? error.errors : [error], startedAt };
    }
  }

  private checkedDocument(text: string): CheckedDocument {
    const known = this.documents.get(text);
    if (known !== undefined) return known;
    const document = this.parse(text);
    checkDocument(document, this.limits);
    const errors = validate(this.schema, document, specifiedRules, {
      maxErrors: this.limits.errorsPerAnswer,
      hideSuggestions: true,
    });
    if (errors.length > 0) throw new Refused(errors.map((error) => requestError(error, 'GRAPHQL_VALIDATION_FAILED')));
    const checked: CheckedDocument = {
      document,
      introspects: isIntrospection(document),
      sharing: sharingOf(this.schema, document),
      costs: costsOf(this.schema, document),
    };
    this.documents.set(text, checked);
    return checked;
  }

  private affordable(cost: number): number {
    if (cost > this.limits.cost) throw overLimit('cost', this.limits.cost, { cost });
    return cost;
  }

  private parse(text: string): DocumentNode {
    const { documentBytes, tokens, inputDepth } = this.limits;
    if (text.length > documentBytes || Buffer.byteLength(text) > documentBytes) throw overLimit('documentBytes', documentBytes);
    try {
      return parse(text, { maxTokens: tokens });
    } catch (error) {
      // The parser calls itself for each nested value and overflows the stack long before it is out of tokens.
      if (error instanceof RangeError) throw overLimit('inputDepth', inputDepth);
      if (!(error instanceof GraphQLError)) throw error;
      if (error.message.startsWith('Syntax Error: Document contains more that')) throw overLimit('tokens', tokens);
      throw requestError(error, 'GRAPHQL_PARSE_FAILED');
    }
  }
}

/** Carries several errors to the place where they are answered. */
export class Refused extends Error {
  constructor(readonly errors: readonly unknown[]) {
    super('refused');
  }
}

/** As GraphQL has it: by name, or the only one. */
function chosenOperation({ definitions }: DocumentNode, name: string | null): OperationDefinitionNode {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [chosen, other] = name === null ? operations : operations.filter((operation) => operation.name?.value === name);
  if (chosen !== undefined && other === undefined) return chosen;
  throw refusal('OPERATION_RESOLUTION_FAILURE', name === null ? 'Name the operation to execute.' : 'There is no operation of this name.');
}
