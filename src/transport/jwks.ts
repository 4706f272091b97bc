import type { FastifyInstance } from 'fastify';

/** Long enough to spare us most requests, short enough for a new key to be known before it signs (docs/tokens.md). */
const CACHE_SECONDS = 300;

/** `/.well-known/jwks.json` (RFC 7517): the keys with which others can check our tokens. Public, so that anybody may keep it. */
export function serveJwks(server: FastifyInstance, keys: readonly object[]): void {
  server.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', `public, max-age=${CACHE_SECONDS}`).type('application/jwk-set+json').send(JSON.stringify({ keys })),
  );
}
