/**
 * The plain WebSocket: every message of a publisher goes to every subscriber. `COALESCE=1` writes all events of one event-loop turn in one
 * write per socket, from one pre-built buffer; otherwise one `send` each.
 */
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

const coalesce = process.env.COALESCE === '1';
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const subscribers = new Set<WebSocket>();
let waiting: Buffer[] = [];

server.on('connection', (socket, request) => {
  if (request.url === '/publish') {
    socket.on('message', (data) => {
      publish(data as Buffer);
      socket.send('ok');
    });
    return;
  }
  subscribers.add(socket);
  socket.on('close', () => subscribers.delete(socket));
  socket.on('message', () => socket.send('hello'));
});

server.on('listening', () => process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`));

function publish(text: Buffer): void {
  if (!coalesce) {
    const string = text.toString();
    for (const socket of subscribers) socket.send(string);
    return;
  }
  if (waiting.length === 0) setImmediate(flush);
  waiting.push(frame(text));
}

function flush(): void {
  const bytes = Buffer.concat(waiting);
  waiting = [];
  for (const socket of subscribers) (socket as unknown as { _socket: Socket })._socket.write(bytes);
}

function frame(payload: Buffer): Buffer {
  const short = payload.length < 126;
  const header = Buffer.alloc(short ? 2 : 4);
  header[0] = 0x81;
  header[1] = short ? payload.length : 126;
  if (!short) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
