import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface ApiError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; reason?: string; requestId: string; details?: Record<string, unknown> };
}

export interface ApiAnswer<T> {
  status: number;
  data: T | null;
  errors: ApiError[];
}

/** Thrown by `run`; carries the first error's code and reason for short assertions. */
export class ApiFailure extends Error {
  constructor(readonly errors: ApiError[]) {
    super(JSON.stringify(errors));
  }

  get code(): string {
    return this.errors[0]?.extensions.code ?? 'NONE';
  }

  get reason(): string | undefined {
    return this.errors[0]?.extensions.reason;
  }
}

/** What carries subscriptions: a socket, or event streams, one for each or one for all. */
export type Carrier = 'ws' | 'sse' | 'sse-single';

/** One caller of one instance: HTTP for requests, graphql-ws or graphql-sse (the real clients) for subscriptions. */
export class ApiClient {
  private client: SubscriptionClient | null = null;
  private socket: WebSocket | null = null;

  constructor(
    readonly url: string,
    readonly token: string | null = null,
    private readonly carrier: Carrier = 'ws',
  ) {}

  as(token: string | null): ApiClient {
    return new ApiClient(this.url, token);
  }

  /** The same caller with another way for its subscriptions. */
  over(carrier: Carrier): ApiClient {
    return new ApiClient(this.url, this.token, carrier);
  }

  async post(body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; json: Record<string, unknown> }> {
    const authorization: Record<string, string> = this.token === null ? {} : { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  async ask<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<ApiAnswer<T>> {
    const { status, json } = await this.post({ query: print(document), variables });
    return { status, data: (json.data ?? null) as T | null, errors: (json.errors ?? []) as ApiError[] };
  }

  /** The data; throws ApiFailure when there is any error. */
  async run<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T> {
    const answer = await this.ask(document, variables);
    if (answer.errors.length > 0 || answer.data === null) throw new ApiFailure(answer.errors);
    return answer.data;
  }

  /** The code and reason of a failure that must happen. */
  async refused<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<{ code: string; reason: string | undefined }> {
    const { errors } = await this.ask(document, variables);
    const failure = new ApiFailure(errors);
    return { code: failure.code, reason: failure.reason };
  }

  /** Subscribes over this caller's one socket, or its event streams. */
  follow<T, V extends Record<string, unknown>>(document: TypedDocumentNode<T, V>, variables: V): Follower<T> {
    return new Follower<T>(this.connection(), print(document), variables);
  }

  /** Cuts the connection as a lost network would: no close frame. */
  cut(): void {
    this.socket?.terminate();
  }

  async close(): Promise<void> {
    await this.client?.dispose();
    this.client = null;
  }

  private connection(): SubscriptionClient {
    this.client ??= this.carrier === 'ws' ? this.openSocket() : this.openStreams(this.carrier === 'sse-single');
    return this.client;
  }

  private openStreams(singleConnection: boolean): SubscriptionClient {
    const headers: Record<string, string> = this.token === null ? {} : { authorization: `Bearer ${this.token}` };
    return createSseClient<boolean>({ url: `${this.url}/graphql/stream`, headers, singleConnection, retryAttempts: 0 });
  }

  private openSocket(): SubscriptionClient {
    const keep = (socket: WebSocket): void => {
      this.socket = socket;
    };
    return createClient({
      url: `${this.url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols?: string | string[]) {
          super(address, protocols);
          keep(this);
        }
      },
      connectionParams: this.token === null ? {} : { authorization: `Bearer ${this.token}` },
      retryAttempts: 0,
      lazy: true,
    });
  }
}

/** What the two clients have in common. */
interface SubscriptionClient {
  subscribe<T>(operation: { query: string; variables: Record<string, unknown> }, sink: ResultSink<T>): () => void;
  dispose(): void | Promise<void>;
}

interface ResultSink<T> {
  next(result: { data?: T | null; errors?: readonly unknown[] }): void;
  error(error: unknown): void;
  complete(): void;
}

/** Everything one subscription received, and how it ended. */
export class Follower<T> {
  readonly received: T[] = [];
  readonly errors: ApiError[] = [];
  readonly ended: Promise<{ code: number | null }>;
  private readonly dispose: () => void;

  constructor(client: SubscriptionClient, query: string, variables: Record<string, unknown>) {
    let end!: (how: { code: number | null }) => void;
    this.ended = new Promise((resolve) => (end = resolve));
    this.dispose = client.subscribe<T>(
      { query, variables },
      {
        next: (result) => {
          if (result.errors !== undefined) this.errors.push(...(result.errors as unknown as ApiError[]));
          if (result.data != null) this.received.push(result.data);
        },
        error: (error) => {
          if (Array.isArray(error)) this.errors.push(...(error as ApiError[]));
          end({ code: isCloseEvent(error) ? error.code : null });
        },
        complete: () => end({ code: null }),
      },
    );
  }

  stop(): void {
    this.dispose();
  }
}

function isCloseEvent(error: unknown): error is { code: number } {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number';
}
