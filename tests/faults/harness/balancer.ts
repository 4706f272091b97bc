import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** One address for several instances: each connection goes to the next one that takes it, of the ready ones if that is asked and any is. */
export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

export interface BalancerOptions {
  /** How often `/readyz` is asked; never unless given. */
  readonly checkEveryMs?: number | undefined;
}

export async function createBalancer(urls: readonly string[], { checkEveryMs }: BalancerOptions = {}): Promise<Balancer> {
  const ports = urls.map((url) => Number(new URL(url).port));
  const unready = new Set<number>();
  const check = async (port: number): Promise<void> => {
    if (await isReady(port)) unready.delete(port);
    else unready.add(port);
  };
  const checking = checkEveryMs === undefined ? undefined : setInterval(() => void ports.map(check), checkEveryMs);
  const open = new Set<Socket>();
  let next = 0;

  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.setNoDelay(true).on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  };
  const route = async (client: Socket): Promise<void> => {
    next += 1;
    const inTurn = ports.map((_, index) => ports[(next + index) % ports.length]!);
    const upstream = await firstThatTakes([...inTurn.filter((port) => !unready.has(port)), ...inTurn]);
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
      clearInterval(checking);
      const closed = once(server, 'close');
      server.close();
      for (const socket of [...open]) socket.destroy();
      await closed;
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } }).catch(() => null);
  await response?.arrayBuffer();
  return response?.status === 200;
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
