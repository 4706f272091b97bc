import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A front end on another origin, with one page and nothing on it. */
export async function servePage(): Promise<PageServer> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<h1>The page</h1>'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/signed-in`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
