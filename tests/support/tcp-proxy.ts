import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';

/** Stands between a client and a server on loopback and does to the bytes what bad networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Pairs of sockets that are open now. */
  readonly connections: number;
  /** Holds every chunk back for this long, in both directions; 0 ends it. */
  delay(milliseconds: number): void;
  /** Swallows everything from now on, on connections old and new, without a word to either side. */
  blackhole(): void;
  /** Lets bytes pass again, on new connections: what was swallowed is gone, so the old ones are cut. */
  heal(): void;
  /** Ends every connection with RST. */
  reset(): void;
  /** Ends every connection with FIN. */
  cut(): void;
  close(): Promise<void>;
}

export async function createTcpProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let delayMs = 0;
  let swallowing = false;

  const pipe = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => {
      if (swallowing) return;
      if (delayMs === 0) to.write(chunk);
      else setTimeout(() => to.destroyed || to.write(chunk), delayMs);
    });
  };
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host ?? '127.0.0.1');
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    pipe(client, upstream);
    pipe(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');

  const proxy: TcpProxy = {
    port: address.port,
    get connections() {
      return pairs.size;
    },
    delay: (milliseconds) => {
      delayMs = milliseconds;
    },
    blackhole: () => {
      swallowing = true;
    },
    heal: () => {
      if (swallowing) proxy.reset();
      swallowing = false;
    },
    reset: () => {
      for (const pair of [...pairs]) for (const socket of pair) socket.resetAndDestroy();
    },
    cut: () => {
      for (const pair of [...pairs]) for (const socket of pair) socket.destroySoon();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const pair of [...pairs]) for (const socket of pair) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
