import { startServer, stopProcess } from '../contestant';
import type { Contestant } from './contestant';
import { eventOf, roomOf } from './event';
import { openPublisher } from './publisher';
import type { Setting } from './variant';

/** The frame that a GraphQL server would send, from a server that knows nothing of it. */
export async function startRaw({ subscribers, rooms }: Setting, coalesce: boolean): Promise<Contestant> {
  const { process: child, pid, ready } = await startServer<{ port: number }>('raw-ws.ts', { COALESCE: coalesce ? '1' : '0' });
  const url = `ws://127.0.0.1:${ready.port}`;
  const frame = (n: number): string =>
    JSON.stringify({ id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', type: 'next', payload: { data: { channelEvents: eventOf(n) } } });
  const { publish, close } = await openPublisher({
    url: `${url}/publish`,
    hello: [],
    write: (n) => `${roomOf(n, rooms)}|${frame(n)}`,
    read: () => 'accepted',
  });
  return {
    name: coalesce ? 'raw ws, coalescing' : 'raw ws',
    pids: [pid],
    seats: Array.from({ length: subscribers }, (_, index) => {
      const room = roomOf(index, rooms);
      return { url: `${url}/${room}`, hello: [['hello']], room };
    }),
    publish,
    stop: async () => {
      close();
      await stopProcess(child);
    },
  };
}

/** Its protocol in plain frames: `40` connects, `42` is an event, `43` acknowledges one, `2` asks for a `3`. */
export async function startSocketIo({ subscribers, rooms }: Setting): Promise<Contestant> {
  const { process: child, pid, ready } = await startServer<{ port: number }>('socket-io.ts');
  const url = `ws://127.0.0.1:${ready.port}/socket.io/?EIO=4&transport=websocket`;
  const heartbeat = { asked: '2', answered: '3' };
  const { publish, close } = await openPublisher({
    url,
    heartbeat,
    hello: ['40'],
    write: (n) => `42${n}${JSON.stringify(['publish', String(roomOf(n, rooms)), eventOf(n)])}`,
    read: (text) => (text.startsWith('43') ? 'accepted' : undefined),
  });
  return {
    name: 'socket.io room',
    pids: [pid],
    seats: Array.from({ length: subscribers }, (_, index) => {
      const room = roomOf(index, rooms);
      // Two frames answer: the transport's own opening and the connection, in either order with what is asked.
      return { url, heartbeat, hello: [[`40${JSON.stringify({ room: String(room) })}`], []], room };
    }),
    publish,
    stop: async () => {
      close();
      await stopProcess(child);
    },
  };
}
