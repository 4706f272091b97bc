import { createClient as createSseClient, NetworkError } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface WireAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string; reason?: string } }[];
}

/** One caller's way to the server: the first answer to an operation, of a subscription the first event. */
export interface Transport {
  ask(query: string, variables: Record<string, unknown>): Promise<WireAnswer>;
  close(): Promise<void> | void;
}

export type TransportName = 'HTTP' | 'WS' | 'SSE';

export const TRANSPORTS: Readonly<Record<TransportName, (url: string, token: string | null) => Transport>> = {
  HTTP: overHttp,
  WS: overSocket,
  SSE: overEventStream,
};

function bearer(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

function overHttp(url: string, token: string | null): Transport {
  return {
    ask: async (query, variables) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(token) },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as WireAnswer;
    },
    close: () => undefined,
  };
}

function overSocket(url: string, token: string | null): Transport {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: bearer(token),
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
  });
  return { ask: (query, variables) => firstOf((sink) => client.subscribe({ query, variables }, sink)), close: () => client.dispose() };
}

function overEventStream(url: string, token: string | null): Transport {
  const client = createSseClient({ url: `${url}/graphql/stream`, headers: bearer(token), retryAttempts: 0 });
  return { ask: (query, variables) => firstOf((sink) => client.subscribe({ query, variables }, sink)), close: () => client.dispose() };
}

interface FirstSink {
  next(answer: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** Takes what comes first, and asks for no more. */
function firstOf(subscribe: (sink: FirstSink) => () => void): Promise<WireAnswer> {
  return new Promise((resolve) => {
    const answer = (given: WireAnswer): void => {
      resolve(given);
      // Some answer before they have given back what ends them.
      queueMicrotask(() => stop());
    };
    const stop = subscribe({
      next: (result) => answer(result as WireAnswer),
      error: (error) => void failed(error).then(answer),
      complete: () => answer({ errors: [{ message: 'ended without an answer' }] }),
    });
  });
}

const FORBIDDEN_CLOSE = 4403;

/** Errors in place of an answer; a socket that was closed because of its token tells no reason. */
async function failed(error: unknown): Promise<WireAnswer> {
  if (Array.isArray(error)) return { errors: error as WireAnswer['errors'] };
  if (error instanceof NetworkError && error.response instanceof Response) return (await error.response.json()) as WireAnswer;
  const closed = typeof error === 'object' && error !== null && 'code' in error && error.code === FORBIDDEN_CLOSE;
  return { errors: [{ message: String(error), extensions: closed ? { code: 'UNAUTHENTICATED' } : {} }] };
}
