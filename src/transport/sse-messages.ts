import type { ServerResponse } from 'node:http';
import type { RequestParams } from 'graphql-sse';
import type { Batch } from '../realtime/delivery-group';

/*
 * The only file that knows how graphql-sse writes: what the messages of an event stream look like, and when they carry an operation's id.
 * Its contract test compares them byte for byte with what graphql-sse makes of the same payloads.
 */

const NEXT = 'event: next\ndata: ';
const END = '\n\n';

/** Whether a message of graphql-sse's carries a payload: the others say `complete`, or keep the connection alive. */
export function isNext(message: string): boolean {
  return message.startsWith(NEXT);
}

/** The id under which an operation's payloads go out, as JSON; null on a stream of its own, which has no need of one. */
export function operationIdOf(accept: string | undefined, { extensions }: RequestParams): string | null {
  return accept === 'text/event-stream' ? null : JSON.stringify(String(extensions?.operationId));
}

/** Writes each item of the batch as a `next` message, in order, in one write. Whatever has the same id, or none, shares the bytes. */
export function writeShared(response: ServerResponse, id: string | null, batch: Batch<string>): void {
  if (!isWritable(response)) return;
  const [before, after] = id === null ? [NEXT, END] : [`${NEXT}{"id":${id},"payload":`, `}${END}`];
  response.write(batch.once(before, (items) => Buffer.from(items.map(({ payload }) => `${before}${payload}${after}`).join(''))));
}

/** Node's own `writable` stays true when the response has ended, and a write to it then is an error that nobody catches. */
export function isWritable({ writableEnded, destroyed }: ServerResponse): boolean {
  return !writableEnded && !destroyed;
}
