/** socket.io on its WebSocket transport: subscribers join the room they name as they connect, publishers emit to a room. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { ready } from './chat';

const http = createServer();
const server = new Server(http, { transports: ['websocket'], serveClient: false });

server.on('connection', (socket) => {
  const { room } = socket.handshake.auth as { readonly room?: string };
  if (room !== undefined) void socket.join(room);
  socket.on('publish', (to: string, event: unknown, accepted: () => void) => {
    server.to(to).emit('event', event);
    accepted();
  });
});

http.listen(0, '127.0.0.1', () => ready(http.address()));
