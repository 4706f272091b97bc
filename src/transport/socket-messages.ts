import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type WebSocket from 'ws';
import { DomainError } from '../errors/domain-error';
import type { PublicError } from '../graphql/error-format';
import { writeText } from './socket-frames';
import { withNamedDocument } from './named-requests';

/**
 * graphql-ws takes a message that is parsed already as well as its text, and holds on to what it was given for as long as the operation
 * lasts. What is not JSON it refuses itself.
 */
export function parsed(data: Buffer): string {
  const text = data.toString();
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' ? (withDocument(message) as unknown as string) : text;
  } catch {
    return text;
  }
}

/** graphql-ws demands a document of every operation: who names one has an empty one. */
function withDocument(message: object | null): object | null {
  const { type, payload } = Object(message) as { readonly type?: unknown; readonly payload?: unknown };
  return type === 'subscribe' && isRecord(payload) ? { ...message, payload: withNamedDocument(payload) } : message;
}

export function startsOperation(message: string): boolean {
  const { type } = Object(message) as { readonly type?: unknown };
  return type === 'subscribe';
}

/** For the same reason: the document cache has the text, once for all. */
export function forgetText(payload: SubscribePayload): void {
  Object.assign(payload, { query: '' });
}

/** Also keeps the token out of memory once it is checked. */
export function takeParams(context: {
  readonly connectionParams?: Readonly<Record<string, unknown>>;
}): Readonly<Record<string, unknown>> | undefined {
  const { connectionParams } = context;
  Object.assign(context, { connectionParams: undefined });
  return connectionParams;
}

/** Keeps a payload out of memory once it is written: the loop that graphql-ws takes it from holds on to the last one until the next. */
export function takePayload(result: ExecutionResult): ExecutionResult {
  const payload = { ...result };
  result.data = null;
  return payload;
}

export function authorizationIn(params: Readonly<Record<string, unknown>> = {}): string | null {
  const authorization = params.authorization ?? params.Authorization ?? null;
  if (authorization === null || typeof authorization === 'string') return authorization;
  throw new DomainError('UNAUTHENTICATED', { message: 'authorization must be text.', reason: 'TOKEN_INVALID' });
}

/** A ping of graphql-transport-ws, which every client answers, with what it is about for those who look. */
export function expiryPing(expiresAt: Date): string {
  return JSON.stringify({ type: 'ping', payload: { type: 'token-expiring', expiresAt } });
}

/** A refused operation: graphql-ws sends what `toJSON` gives. */
export class RefusalError extends GraphQLError {
  constructor(private readonly shown: PublicError) {
    super(shown.message);
  }

  override toJSON(): GraphQLFormattedError {
    return this.shown;
  }
}

/** Resolves when the kernel has taken the text, so that a reader's slowness reaches the source. */
export function sendText(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState === socket.OPEN) writeText(socket, text, (error) => (error == null ? resolve() : reject(error)));
    else resolve();
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
