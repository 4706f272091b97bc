import type { Socket } from 'node:net';
import type WebSocket from 'ws';
import type { Batch, Rendered } from '../realtime/delivery-group';

/*
 * The only file that knows a WebSocket's inside. The frames of a batch are built once for each length of operation id; a subscriber's own
 * are a copy with its id patched in, written to the TCP socket in one call. This is safe because `ws` itself writes at once and in order
 * as long as nothing is compressed: `perMessageDeflate` is off, and what a socket with extensions is given goes through `send`.
 */

const TEXT_FRAME = 0x81;
const LONG_LENGTH = 126;
const LONGEST_LENGTH = 127;
const BEFORE_ID = '{"id":';
const AFTER_ID = ',"type":"next","payload":';

interface Template {
  readonly bytes: Buffer;
  /** Where each frame's id begins. */
  readonly idOffsets: readonly number[];
}

/** Writes one message: what `send` does, without its cork and its queue. */
export function writeText(socket: WebSocket, text: string, onTaken: (error?: Error | null) => void): void {
  const stream = streamOf(socket);
  if (stream === null) return socket.send(text, onTaken);
  const length = Buffer.byteLength(text);
  const header = frameHeader(length);
  const frame = Buffer.allocUnsafe(header.length + length);
  header.copy(frame);
  frame.write(text, header.length);
  stream.write(frame, onTaken);
}

/** Writes each item of the batch as a `next` message of graphql-transport-ws, in order, in one write. `id` is the operation's id as JSON. */
export function writeShared(socket: WebSocket, id: Buffer, batch: Batch<string>): void {
  if (socket.readyState !== socket.OPEN) return;
  const stream = streamOf(socket);
  if (stream === null) {
    for (const { payload } of batch.items) socket.send(`${BEFORE_ID}${id.toString()}${AFTER_ID}${payload}}`);
    return;
  }
  const { bytes, idOffsets } = batch.once(id.length, (items) => buildTemplate(items, id.length));
  const own = Buffer.allocUnsafe(bytes.length);
  bytes.copy(own);
  for (const offset of idOffsets) id.copy(own, offset);
  stream.write(own);
}

function streamOf(socket: WebSocket): Socket | null {
  const { _socket: stream } = socket as unknown as { readonly _socket?: Socket | null };
  return stream != null && socket.extensions === '' ? stream : null;
}

function buildTemplate(items: readonly Rendered<string>[], idLength: number): Template {
  const frames: Buffer[] = [];
  const idOffsets: number[] = [];
  let length = 0;
  for (const { payload } of items) {
    const after = Buffer.from(`${AFTER_ID}${payload}}`);
    const header = frameHeader(BEFORE_ID.length + idLength + after.length);
    idOffsets.push(length + header.length + BEFORE_ID.length);
    frames.push(header, Buffer.from(BEFORE_ID), Buffer.alloc(idLength), after);
    length += header.length + BEFORE_ID.length + idLength + after.length;
  }
  return { bytes: Buffer.concat(frames, length), idOffsets };
}

/** A whole, unmasked text message (RFC 6455, 5.2). */
function frameHeader(length: number): Buffer {
  if (length < LONG_LENGTH) return Buffer.from([TEXT_FRAME, length]);
  if (length <= 0xffff) return Buffer.from([TEXT_FRAME, LONG_LENGTH, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = TEXT_FRAME;
  header[1] = LONGEST_LENGTH;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
