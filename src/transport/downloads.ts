import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Actor } from '../lib/actor';
import type { Logger } from '../observability/logger';
import { charged, visitorOf } from './visitors';
import type { Doorkeeping } from './visitors';

/** A file that is made while it is taken: however long it is, it is never whole in memory. */
export interface Download {
  readonly mediaType: string;
  readonly fileName: string;
  readonly chunks: AsyncIterable<string>;
}

/** The download that a query string asks for; throws what the caller is told instead. */
export type OpenDownload = (actor: Actor, query: unknown) => Promise<Download>;

export interface DownloadsOptions extends Doorkeeping {
  /** By what follows `/exports/`. */
  readonly downloads: Readonly<Record<string, OpenDownload>>;
  readonly logger: Logger;
}

/** As the dearest operations: a file is read from beginning to end. */
export const DOWNLOAD_POINTS = 500;

/** `GET /exports/<name>`. A failure under way cuts the answer off: whoever reads it sees that the end is missing. */
export function serveDownloads(server: FastifyInstance, { downloads, logger, ...door }: DownloadsOptions): void {
  for (const [name, open] of Object.entries(downloads)) {
    server.get(`/exports/${name}`, async (request, reply) => {
      const visitor = await visitorOf(request, door);
      const actor = { ...visitor, requestId: request.id };
      const { mediaType, fileName, chunks } = await charged(door.gate, visitor, DOWNLOAD_POINTS, reply, () => open(actor, request.query));
      const file = Readable.from(chunks).on('error', (error) =>
        logger.error({ err: error, requestId: request.id, download: name }, 'a download broke off'),
      );
      return reply.type(mediaType).header('content-disposition', `attachment; filename="${fileName}"`).send(file);
    });
  }
}
