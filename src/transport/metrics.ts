import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../observability/metrics';

/** `/metrics` in Prometheus' text format. */
export function serveMetrics(server: FastifyInstance, metrics: Metrics): void {
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.print()));
}
