import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';

/** When a connection is cut: as soon as the words are on their way, or when the server answers them, which the client never sees. */
export type CutMoment = 'sent' | 'answered';

/** Stands between a client and a server on loopback and does to the bytes what bad networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Pairs of sockets that are open now. */
  readonly connections: number;
  /** Holds every chunk back for this long and up to `jitter` longer, in order, in both directions; 0 ends it. */
  delay(milliseconds: number, jitter?: number): void;
  /** Swallows everything from now on, on connections old and new, without a word to either side. */
  blackhole(): void;
  /** Lets bytes pass again, on new connections: what was swallowed is gone, so the old ones are cut. */
  heal(): void;
  /** Lets the next chunk with these words reach the server, then ends that connection. Resolves when that has happened. */
  cutAfter(words: string, moment: CutMoment): Promise<void>;
  /** Ends every connection with RST. */
  reset(): void;
  /** Ends one connection, chosen at random, with RST. */
  resetOne(): void;
  /** Ends every connection with FIN. */
  cut(): void;
  close(): Promise<void>;
}

interface Trap {
  readonly words: string;
  readonly moment: CutMoment;
  readonly done: () => void;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Set when the words have passed, and the answer is what the connection ends with. */
  trap: Trap | null;
}

export async function createTcpProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let delayMs = 0;
  let jitterMs = 0;
  let swallowing = false;
  let trap: Trap | null = null;

  /** Whatever the timers do, the first chunk that came is the first that goes. */
  const pipe = (from: Socket, to: Socket, passes: (chunk: Buffer) => boolean): void => {
    const held: Buffer[] = [];
    const letGo = (): void => {
      const chunk = held.shift();
      if (chunk !== undefined && !to.destroyed) to.write(chunk);
    };
    from.on('data', (chunk) => {
      if (swallowing || !passes(chunk)) return;
      held.push(chunk);
      if (delayMs + jitterMs === 0 && held.length === 1) letGo();
      else setTimeout(letGo, delayMs + Math.random() * jitterMs);
    });
  };
  const spring = ({ client, upstream }: Pair, { done }: Trap): void => {
    client.resetAndDestroy();
    upstream.destroySoon();
    done();
  };
  const asking = (pair: Pair) => (chunk: Buffer) => {
    if (trap === null || !chunk.includes(trap.words)) return true;
    const sprung = trap;
    trap = null;
    if (sprung.moment === 'answered') pair.trap = sprung;
    else {
      pair.upstream.write(chunk);
      spring(pair, sprung);
    }
    return sprung.moment === 'answered';
  };
  const answering = (pair: Pair) => () => {
    if (pair.trap !== null) spring(pair, pair.trap);
    return pair.trap === null;
  };

  const server = createServer((client) => {
    const upstream = connect(target.port, target.host ?? '127.0.0.1');
    const pair: Pair = { client, upstream, trap: null };
    pairs.add(pair);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of [client, upstream]) other.destroy();
      });
    }
    pipe(client, upstream, asking(pair));
    pipe(upstream, client, answering(pair));
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
    delay: (milliseconds, jitter = 0) => {
      delayMs = milliseconds;
      jitterMs = jitter;
    },
    blackhole: () => {
      swallowing = true;
    },
    heal: () => {
      if (swallowing) proxy.reset();
      swallowing = false;
    },
    cutAfter: (words, moment) => new Promise((done) => (trap = { words, moment, done })),
    reset: () => {
      for (const { client, upstream } of [...pairs]) for (const socket of [client, upstream]) socket.resetAndDestroy();
    },
    resetOne: () => {
      const pair = [...pairs][Math.floor(Math.random() * pairs.size)];
      pair?.client.resetAndDestroy();
      pair?.upstream.resetAndDestroy();
    },
    cut: () => {
      for (const { client, upstream } of [...pairs]) for (const socket of [client, upstream]) socket.destroySoon();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const { client, upstream } of [...pairs]) for (const socket of [client, upstream]) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
