import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';

const EXAMPLE = resolve(__dirname, '../../examples/web-client');
const CONTENT_TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

export interface WebClient {
  /** The page, told to use the Parley at `serverUrl`. */
  pageUrl(serverUrl: string): string;
  close(): Promise<void>;
}

/** The example as its users get it: types generated, built, and served as plain files from another origin than the API. */
export async function serveWebClient(): Promise<WebClient> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-web-client-'));
  await promisify(execFile)('npm', ['run', 'build', '--', '--outDir', folder, '--emptyOutDir'], { cwd: EXAMPLE });
  const server = createServer((request, response) => {
    void findFile(folder, request.url ?? '/').then((file) => {
      if (file === null) return response.writeHead(404).end();
      response.setHeader('content-type', CONTENT_TYPES[extname(file)] ?? 'application/octet-stream');
      return createReadStream(file).pipe(response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    pageUrl: (serverUrl) => `http://127.0.0.1:${port}/?server=${encodeURIComponent(serverUrl)}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true });
    },
  };
}

async function findFile(folder: string, url: string): Promise<string | null> {
  const { pathname } = new URL(url, 'http://localhost');
  const file = join(folder, pathname === '/' ? 'index.html' : decodeURIComponent(pathname));
  const isInside = file.startsWith(folder + sep);
  return isInside && (await exists(file)) ? file : null;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
