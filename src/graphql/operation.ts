import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { Viewer } from '../lib/viewer';
import type { Batch } from '../realtime/delivery-group';
import type { ConnectionHandle, Context } from './context';
import type { PublicError, PublicErrorCode } from './error-format';
import type { Allowance } from './gate';
import type { Ending } from '../lib/ending';
import type { Sharing } from './shareable';

/** What a client sends for one operation, on any transport. */
export interface OperationRequest {
  /** Empty when the document is named among the extensions. */
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  /** `persistedQuery` names a document; `cost: true` asks what the operation costs. */
  readonly extensions?: Readonly<Record<string, unknown>> | null;
}

/** Who sends it, and over what. */
export interface Caller {
  readonly transport: Context['transport'];
  readonly address: string;
  readonly requestId: string;
  /** Left out where each request brings its own token. */
  readonly connection?: ConnectionHandle;
  /** Aborts when the caller is gone, or may not go on. */
  readonly signal: Ending;
  /** Throws UNAUTHENTICATED for a token that is not good. */
  authenticate(): Promise<Viewer>;
  /** Told what is left of the caller's points, for whoever can tell it further. */
  rated?(allowance: Allowance): void;
  /** Called when a subscriber cannot keep up, even while a write to it is stuck: its connection must end, and it resumes by cursor. */
  onTooSlow(): void;
  /**
   * Takes rendered events that others get as well, as JSON, while the next payload is waited for: so everything before must be on its way
   * when that is asked for. Left out, every payload is read one by one. Must not throw.
   */
  takeShared?(batch: Batch<string>): void;
}

/** What the client receives for an operation, or for one event of a subscription. */
export interface Payload {
  readonly errors?: readonly PublicError[];
  readonly data?: ExecutionResult['data'];
  /** Only for who asked. */
  readonly extensions?: { readonly cost: { readonly cost: number; readonly max: number } };
}

/** `refused`: the operation has no result to show; `code` says why. */
export type Answer =
  | { readonly kind: 'result'; readonly payload: Payload }
  | { readonly kind: 'refused'; readonly code: PublicErrorCode; readonly payload: Required<Pick<Payload, 'errors'>> };

/** A request that has passed the checks that need no viewer. */
export interface CheckedOperation {
  readonly ok: true;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly introspects: boolean;
  readonly sharing: Sharing | null;
  /** In points. */
  readonly cost: number;
  readonly tellsCost: boolean;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly startedAt: number;
}

export interface RefusedOperation {
  readonly ok: false;
  readonly errors: readonly unknown[];
  readonly startedAt: number;
}

export type PreparedOperation = CheckedOperation | RefusedOperation;

/** `OK`, or the code of the first error. */
export type Outcome = 'OK' | PublicErrorCode;

export function outcomeOf({ errors }: Payload): Outcome {
  return errors?.[0]?.extensions.code ?? 'OK';
}
