import type { ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema, OperationTypeNode } from 'graphql';
import { createSourceEventStream } from 'graphql';
import { unavailable } from '../errors/domain-error';
import { withinTime } from '../lib/time-limit';
import type { KeyGrant, Viewer } from '../lib/viewer';
import { ANONYMOUS } from '../lib/viewer';
import { tellsOfAbsence, untilBeat } from './absence';
import { CompiledExecutor } from './compiled-executor';
import { OperationContext } from './context';
import type { Context } from './context';
import { causeOf, toPublicError } from './error-format';
import type { PublicError, PublicErrorCode } from './error-format';
import { EventPayloads } from './event-payloads';
import type { Gate, Visitor } from './gate';
import { fieldsUsed } from './fields-used';
import { Lifetime } from './lifetime';
import type { Limits } from './limits';
import { DEFAULT_LIMITS } from './limits';
import { refusal } from './named-documents';
import type { TrustedDocuments } from './named-documents';
import { OpenSubscription } from './open-subscription';
import type { SubscriptionHost } from './open-subscription';
import { outcomeOf } from './operation';
import type { Answer, Caller, CheckedOperation, OperationRequest, Outcome, Payload, PreparedOperation } from './operation';
import { Preparation, Refused } from './preparation';
import { ShareGroups } from './share-groups';
import { SubscriptionPlaces } from './subscription-places';

export { refusal } from './named-documents';
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
  /** Throws when an API key does not open these fields of an operation, named `Type.field`. Default: it opens all. */
  readonly admitKey?: (key: KeyGrant, fields: Iterable<string>) => void;
  /** Takes the points of every operation. Default: nobody does. */
  readonly gate?: Gate;
  /** Default: none, and any document may be sent. */
  readonly trustedDocuments?: TrustedDocuments;
}

/** What an operation costs that cannot be executed: reading it, and saying why. */
const REFUSED_POINTS = 5;

/**
 * The one way of every operation on every transport: prepare → who asks → rates → rights that the document tells → execute or subscribe →
 * mask → observe. Nothing thrown leaves it; every answer can be sent as it is.
 */
export class Pipeline {
  readonly limits: Limits;
  private readonly preparation: Preparation;
  private readonly execute: Executor;
  private readonly host: SubscriptionHost;
  private readonly places: SubscriptionPlaces;
  private deliveredPayloads_ = 0;

  constructor(private readonly options: PipelineOptions) {
    this.limits = Object.freeze({ ...DEFAULT_LIMITS, ...options.limits });
    this.places = new SubscriptionPlaces(options.rated === false ? null : this.limits.subscriptionsPerViewer);
    this.preparation = new Preparation(options.schema, this.limits, options.trustedDocuments);
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

  get gate(): Gate | undefined {
    return this.options.gate;
  }

  get documents(): Preparation['documents'] {
    return this.preparation.documents;
  }

  get namedDocuments(): Preparation['namedDocuments'] {
    return this.preparation.namedDocuments;
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
    return this.preparation.prepare(request);
  }

  /** For what a transport refuses by itself: answered, masked and observed as everything else. */
  refused(error: unknown): PreparedOperation {
    return { ok: false, errors: [error], startedAt: performance.now() };
  }

  /** Every kind of operation. */
  async start(caller: Caller, prepared: PreparedOperation): Promise<Answer | Subscribed> {
    const started = await this.begin(caller, prepared);
    if (started.kind !== 'events' && tellsOfAbsence(started.payload)) await untilBeat(prepared.startedAt);
    return started;
  }

  /** Queries and mutations; a subscription is refused. */
  async answer(caller: Caller, prepared: PreparedOperation): Promise<Answer> {
    if (prepared.ok && prepared.operation.operation === 'subscription') return this.refuse(caller, prepared, [subscriptionsNeedAStream()]);
    const outcome = await this.start(caller, prepared);
    if (outcome.kind === 'events') throw new Error('only a subscription has events');
    return outcome;
  }

  private async begin(caller: Caller, prepared: PreparedOperation): Promise<Answer | Subscribed> {
    const identity = prepared.ok || this.gate !== undefined ? await identityOf(caller) : NOBODY;
    const visitor = { viewer: identity.viewer, address: caller.address };
    try {
      await this.charge(caller, visitor, prepared.ok && identity.refusal === null ? prepared.cost : REFUSED_POINTS);
      if (!prepared.ok) throw new Refused(prepared.errors);
      if (identity.refusal !== null) throw identity.refusal.error;
      const { viewer } = visitor;
      this.requireRights(viewer, prepared);
      const { operation } = prepared.operation;
      const started = await (operation === 'subscription' ? this.subscribe(caller, prepared, viewer) : this.run(caller, prepared, viewer));
      if (started.kind === 'result') this.note(visitor, started.payload);
      return started;
    } catch (error) {
      const refused = this.refuse(caller, prepared, error instanceof Refused ? error.errors : [error]);
      this.note(visitor, refused.payload);
      return refused;
    }
  }

  private async charge(caller: Caller, visitor: Visitor, points: number): Promise<void> {
    const allowance = await this.gate?.admit(visitor, points);
    if (allowance !== undefined) caller.rated?.(allowance);
  }

  private note(visitor: Visitor, { errors }: Payload): void {
    if (errors?.[0] !== undefined) this.gate?.noted(visitor, errors[0].extensions);
  }

  /** Those that can be told from the document alone. */
  private requireRights(viewer: Viewer, { introspects, document, operation }: CheckedOperation): void {
    const { mayIntrospect, admitKey, schema } = this.options;
    if (introspects && mayIntrospect !== undefined && !mayIntrospect(viewer)) throw introspectionIsOff();
    if (viewer.kind === 'user' && viewer.key !== undefined) admitKey?.(viewer.key, fieldsUsed(schema, document, operation));
  }

  private async run(caller: Caller, operation: CheckedOperation, viewer: Viewer): Promise<Answer> {
    const lifetime = new Lifetime(caller.signal);
    try {
      const result = await this.executeInTime(operation, this.contextOf(caller, viewer, lifetime), undefined);
      // Without a `data` entry graphql-js has not begun to execute.
      if (result.data === undefined) throw new Refused(result.errors ?? []);
      const payload = this.payloadOf(result, caller.requestId);
      this.ended(caller, operation, outcomeOf(payload));
      return { kind: 'result', payload: operation.tellsCost ? this.withCost(payload, operation) : payload };
    } finally {
      lifetime.abort();
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
      lifetime.abort();
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

  private contextOf(caller: Caller, viewer: Viewer, lifetime: Lifetime): Context {
    return new OperationContext(caller, viewer, lifetime, this.options.resolverOf);
  }

  private payloadOf({ data, errors }: ExecutionResult, requestId: string): Payload {
    return errors === undefined || errors.length === 0 ? { data } : { errors: this.publicErrors(errors, requestId), data };
  }

  private withCost(payload: Payload, { cost }: CheckedOperation): Payload {
    return { ...payload, extensions: { cost: { cost, max: this.limits.cost } } };
  }

  private refuse(caller: Caller, prepared: PreparedOperation, errors: readonly unknown[]): Refusal {
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

type Refusal = Extract<Answer, { readonly kind: 'refused' }>;

interface Identity {
  readonly viewer: Viewer;
  /** Why it is not known who asks. */
  readonly refusal: { readonly error: unknown } | null;
}

const NOBODY: Identity = { viewer: ANONYMOUS, refusal: null };

async function identityOf(caller: Caller): Promise<Identity> {
  try {
    return { viewer: await caller.authenticate(), refusal: null };
  } catch (error) {
    return { viewer: ANONYMOUS, refusal: { error } };
  }
}

function isAsyncIterable(value: AsyncIterable<unknown> | ExecutionResult): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

function subscriptionsNeedAStream(): GraphQLError {
  return refusal('BAD_REQUEST', 'Subscriptions are served over WebSocket and on /graphql/stream.');
}

function introspectionIsOff(): GraphQLError {
  return refusal('GRAPHQL_VALIDATION_FAILED', 'Introspection is not open to you.', 'INTROSPECTION_DISABLED');
}

function tooLate(): Error {
  return unavailable('DEADLINE_EXCEEDED');
}
