import type { FastifyInstance } from 'fastify';
import type { Gate } from '../graphql/gate';
import { ANONYMOUS } from '../lib/viewer';
import type { Logger } from '../observability/logger';
import { addressOf } from './address';
import type { ProxyTrust } from './address';
import { charged } from './visitors';

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
  /** Left out, nothing is counted. */
  readonly gate?: Gate;
  readonly trustProxy: ProxyTrust;
  readonly logger: Logger;
}

/** As a mutation. They are taken of the sender's address: a signature signs in nobody. */
export const WEBHOOK_POINTS = 5;

/** `POST /hooks/<source>`: 202 for what is new, 200 for what came before. In a scope of its own, because elsewhere bodies are parsed. */
export function serveWebhookIngress(server: FastifyInstance, { receive, gate, trustProxy, logger }: WebhookIngressOptions): void {
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.post<{ Params: { source: string } }>('/hooks/:source', async ({ params, headers, body, id, raw }, reply) => {
      const { source } = params;
      const delivery = { source, headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) };
      const sender = { viewer: ANONYMOUS, address: addressOf(raw, trustProxy) };
      const status = await charged(gate, sender, WEBHOOK_POINTS, reply, () => receive(delivery));
      logger.info({ source, requestId: id, status }, 'webhook');
      return reply.code(status === 'accepted' ? 202 : 200).send({ status });
    });
    done();
  });
}
