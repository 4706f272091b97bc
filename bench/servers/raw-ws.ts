/**
 * The plain WebSocket: every message of a publisher, `room|text`, goes to every subscriber of the room, who came to `/room`. `COALESCE=1`
 * writes all events of one event-loop turn in one write per socket, from one pre-built buffer; otherwise one `send` each.
 */
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

const SEPARATOR = '|'.charCodeAt(0);

class Room {
  readonly subscribers = new Set<WebSocket>();
  private waiting: Buffer[] = [];

  sendEach(text: string): void {
    for (const socket of this.subscribers) socket.send(text);
  }

  sendInOneWrite(text: Buffer): void {
    if (this.waiting.length === 0) setImmediate(() => this.flush());
    this.waiting.push(frame(text));
  }

  private flush(): void {
    const bytes = Buffer.concat(this.waiting);
    this.waiting = [];
    for (const socket of this.subscribers) (socket as unknown as { _socket: Socket })._socket.write(bytes);
  }
}

const coalesce = process.env.COALESCE === '1';
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const rooms = new Map<string, Room>();

server.on('connection', (socket, request) => {
  const name = (request.url ?? '').slice(1);
  if (name === 'publish') acceptFrom(socket);
  else seat(socket, roomNamed(name));
});

server.on('listening', () => process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`));

function seat(socket: WebSocket, { subscribers }: Room): void {
  subscribers.add(socket);
  socket.on('close', () => subscribers.delete(socket));
  socket.on('message', () => socket.send('hello'));
}

function acceptFrom(publisher: WebSocket): void {
  publisher.on('message', (data: Buffer) => {
    const end = data.indexOf(SEPARATOR);
    const room = roomNamed(data.toString('latin1', 0, end));
    if (coalesce) room.sendInOneWrite(data.subarray(end + 1));
    else room.sendEach(data.toString('utf8', end + 1));
    publisher.send('ok');
  });
}

function roomNamed(name: string): Room {
  const room = rooms.get(name) ?? new Room();
  rooms.set(name, room);
  return room;
}

function frame(payload: Buffer): Buffer {
  const short = payload.length < 126;
  const header = Buffer.alloc(short ? 2 : 4);
  header[0] = 0x81;
  header[1] = short ? payload.length : 126;
  if (!short) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
