/**
 * A graphql-ws client that comes back. Copy this file into your application; it needs `graphql-ws` alone
 * (and, before Node 22, `ws` handed in as `webSocketImpl`).
 *
 * Promise: `follow` and `events` hand over every event of a stream exactly once and in the stream's order, over any number of broken
 * connections, as long as the server can recover from the last cursor; when it cannot, they say so and go on from where it can.
 * Failure: what another try can cure is tried again, for ever, with growing jittered pauses. Everything else ends the stream with an error.
 */
import { createClient } from 'graphql-ws/client';
import type { Client } from 'graphql-ws/client';

export type ConnectionStatus = 'connecting' | 'connected' | 'disconnected';

export interface ParleyClientOptions {
  /** `ws://…/graphql` or `wss://…/graphql`. */
  readonly url: string;
  /**
   * Asked before every connection, so a new token is used as soon as there is one, and when the server warns that the token of an open
   * connection is about to expire. `refused` is true then, and after the server closed with 4403: do not answer from a cache. `null`
   * connects without a token. Throw when the token cannot be fetched just now: it is tried again.
   */
  readonly token: (request: { readonly refused: boolean }) => string | null | Promise<string | null>;
  readonly onStatus?: (status: ConnectionStatus) => void;
  /** Milliseconds before the try after `failures` failed ones. Default: `jitteredBackoff`. */
  readonly backoff?: (failures: number) => number;
  /** Milliseconds between our pings; 0 sends none. Default 10,000. */
  readonly keepAliveMs?: number;
  /** A connection whose ping stays unanswered this long is given up. Default 5,000. */
  readonly pongTimeoutMs?: number;
  /** How long an unused connection is kept. Default 0: closed with the last operation. */
  readonly idleMs?: number;
  readonly webSocketImpl?: unknown;
}

/** The least that every item of a stream has. Select `... on StreamEvent { cursor }`, and `recovered` on `StreamOpened`. */
export interface StreamItem {
  readonly cursor: string;
}

/** The first item of every opened stream, also after a reconnect. */
export interface StreamOpening extends StreamItem {
  readonly recovered: boolean;
}

/** What a stream carries besides its openings. */
export type StreamEventOf<Item extends StreamItem> = Exclude<Item, { readonly recovered: boolean }>;

export interface StreamOperation {
  /** A document with one subscription, which takes the cursor as `$after: StreamCursor`. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The subscription field (or its alias) whose items are the stream. */
  readonly field: string;
}

export interface FollowOptions {
  /** The last cursor already seen; without it the stream starts now. */
  readonly after?: string | null;
  /** Ends the stream: the subscription is closed, nothing more is handed over. */
  readonly signal?: AbortSignal;
}

/** Handlers run one after the other: what they return is awaited before the next item is handed over. */
export interface FollowHandlers<Item extends StreamItem> extends FollowOptions {
  readonly onEvent: (event: StreamEventOf<Item>) => void | Promise<void>;
  /** Each opening, before the events that follow it. The first is the moment to read the state: nothing after it can be missed. */
  readonly onOpened?: (opening: StreamOpening) => void | Promise<void>;
  /** The server could not recover: events may be missing. Read the state again; events arriving meanwhile are kept until you have. */
  readonly onReset?: (opening: StreamOpening) => void | Promise<void>;
  /** The stream has ended and no retry can help: an `OperationError`, a `ConnectionClosedError`, or what a handler threw. */
  readonly onError: (error: unknown) => void;
}

export interface ParleyClient {
  /** The graphql-ws client itself, for other operations and for the link of a GraphQL client library. */
  readonly connection: Client;
  /** Resolves when the stream has ended: completed by the server, aborted, disposed, or failed (after `onError`). Never rejects. */
  follow<Item extends StreamItem = StreamItem>(operation: StreamOperation, handlers: FollowHandlers<Item>): Promise<void>;
  /** The same as an iterable of openings and events. It throws where `follow` calls `onError`; `break` ends the subscription. */
  events<Item extends StreamItem = StreamItem>(
    operation: StreamOperation,
    options?: FollowOptions,
  ): AsyncIterableIterator<Item | StreamOpening>;
  /** Ends every stream and closes the connection. */
  dispose(): Promise<void>;
}

/** The server answered the operation itself with errors. */
export class OperationError extends Error {
  constructor(readonly errors: readonly OperationProblem[]) {
    super(errors[0]?.message ?? 'The server answered with an error.');
    this.name = 'OperationError';
  }

  /** `extensions.code` of the first error. */
  get code(): string | undefined {
    const code = this.errors[0]?.extensions?.code;
    return typeof code === 'string' ? code : undefined;
  }
}

export interface OperationProblem {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The connection was closed with a code that a retry cannot cure. */
export class ConnectionClosedError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {
    super(`The connection was closed: ${code} ${reason}`);
    this.name = 'ConnectionClosedError';
  }
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
const SHORTEST_PAUSE_MS = 100;

/**
 * Exponential with full jitter, so that a thousand clients cut off together do not come back together. Never below 100 ms: a failing
 * socket reports an error and then its close, and the close must not reach the next socket's listeners.
 */
export function jitteredBackoff(failures: number): number {
  return Math.max(SHORTEST_PAUSE_MS, Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
}

const RENEW = 'mutation RenewConnection($accessToken: String!) { renewConnection(input: { accessToken: $accessToken }) { expiresAt } }';
const FORBIDDEN = 4403;
const RETRY_LATER = 4499;
const MAX_REFUSALS = 3;
const RETRYABLE_CODES: ReadonlySet<string | undefined> = new Set(['UNAVAILABLE', 'RATE_LIMITED']);
const INBOX_LIMIT = 1_000;
const REMEMBERED_CURSORS = 1_000;

/** A client for one identity. It connects with the first operation; `token` is asked then, not now. */
export function createParleyClient(options: ParleyClientOptions): ParleyClient {
  const { token, backoff = jitteredBackoff, keepAliveMs = 10_000, pongTimeoutMs = 5_000, idleMs = 0 } = options;
  // graphql-ws opens the socket inside a promise it does not catch: a malformed address must fail here.
  const url = new URL(options.url).href;
  const pauses = new Pauses();
  const streams = new Set<AbortController>();
  let socket: Socket | undefined;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  let refusals = 0;
  let status: ConnectionStatus = 'disconnected';

  const connection = createClient({
    url,
    webSocketImpl: options.webSocketImpl,
    lazyCloseTimeout: idleMs,
    keepAlive: keepAliveMs,
    connectionAckWaitTimeout: 10_000,
    connectionParams,
    retryAttempts: Infinity,
    retryWait: (failures) => pauses.pause(backoff(failures)),
    shouldRetry,
    on: {
      connecting: () => setStatus('connecting'),
      opened: (opened) => (socket = opened as Socket),
      connected: () => setStatus('connected'),
      message: ({ type }) => {
        if (type === 'next') refusals = 0;
      },
      ping: (received, payload) => {
        if (!received) pongTimer = setTimeout(abandonSocket, pongTimeoutMs);
        else if (payload?.type === 'token-expiring') void renew();
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
      closed: (event) => {
        clearTimeout(pongTimer);
        if (isCloseEvent(event) && event.code === FORBIDDEN) refusals += 1;
        setStatus('disconnected');
      },
    },
  });

  function setStatus(next: ConnectionStatus): void {
    if (next === status) return;
    status = next;
    options.onStatus?.(next);
  }

  async function connectionParams(): Promise<Record<string, unknown> | undefined> {
    const opening = socket;
    try {
      const bearer = await token({ refused: refusals > 0 });
      return bearer === null ? undefined : { authorization: `Bearer ${bearer}` };
    } catch {
      // Throwing would make graphql-ws close with 4005, which it never retries. It does leave a socket alone that is no longer open.
      opening?.close(RETRY_LATER, 'No token');
      return undefined;
    }
  }

  /**
   * The open connection gets a fresher token, and what runs on it goes on. When that fails the server closes with 4403 in time, and the next
   * connection brings one.
   */
  async function renew(): Promise<void> {
    const accessToken = await Promise.resolve()
      .then(() => token({ refused: true }))
      .catch(() => null);
    if (accessToken === null || status !== 'connected') return;
    const ignore = (): void => undefined;
    connection.subscribe({ query: RENEW, variables: { accessToken } }, { next: ignore, error: ignore, complete: ignore });
  }

  /**
   * Asked only about what graphql-ws does not hold to be fatal (4400, 4401, 4406, 4409, 4429, 4500, most 1xxx). A refused connection is
   * an error event without a code, which graphql-ws would give up on. Anything else that is an `Error` is a broken protocol.
   * 4403 says that the token is not good (any more): the next try asks for another, but a server that keeps refusing is believed.
   */
  function shouldRetry(problem: unknown): boolean {
    if (isCloseEvent(problem)) return problem.code !== FORBIDDEN || refusals < MAX_REFUSALS;
    return !(problem instanceof Error);
  }

  /** A peer that went away without a word never closes; its late frames must not be taken for the next connection's. */
  function abandonSocket(): void {
    const abandoned = socket;
    if (abandoned) abandoned.onmessage = null;
    connection.terminate();
    abandoned?.terminate?.();
  }

  async function* read<Item extends StreamItem>(operation: StreamOperation, after: string | null, signal: AbortSignal) {
    const place = new Place(after);
    for (let failures = 0; !signal.aborted;) {
      try {
        for await (const item of subscribeOnce<Item>(connection, operation, place, signal)) {
          failures = 0;
          yield item;
        }
        if (!place.behind) return;
      } catch (error) {
        if (!(error instanceof OperationError) || !RETRYABLE_CODES.has(error.code)) throw error;
        await pauses.pause(Math.max(backoff(failures++), retryAfterMs(error)), signal);
      }
    }
  }

  function events<Item extends StreamItem>(operation: StreamOperation, { after = null, signal }: FollowOptions = {}) {
    const ending = new AbortController();
    const end = () => ending.abort();
    const items = read<Item>(operation, after, ending.signal);
    const forget = () => {
      signal?.removeEventListener('abort', end);
      streams.delete(ending);
      if (streams.size === 0) pauses.endAll();
    };
    streams.add(ending);
    ending.signal.addEventListener('abort', forget, { once: true });
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();

    const iterator: AsyncIterableIterator<Item | StreamOpening> = {
      async next() {
        try {
          const result = await items.next();
          if (result.done) end();
          return result;
        } catch (error) {
          end();
          throw error;
        }
      },
      return() {
        end();
        return items.return(undefined);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  async function follow<Item extends StreamItem>(operation: StreamOperation, handlers: FollowHandlers<Item>): Promise<void> {
    try {
      for await (const item of events<Item>(operation, handlers)) {
        if (!isOpening(item)) {
          await handlers.onEvent(item as StreamEventOf<Item>);
          continue;
        }
        await handlers.onOpened?.(item);
        if (!item.recovered) await handlers.onReset?.(item);
      }
    } catch (error) {
      handlers.onError(error);
    }
  }

  async function dispose(): Promise<void> {
    for (const ending of [...streams]) ending.abort();
    pauses.endAll();
    // Rejects when no connection was made in the end; then there is none to close.
    await Promise.resolve(connection.dispose()).catch(() => undefined);
  }

  return { connection, follow, events, dispose };
}

/**
 * One subscription, from its opening to its end, over as many connections as it takes.
 *
 * After a reconnect graphql-ws sends the *same payload object* again, serialised anew: plain variables would ask for everything after the
 * old cursor a second time, or, without one, for nothing of what was missed. So `variables` is a getter that reads the place reached when
 * the message is written. That keeps one operation and graphql-ws's own retry (shared with every other operation on the connection),
 * where subscribing anew per connection would need a second one beside it.
 */
async function* subscribeOnce<Item extends StreamItem>(
  connection: Client,
  { query, variables, field }: StreamOperation,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<Item | StreamOpening, void, undefined> {
  const inbox = new Inbox<Item | StreamOpening>();
  let opened = false;
  place.behind = false;

  const unsubscribe = connection.subscribe<Record<string, unknown>>(
    {
      query,
      get variables() {
        return { ...variables, after: place.cursor };
      },
    },
    {
      // Must not throw: graphql-ws would take it for a broken connection and close it for every operation.
      next: ({ data, errors }) => {
        // graphql-ws may hand over a few more after `unsubscribe`: they must not count as received.
        if (inbox.ended) return;
        const item = data?.[field];
        if (opened && isUnknownKind(item)) return;
        if (!isStreamItem(item)) return stop(unreadable(field, errors));
        if (!opened && !isOpening(item)) return stop(new TypeError('The first item is no StreamOpened: select `cursor recovered` on it.'));
        opened = true;
        if (place.advance(item)) inbox.push(item as Item);
        if (inbox.size < INBOX_LIMIT) return;
        // The reader is too slow: stop, let it catch up, and ask for the rest then.
        place.behind = true;
        stop();
      },
      error: (problem) => inbox.end(toError(problem)),
      complete: () => inbox.end(),
    },
  );

  /** At once, not when the reader comes back for more. */
  function stop(error?: Error): void {
    inbox.end(error);
    unsubscribe();
  }

  const onAbort = (): void => stop();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const item of inbox) {
      if (signal.aborted) return;
      yield item;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    unsubscribe();
  }
}

/** How far a stream has been received. Counted at arrival, not when handed over: what waits in the inbox is not asked for again. */
class Place {
  readonly #recent = new Set<string>();
  cursor: string | null;
  behind = false;

  constructor(after: string | null) {
    this.cursor = after;
  }

  /** Whether the item is new. Cursors are opaque, so a repeated one is known only by having been seen. */
  advance(item: StreamItem): boolean {
    if (isOpening(item)) {
      // While the server recovers, the missed events still follow: a cut now must ask for them again.
      if (this.cursor === null || !item.recovered) this.cursor = item.cursor;
      return true;
    }
    if (this.#recent.has(item.cursor)) return false;
    this.#remember(item.cursor);
    this.cursor = item.cursor;
    return true;
  }

  #remember(cursor: string): void {
    this.#recent.add(cursor);
    if (this.#recent.size <= REMEMBERED_CURSORS) return;
    const [oldest] = this.#recent;
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}

/** Items between the socket, which cannot wait, and the reader, who may. Ends once, with or without an error, after what it holds. */
class Inbox<Item> {
  readonly #items: Item[] = [];
  #error: Error | undefined;
  #wake: () => void = () => undefined;
  ended = false;

  get size(): number {
    return this.#items.length;
  }

  push(item: Item): void {
    if (this.ended) return;
    this.#items.push(item);
    this.#wake();
  }

  end(error?: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.#error = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) yield item;
      if (this.#error) throw this.#error;
      if (this.ended) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Waits that can be cut short: a client that is done must not keep its process alive until the next try. */
class Pauses {
  readonly #waiting = new Set<() => void>();

  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#waiting.add(end);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  endAll(): void {
    for (const end of [...this.#waiting]) end();
  }
}

/** What is used of a WebSocket; `terminate` exists in Node's `ws` only, where a close handshake would wait 30 s for a dead peer. */
interface Socket {
  onmessage: unknown;
  close(code: number, reason: string): void;
  terminate?(): void;
}

interface CloseEventLike {
  readonly code: number;
  readonly reason: string;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCloseEvent(value: unknown): value is CloseEventLike {
  return isObject(value) && typeof value.code === 'number' && typeof value.reason === 'string';
}

function isStreamItem(value: unknown): value is StreamItem {
  return isObject(value) && typeof value.cursor === 'string';
}

/** Servers learn new kinds of events: of those that the document does not select anything of, there is nothing to hand over. */
function isUnknownKind(value: unknown): boolean {
  return isObject(value) && Object.keys(value).every((key) => key === '__typename');
}

function isOpening(item: StreamItem): item is StreamOpening {
  return 'recovered' in item && typeof item.recovered === 'boolean';
}

function unreadable(field: string, errors: readonly OperationProblem[] | undefined): Error {
  return errors?.length ? new OperationError(errors) : new TypeError(`An item of ${field} has no cursor: select it on every event type.`);
}

function toError(problem: unknown): Error {
  if (Array.isArray(problem)) return new OperationError(problem as OperationProblem[]);
  if (isCloseEvent(problem)) return new ConnectionClosedError(problem.code, problem.reason);
  return problem instanceof Error ? problem : new Error('The connection failed.', { cause: problem });
}

function retryAfterMs(error: OperationError): number {
  const details = error.errors[0]?.extensions?.details;
  return isObject(details) && typeof details.retryAfterMs === 'number' ? details.retryAfterMs : 0;
}
