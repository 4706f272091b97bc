import type { FastifyInstance } from 'fastify';
import type { Logger } from '../observability/logger';

/** What came in, unread: its bytes are what the signature is over. */
export interface WebhookDelivery {
  readonly source: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Keeps what is genuine, once; throws what the sender is told instead. */
export type ReceiveWebhook = (delivery: WebhookDelivery) => Promise<'accepted' | 'duplicate'>;

export interface WebhookIngressOptions {
  readonly receive: ReceiveWebhook;
  readonly logger: Logger;
}

/** `POST /hooks/<source>`: 202 for what is new, 200 for what came before. In a scope of its own, because elsewhere bodies are parsed. */
export function serveWebhookIngress(server: FastifyInstance, { receive, logger }: WebhookIngressOptions): void {
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.post<{ Params: { source: string } }>('/hooks/:source', async ({ params, headers, body, id }, reply) => {
      const { source } = params;
      const status = await receive({ source, headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) });
      logger.info({ source, requestId: id, status }, 'webhook');
      return reply.code(status === 'accepted' ? 202 : 200).send({ status });
    });
    done();
  });
}
