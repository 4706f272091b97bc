import type { Ending } from '../lib/ending';
import type { Viewer } from '../lib/viewer';
import { Loaders } from './loaders';

/** What carries an operation and outlives it, with whoever is at its other end. */
export interface ConnectionHandle {
  /** Who is connected now; an operation goes on with the viewer it began with. */
  readonly viewer: Viewer;
  /** From here on it lasts as long as this token. The caller has checked that it is the same viewer's. */
  renew(viewer: Viewer): void;
  /** Ends it, after the answers that are under way. */
  forbid(): void;
  /** When its token is about to expire, each time that it is. Ends with the signal. */
  expirations(signal: Ending): AsyncIterableIterator<Date>;
}

/** What one operation (for a subscription: one event of it) is executed with. */
export interface Context {
  readonly viewer: Viewer;
  /** Also in every error, every log line and the `x-request-id` header. */
  readonly requestId: string;
  readonly transport: 'http' | 'ws' | 'sse';
  /** The caller's network address, as the proxy settings make it out. */
  readonly address: string;
  /** The socket it came on; null where each request brings its own token. */
  readonly connection: ConnectionHandle | null;
  /** Aborts when the operation is over: answered, completed, disconnected or past its deadline. */
  readonly signal: Ending;
  /** Fresh for each request and each event, so nothing bleeds between viewers or moments. */
  readonly loaders: Loaders;
  /** The instance behind a resolver class: type-graphql gives none to a subscription's `subscribe`. */
  readonly resolverOf: <R>(resolver: new (...args: never[]) => R) => R;
}

/** The signal is made when somebody asks for it: most operations never do. */
export class OperationContext implements Context {
  readonly requestId: string;
  readonly transport: Context['transport'];
  readonly address: string;
  readonly connection: ConnectionHandle | null;
  readonly loaders = new Loaders();

  constructor(
    {
      requestId,
      transport,
      address,
      connection,
    }: Pick<Context, 'requestId' | 'transport' | 'address'> & { readonly connection?: ConnectionHandle },
    readonly viewer: Viewer,
    readonly signal: Ending,
    readonly resolverOf: Context['resolverOf'],
  ) {
    this.requestId = requestId;
    this.transport = transport;
    this.address = address;
    this.connection = connection ?? null;
  }
}
