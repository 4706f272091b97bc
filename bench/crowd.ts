/**
 * A crowd in a process of its own: opens its seats, many at a time, and then only answers pings. Written on bare TCP, because the work of
 * a WebSocket library here would be taken from the server, which has the same cores.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Seat } from './contestant';

export type CrowdOrder = { readonly kind: 'open'; readonly seats: readonly Seat[] } | { readonly kind: 'leave' };

const OPENING_AT_ONCE = 64;
const TEXT = 0x81;
const PONG = 0x8a;
const PING_OPCODE = 0x9;
const TEXT_OPCODE = 0x1;
const HEAD_END = '\r\n\r\n';
/** Frames of clients are masked; this mask changes nothing. */
const MASK = Buffer.alloc(4);

let sockets: Socket[] = [];
let leaving = false;

process.on('message', (order: CrowdOrder) => {
  if (order.kind === 'open') void openAll(order.seats).then(() => process.send?.('done'));
  else void leaveAll().then(() => process.send?.('done'));
});

async function openAll(seats: readonly Seat[]): Promise<void> {
  leaving = false;
  const waiting = seats.values();
  const openers = Array.from({ length: OPENING_AT_ONCE }, async () => {
    for (const seat of waiting) await open(seat);
  });
  await Promise.all(openers);
}

async function leaveAll(): Promise<void> {
  leaving = true;
  const left = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of sockets) socket.destroy();
  await Promise.all(left);
  sockets = [];
}

/** Resolves when every part of the seat's hello has been answered. */
function open({ url, protocol, hello }: Seat): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  const bursts = [...hello];
  let unread: Buffer = Buffer.alloc(0);
  let upgraded = false;
  return new Promise((resolve) => {
    const say = (): void => {
      const burst = bursts.shift();
      if (burst === undefined) resolve();
      else socket.write(Buffer.concat(burst.map((text) => frame(TEXT, Buffer.from(text)))));
    };
    socket.on('connect', () => socket.write(handshake(pathname, protocol)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!leaving) throw new Error(`the server ended a socket: ${unread.toString('latin1')}`);
    });
    socket.on('data', (bytes) => {
      unread = unread.length === 0 ? bytes : Buffer.concat([unread, bytes]);
      if (!upgraded) {
        const end = unread.indexOf(HEAD_END);
        if (end === -1 || !unread.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) return;
        upgraded = true;
        unread = unread.subarray(end + HEAD_END.length);
        say();
      }
      for (let first = frameIn(unread); first !== null; first = frameIn(unread)) {
        unread = unread.subarray(first.size);
        if (first.opcode === PING_OPCODE) socket.write(frame(PONG, Buffer.alloc(0)));
        else if (first.opcode === TEXT_OPCODE) say();
      }
    });
  });
}

function handshake(path: string, protocol: string | undefined): string {
  const headers = [
    `GET ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocol === undefined ? [] : [`sec-websocket-protocol: ${protocol}`]),
  ];
  return `${headers.join('\r\n')}${HEAD_END}`;
}

function frame(first: number, payload: Buffer): Buffer {
  const long = payload.length >= 126;
  const header = Buffer.from([first, 0x80 | (long ? 126 : payload.length), ...(long ? [payload.length >> 8, payload.length & 0xff] : [])]);
  return Buffer.concat([header, MASK, payload]);
}

/** The first whole frame of a server, which masks nothing; null while there is none. */
function frameIn(bytes: Buffer): { readonly opcode: number; readonly size: number } | null {
  const length = (bytes[1] ?? 0) & 0x7f;
  const size = length < 126 ? 2 + length : bytes.length < 4 ? Infinity : 4 + bytes.readUInt16BE(2);
  return bytes.length < Math.max(2, size) ? null : { opcode: (bytes[0] ?? 0) & 0x0f, size };
}
