import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** One address for several instances: each connection goes to the next one that takes it. */
export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

export async function createBalancer(urls: readonly string[]): Promise<Balancer> {
  const ports = urls.map((url) => Number(new URL(url).port));
  const open = new Set<Socket>();
  let next = 0;

  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.setNoDelay(true).on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  };
  const route = async (client: Socket): Promise<void> => {
    next += 1;
    const upstream = await firstThatTakes(ports.map((_, index) => ports[(next + index) % ports.length]!));
    if (upstream === null || client.destroyed) {
      upstream?.destroy();
      client.destroy();
      return;
    }
    keep(upstream);
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  };
  const server = createServer((client) => {
    keep(client);
    void route(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The balancer has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of [...open]) socket.destroy();
      await closed;
    },
  };
}

async function firstThatTakes(ports: readonly number[]): Promise<Socket | null> {
  for (const port of ports) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      socket.destroy();
    }
  }
  return null;
}
