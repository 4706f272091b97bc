import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema, OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { createSourceEventStream, GraphQLError, Kind, parse, specifiedRules, validate } from 'graphql';
import { unavailable } from '../errors/domain-error';
import { withinTime } from '../lib/time-limit';
import type { Viewer } from '../lib/viewer';
import { CompiledExecutor } from './compiled-executor';
import type { Context } from './context';
import { DocumentCache } from './document-cache';
import type { CheckedDocument } from './document-cache';
import { checkDocument, isIntrospection } from './document-limits';
import { causeOf, requestError, toPublicError } from './error-format';
import type { PublicError, PublicErrorCode } from './error-format';
import { EventPayloads } from './event-payloads';
import { checkVariables } from './input-limits';
import { Lifetime } from './lifetime';
import type { Limits } from './limits';
import { DEFAULT_LIMITS, overLimit } from './limits';
import { Loaders } from './loaders';
import { OpenSubscription } from './open-subscription';
import type { SubscriptionHost } from './open-subscription';
import { outcomeOf } from './operation';
import type { Answer, Caller, CheckedOperation, OperationRequest, Outcome, Payload, PreparedOperation } from './operation';
import { ShareGroups } from './share-groups';
import { sharingOf } from './shareable';
import { SubscriptionPlaces } from './subscription-places';
import { checkVariableTypes } from './variables';

export type * from './operation';

export interface Subscribed {
  readonly kind: 'events';
  readonly events: EventPayloads<unknown, Payload>;
}

/** graphql-js's `execute`, or something that answers the same. */
export type Executor = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** One line of the operation log. */
export interface OperationRecord {
  readonly name: string | null;
  readonly type: OperationTypeNode | 'unknown';
  readonly transport: Context['transport'];
  readonly requestId: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** A subscription's payloads. */
  readonly events?: number;
}

export interface PipelineObserver {
  operationEnded(record: OperationRecord): void;
  /** Something that clients see masked, or a dependency that is down. */
  operationFailed(error: unknown, about: { readonly code: PublicErrorCode; readonly requestId: string; readonly path?: string }): void;
}

export interface PipelineOptions {
  readonly schema: GraphQLSchema;
  readonly resolverOf: Context['resolverOf'];
  readonly observer: PipelineObserver;
  readonly limits?: Partial<Limits>;
  /** Whether the subscriptions of a viewer are limited. Default: yes. */
  readonly rated?: boolean;
  /** Default: `CompiledExecutor`. */
  readonly execute?: Executor;
  /** Whether this viewer may ask for the schema. Default: everybody. */
  readonly mayIntrospect?: (viewer: Viewer) => boolean;
}

/**
 * The one way of every operation on every transport: parse → limits → validate → choose the operation → variables → who asks →
 * execute or subscribe → mask → observe. Nothing thrown leaves it; every answer can be sent as it is.
 */
export class Pipeline {
  readonly limits: Limits;
  readonly documents = new DocumentCache();
  private readonly execute: Executor;
  private readonly host: SubscriptionHost;
  private readonly places: SubscriptionPlaces;
  private deliveredPayloads_ = 0;

  constructor(private readonly options: PipelineOptions) {
    this.limits = Object.freeze({ ...DEFAULT_LIMITS, ...options.limits });
    this.places = new SubscriptionPlaces(options.rated === false ? null : this.limits.subscriptionsPerViewer);
    this.execute = options.execute ?? new CompiledExecutor().execute;
    this.host = {
      groups: new ShareGroups(),
      render: (event, operation, caller, viewer, lifetime) => this.renderEvent(event, operation, this.contextOf(caller, viewer, lifetime)),
      publicErrors: (errors, requestId) => this.publicErrors(errors, requestId),
      delivered: (payloads) => (this.deliveredPayloads_ += payloads),
      ended: ({ caller, operation, viewer }, outcome, events) => {
        this.places.giveBack(viewer);
        this.ended(caller, operation, outcome, events);
      },
    };
  }

  get schema(): GraphQLSchema {
    return this.options.schema;
  }

  get openSubscriptions(): number {
    return this.places.taken;
  }

  /** Events that subscribers have been given, shared ones included, since the start. */
  get deliveredPayloads(): number {
    return this.deliveredPayloads_;
  }

  get shareGroups(): number {
    return this.host.groups.size;
  }

  /** The steps that need no viewer. */
  prepare(request: OperationRequest): PreparedOperation {
    const startedAt = performance.now();
    try {
      const { document, introspects, sharing } = this.checkedDocument(request.query);
      const operation = chosenOperation(document, request.operationName ?? null);
      const variables = request.variables ?? {};
      checkVariables(variables, this.limits);
      if ((operation.variableDefinitions?.length ?? 0) > 0) checkVariableTypes(this.options.schema, operation, variables);
      return { ok: true, document, operation, introspects, sharing, variables, startedAt };
    } catch (error) {
      return { ok: false, errors: error instanceof Refused ? error.errors : [error], startedAt };
    }
  }

  /** For what a transport refuses by itself: answered, masked and observed as everything else. */
  refused(error: unknown): PreparedOperation {
    return { ok: false, errors: [error], startedAt: performance.now() };
  }

  /** Every kind of operation. */
  async start(caller: Caller, prepared: PreparedOperation): Promise<Answer | Subscribed> {
    try {
      if (!prepared.ok) throw new Refused(prepared.errors);
      const viewer = await this.admit(caller, prepared);
      const { operation } = prepared.operation;
      return await (operation === 'subscription' ? this.subscribe(caller, prepared, viewer) : this.run(caller, prepared, viewer));
    } catch (error) {
      return this.refuse(caller, prepared, error instanceof Refused ? error.errors : [error]);
    }
  }

  /** Queries and mutations; a subscription is refused. */
  async answer(caller: Caller, prepared: PreparedOperation): Promise<Answer> {
    if (prepared.ok && prepared.operation.operation === 'subscription') return this.refuse(caller, prepared, [subscriptionsNeedAStream()]);
    const outcome = await this.start(caller, prepared);
    if (outcome.kind === 'events') throw new Error('only a subscription has events');
    return outcome;
  }

  private checkedDocument(text: string): CheckedDocument {
    const known = this.documents.get(text);
    if (known !== undefined) return known;
    const document = this.parse(text);
    checkDocument(document, this.limits);
    const errors = validate(this.options.schema, document, specifiedRules, {
      maxErrors: this.limits.errorsPerAnswer,
      hideSuggestions: true,
    });
    if (errors.length > 0) throw new Refused(errors.map((error) => requestError(error, 'GRAPHQL_VALIDATION_FAILED')));
    const checked = { document, introspects: isIntrospection(document), sharing: sharingOf(this.options.schema, document) };
    this.documents.set(text, checked);
    return checked;
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

  private async admit(caller: Caller, { introspects }: CheckedOperation): Promise<Viewer> {
    const viewer = await caller.authenticate();
    const { mayIntrospect } = this.options;
    if (introspects && mayIntrospect !== undefined && !mayIntrospect(viewer)) throw introspectionIsOff();
    return viewer;
  }

  private async run(caller: Caller, operation: CheckedOperation, viewer: Viewer): Promise<Answer> {
    const lifetime = new Lifetime(caller.signal);
    try {
      const result = await this.executeInTime(operation, this.contextOf(caller, viewer, lifetime), undefined);
      // Without a `data` entry graphql-js has not begun to execute.
      if (result.data === undefined) throw new Refused(result.errors ?? []);
      const payload = this.payloadOf(result, caller.requestId);
      this.ended(caller, operation, outcomeOf(payload));
      return { kind: 'result', payload };
    } finally {
      lifetime.end();
    }
  }

  private async subscribe(caller: Caller, operation: CheckedOperation, viewer: Viewer): Promise<Subscribed> {
    this.places.take(viewer);
    const lifetime = new Lifetime(caller.signal);
    try {
      const source = await this.openInTime(operation, this.contextOf(caller, viewer, lifetime));
      const opened = new OpenSubscription({ host: this.host, source, caller, operation, viewer, lifetime });
      return { kind: 'events', events: new EventPayloads(opened) };
    } catch (error) {
      lifetime.end();
      this.places.giveBack(viewer);
      throw error;
    }
  }

  /** The source is open, and whoever asked for it has authorised. */
  private async openInTime(operation: CheckedOperation, context: Context): Promise<AsyncIterable<unknown>> {
    const opening = createSourceEventStream(this.argumentsOf(operation, context, undefined));
    const late = (): Error => {
      // Nobody will read it when it opens after all.
      void opening
        .then((source) => (isAsyncIterable(source) ? source[Symbol.asyncIterator]().return?.() : undefined))
        .catch(() => undefined);
      return tooLate();
    };
    const source = await withinTime(opening, this.limits.requestMs, late);
    if (!isAsyncIterable(source)) throw new Refused(source.errors ?? []);
    return source;
  }

  /** The one place where an event of a source becomes what a subscriber receives. */
  private async renderEvent(event: unknown, operation: CheckedOperation, context: Context): Promise<Payload> {
    try {
      return this.payloadOf(await this.executeInTime(operation, context, event), context.requestId);
    } catch (error) {
      return { errors: this.publicErrors([error], context.requestId) };
    }
  }

  private async executeInTime(operation: CheckedOperation, context: Context, rootValue: unknown): Promise<ExecutionResult> {
    const result = this.execute(this.argumentsOf(operation, context, rootValue));
    return result instanceof Promise ? withinTime(result, this.limits.requestMs, tooLate) : result;
  }

  private argumentsOf({ document, operation, variables }: CheckedOperation, contextValue: Context, rootValue: unknown): ExecutionArgs {
    return {
      schema: this.options.schema,
      document,
      operationName: operation.name?.value,
      variableValues: variables,
      contextValue,
      rootValue,
      options: { maxCoercionErrors: 1 },
    };
  }

  private contextOf({ transport, address, requestId }: Caller, viewer: Viewer, lifetime: Lifetime): Context {
    return {
      viewer,
      requestId,
      transport,
      address,
      get signal() {
        return lifetime.signal;
      },
      loaders: new Loaders(),
      resolverOf: this.options.resolverOf,
    };
  }

  private payloadOf({ data, errors }: ExecutionResult, requestId: string): Payload {
    return errors === undefined || errors.length === 0 ? { data } : { errors: this.publicErrors(errors, requestId), data };
  }

  private refuse(caller: Caller, prepared: PreparedOperation, errors: readonly unknown[]): Answer {
    const payload = { errors: this.publicErrors(errors, caller.requestId) };
    this.ended(caller, prepared, outcomeOf(payload));
    return { kind: 'refused', code: payload.errors[0]?.extensions.code ?? 'INTERNAL_SERVER_ERROR', payload };
  }

  private publicErrors(errors: readonly unknown[], requestId: string): readonly PublicError[] {
    return errors.slice(0, this.limits.errorsPerAnswer).map((error) => {
      const shown = toPublicError(error, requestId);
      const { code } = shown.extensions;
      if (code === 'INTERNAL_SERVER_ERROR' || code === 'UNAVAILABLE') {
        this.options.observer.operationFailed(causeOf(error), { code, requestId, path: shown.path?.join('.') });
      }
      return shown;
    });
  }

  private ended(caller: Caller, prepared: PreparedOperation, outcome: Outcome, events?: number): void {
    this.options.observer.operationEnded({
      name: prepared.ok ? (prepared.operation.name?.value ?? null) : null,
      type: prepared.ok ? prepared.operation.operation : 'unknown',
      transport: caller.transport,
      requestId: caller.requestId,
      outcome,
      durationMs: performance.now() - prepared.startedAt,
      ...(events !== undefined && { events }),
    });
  }
}

/** Carries several errors to the place where they are answered. */
class Refused extends Error {
  constructor(readonly errors: readonly unknown[]) {
    super('refused');
  }
}

function isAsyncIterable(value: AsyncIterable<unknown> | ExecutionResult): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

/** As GraphQL has it: by name, or the only one. */
function chosenOperation({ definitions }: DocumentNode, name: string | null): OperationDefinitionNode {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [chosen, other] = name === null ? operations : operations.filter((operation) => operation.name?.value === name);
  if (chosen !== undefined && other === undefined) return chosen;
  throw refusal('OPERATION_RESOLUTION_FAILURE', name === null ? 'Name the operation to execute.' : 'There is no operation of this name.');
}

function subscriptionsNeedAStream(): GraphQLError {
  return refusal('BAD_REQUEST', 'Subscriptions are served over WebSocket and on /graphql/stream.');
}

function introspectionIsOff(): GraphQLError {
  return refusal('GRAPHQL_VALIDATION_FAILED', 'Introspection is not open to you.', 'INTROSPECTION_DISABLED');
}

/** A refusal of the request itself, in words that are safe to show. */
export function refusal(code: PublicErrorCode, message: string, reason?: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...(reason !== undefined && { reason }) } });
}

function tooLate(): Error {
  return unavailable('DEADLINE_EXCEEDED');
}
