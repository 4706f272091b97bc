import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Actor } from '../lib/actor';
import type { Logger } from '../observability/logger';
import { addressOf } from './address';
import type { ProxyTrust } from './address';
import type { Authenticate } from './authenticate';
import type { Cookies } from './cookies';

/** A file that is made while it is taken: however long it is, it is never whole in memory. */
export interface Download {
  readonly mediaType: string;
  readonly fileName: string;
  readonly chunks: AsyncIterable<string>;
}

/** The download that a query string asks for; throws what the caller is told instead. */
export type OpenDownload = (actor: Actor, query: unknown) => Promise<Download>;

export interface DownloadsOptions {
  /** By what follows `/exports/`. */
  readonly downloads: Readonly<Record<string, OpenDownload>>;
  readonly authenticate: Authenticate;
  readonly cookies: Cookies;
  readonly trustProxy: ProxyTrust;
  readonly logger: Logger;
}

/** `GET /exports/<name>`. A failure under way cuts the answer off: whoever reads it sees that the end is missing. */
export function serveDownloads(server: FastifyInstance, { downloads, authenticate, cookies, trustProxy, logger }: DownloadsOptions): void {
  for (const [name, open] of Object.entries(downloads)) {
    server.get(`/exports/${name}`, async (request, reply) => {
      const viewer = await authenticate(cookies.authorizationOf(request.headers));
      const actor = { viewer, address: addressOf(request.raw, trustProxy), requestId: request.id };
      const { mediaType, fileName, chunks } = await open(actor, request.query);
      const file = Readable.from(chunks).on('error', (error) =>
        logger.error({ err: error, requestId: request.id, download: name }, 'a download broke off'),
      );
      return reply.type(mediaType).header('content-disposition', `attachment; filename="${fileName}"`).send(file);
    });
  }
}
