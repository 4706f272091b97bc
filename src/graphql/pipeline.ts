import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema, OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { createSourceEventStream, GraphQLError, Kind, parse, specifiedRules, validate } from 'graphql';
import { unavailable } from '../errors/domain-error';
import { ANONYMOUS } from '../lib/viewer';
import type { Viewer } from '../lib/viewer';
import type { Batch } from '../realtime/delivery-group';
import type { FollowedStream } from '../realtime/subscription';
import { CompiledExecutor } from './compiled-executor';
import type { Context } from './context';
import { DocumentCache } from './document-cache';
import type { CheckedDocument } from './document-cache';
import { checkDocument, isIntrospection } from './document-limits';
import { causeOf, requestError, toPublicError } from './error-format';
import type { PublicError, PublicErrorCode } from './error-format';
import { EventPayloads } from './event-payloads';
import { checkVariables } from './input-limits';
import { Lifetime, within } from './lifetime';
import type { Limits } from './limits';
import { DEFAULT_LIMITS, overLimit } from './limits';
import { Loaders } from './loaders';
import { ShareGroups } from './share-groups';
import { shareKey, sharingOf } from './shareable';
import type { Sharing } from './shareable';
import { checkVariableTypes } from './variables';

/** What a client sends for one operation, on any transport. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** Who sends it, and over what. */
export interface Caller {
  readonly transport: Context['transport'];
  readonly address: string;
  readonly requestId: string;
  /** Aborts when the caller is gone, or may not go on. */
  readonly signal: AbortSignal;
  /** Throws UNAUTHENTICATED for a token that is not good. */
  readonly authenticate: () => Promise<Viewer>;
  /** Called when a subscriber cannot keep up, even while a write to it is stuck: its connection must end, and it resumes by cursor. */
  readonly onTooSlow: () => void;
  /** Takes rendered events that others get as well, as JSON; left out, every payload is read one by one. Must not throw. */
  readonly takeShared?: (batch: Batch<string>) => void;
}

/** What the client receives for an operation, or for one event of a subscription. */
export interface Payload {
  readonly errors?: readonly PublicError[];
  readonly data?: ExecutionResult['data'];
}

/** `refused`: the operation has no result to show; `code` says why. */
export type Answer =
  | { readonly kind: 'result'; readonly payload: Payload }
  | { readonly kind: 'refused'; readonly code: PublicErrorCode; readonly payload: Required<Pick<Payload, 'errors'>> };

export interface Subscribed {
  readonly kind: 'events';
  readonly events: EventPayloads<unknown, Payload>;
}

/** A request that has passed the checks that need no viewer. */
export interface CheckedOperation {
  readonly ok: true;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly introspects: boolean;
  readonly sharing: Sharing | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly startedAt: number;
}

export interface RefusedOperation {
  readonly ok: false;
  readonly errors: readonly unknown[];
  readonly startedAt: number;
}

export type PreparedOperation = CheckedOperation | RefusedOperation;

/** graphql-js's `execute`, or something that answers the same. */
export type Executor = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** One line of the operation log. */
export interface OperationRecord {
  readonly name: string | null;
  readonly type: OperationTypeNode | 'unknown';
  readonly transport: Context['transport'];
  readonly requestId: string;
  /** `OK`, or the code of the first error. */
  readonly outcome: 'OK' | PublicErrorCode;
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
  private readonly groups = new ShareGroups();
  private openSubscriptions_ = 0;

  constructor(private readonly options: PipelineOptions) {
    this.limits = Object.freeze({ ...DEFAULT_LIMITS, ...options.limits });
    this.execute = options.execute ?? new CompiledExecutor().execute;
  }

  get schema(): GraphQLSchema {
    return this.options.schema;
  }

  get openSubscriptions(): number {
    return this.openSubscriptions_;
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
      this.ended(caller, operation, payload);
      return { kind: 'result', payload };
    } finally {
      lifetime.end();
    }
  }

  private async subscribe(caller: Caller, operation: CheckedOperation, viewer: Viewer): Promise<Subscribed> {
    const lifetime = new Lifetime(caller.signal);
    try {
      const source = await this.openInTime(operation, this.contextOf(caller, viewer, lifetime));
      if (isFollowedStream(source)) source.overflowed.addEventListener('abort', caller.onTooSlow, { once: true });
      return { kind: 'events', events: this.eventsOf(source, caller, operation, viewer, lifetime) };
    } catch (error) {
      lifetime.end();
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
    const source = await within(this.limits.requestMs, opening, late);
    if (!isAsyncIterable(source)) throw new Refused(source.errors ?? []);
    return source;
  }

  private eventsOf(
    source: AsyncIterable<unknown>,
    caller: Caller,
    operation: CheckedOperation,
    viewer: Viewer,
    lifetime: Lifetime,
  ): EventPayloads<unknown, Payload> {
    this.openSubscriptions_ += 1;
    let last: Payload = {};
    const keep = (payload: Payload): Payload => (last = payload);
    return new EventPayloads<unknown, Payload>({
      source: source[Symbol.asyncIterator](),
      signal: lifetime.signal,
      render: async (event) => keep(await this.renderEvent(event, operation, this.contextOf(caller, viewer, lifetime))),
      renderFailure: (error) => keep({ errors: this.publicErrors([error], caller.requestId) }),
      isTooSlow: isSlowSubscriber,
      onTooSlow: caller.onTooSlow,
      ride: this.rideOf(source, caller, operation),
      onEnd: (events) => {
        this.openSubscriptions_ -= 1;
        this.ended(caller, operation, last, events);
        lifetime.end();
      },
    });
  }

  /** How this subscriber lets a group deliver, when its operation and its source are ones that can be shared. */
  private rideOf(source: AsyncIterable<unknown>, caller: Caller, operation: CheckedOperation): (() => Promise<void> | null) | undefined {
    const { takeShared } = caller;
    const { sharing } = operation;
    if (takeShared === undefined || sharing === null || !isFollowedStream(source) || source.audience === null) return undefined;
    const key = shareKey(sharing, operation.operation.name?.value ?? '', operation.variables);
    const render = (item: unknown): Promise<string> => this.renderShared(item, operation);
    return () => (source.standsAtHead ? this.groups.ride(source, key, render, takeShared) : null);
  }

  /** Rendered for nobody in particular: what would depend on the viewer is not there to be read. */
  private async renderShared(event: unknown, operation: CheckedOperation): Promise<string> {
    const caller: Caller = { ...NOBODY, requestId: randomUUID() };
    const lifetime = new Lifetime(caller.signal);
    const payload = await this.renderEvent(event, operation, this.contextOf(caller, ANONYMOUS, lifetime));
    lifetime.end();
    return JSON.stringify(payload);
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
    return result instanceof Promise ? within(this.limits.requestMs, result, tooLate) : result;
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

  private contextOf({ transport, address, requestId }: Caller, viewer: Viewer, { signal }: Lifetime): Context {
    return { viewer, requestId, transport, address, signal, loaders: new Loaders(), resolverOf: this.options.resolverOf };
  }

  private payloadOf({ data, errors }: ExecutionResult, requestId: string): Payload {
    return errors === undefined || errors.length === 0 ? { data } : { errors: this.publicErrors(errors, requestId), data };
  }

  private refuse(caller: Caller, prepared: PreparedOperation, errors: readonly unknown[]): Answer {
    const payload = { errors: this.publicErrors(errors, caller.requestId) };
    this.ended(caller, prepared, payload);
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

  private ended(caller: Caller, prepared: PreparedOperation, payload: Payload, events?: number): void {
    this.options.observer.operationEnded({
      name: prepared.ok ? (prepared.operation.name?.value ?? null) : null,
      type: prepared.ok ? prepared.operation.operation : 'unknown',
      transport: caller.transport,
      requestId: caller.requestId,
      outcome: payload.errors?.[0]?.extensions.code ?? 'OK',
      durationMs: performance.now() - prepared.startedAt,
      ...(events !== undefined && { events }),
    });
  }
}

/** Never aborts. One listener for each rendering under way: many is not a leak here. */
const NO_END = new AbortController().signal;
setMaxListeners(0, NO_END);

const NOBODY: Omit<Caller, 'requestId'> = {
  transport: 'ws',
  address: '',
  signal: NO_END,
  authenticate: () => Promise.resolve(ANONYMOUS),
  onTooSlow: () => undefined,
};

/** Carries several errors to the place where they are answered. */
class Refused extends Error {
  constructor(readonly errors: readonly unknown[]) {
    super('refused');
  }
}

/** What a source throws whose reader fell too far behind. */
function isSlowSubscriber(error: unknown): boolean {
  return error instanceof Error && error.name === 'SlowSubscriber';
}

function isFollowedStream(source: AsyncIterable<unknown>): source is FollowedStream {
  return 'overflowed' in source && source.overflowed instanceof AbortSignal;
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
