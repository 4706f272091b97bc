import type { Viewer } from '../lib/viewer';
import type { Loaders } from './loaders';

/** What one operation (for a subscription: one event of it) is executed with. */
export interface Context {
  readonly viewer: Viewer;
  /** Also in every error, every log line and the `x-request-id` header. */
  readonly requestId: string;
  readonly transport: 'http' | 'ws' | 'sse';
  /** The caller's network address, as the proxy settings make it out. */
  readonly address: string;
  /** Aborts when the operation is over: answered, completed, disconnected or past its deadline. */
  readonly signal: AbortSignal;
  /** Fresh for each request and each event, so nothing bleeds between viewers or moments. */
  readonly loaders: Loaders;
  /** The instance behind a resolver class: type-graphql gives none to a subscription's `subscribe`. */
  readonly resolverOf: <R>(resolver: new (...args: never[]) => R) => R;
}
